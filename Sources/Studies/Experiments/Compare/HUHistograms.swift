import Reporting
import Support
import Tissues
import Volumes

/// HU histograms of what every arm learns from, and of the real CT that it is tested on.
struct HUHistograms {
  let run: ExperimentRun
  /// Cases of every arm that are counted; more would change nothing that the eye can see.
  static let cases = 8

  /// The range and the width of bins, HU.
  private struct Bins {
    var lowest: Double
    var width: Double
    var count: Int

    func index(of value: Float) -> Int? {
      let position = (Double(value) - lowest) / width
      return position >= 0 && position < Double(count) ? Int(position) : nil
    }
  }

  private static let everything = Bins(lowest: -1050, width: 25, count: 100)
  private static let tissue = Bins(lowest: -200, width: 10, count: 60)
  /// Where bone is counted, too.
  private static let dense = Bins(lowest: -200, width: 40, count: 55)

  /// A panel over all voxels of the body, and one for every structure.
  func panels() -> [HistogramPanel] {
    let structures = run.structures
    var series: [(name: String, isReal: Bool, counts: [[Double]])] = []
    if let real = count(
      names(in: run.layout.testLabels).prefix(Self.cases).map { file in
        let name = String(file.dropLast(".nii.gz".count))
        return (
          (try? CaseFinder.file(for: name, in: run.layout.testImages)) ?? "",
          run.layout.testLabels + "/" + file
        )
      })
    {
      series.append((run.experiment.phantoms == nil ? "test CT" : "test scans", true, real))
    }
    for arm in run.experiment.arms {
      guard let seed = run.experiment.training.seeds.first,
        let dataset = try? run.layout.dataset(arm: arm.name, seed: seed),
        let counts = count(
          dataset.cases.prefix(Self.cases).map { (dataset.image(of: $0), dataset.label(of: $0)) })
      else { continue }
      series.append((arm.displayTitle, arm.isClinical, counts))
    }
    guard !series.isEmpty else { return [] }
    let body = panel(
      "body", Self.everything, series.map { ($0.name, $0.isReal, $0.counts[0]) })
    return [body]
      + structures.enumerated().map { index, name in
        panel(name, bins(of: name), series.map { ($0.name, $0.isReal, $0.counts[index + 1]) })
      }
  }

  private func bins(of structure: String) -> Bins {
    let prior = try? TissueTable.standard.prior(for: structure, phase: .native)
    return prior.map { TissueTable.standard.isBone($0.tissue) } == true ? Self.dense : Self.tissue
  }

  private func panel(
    _ title: String, _ bins: Bins, _ series: [(String, Bool, [Double])]
  ) -> HistogramPanel {
    HistogramPanel(
      title: title, lowest: bins.lowest, binWidth: bins.width,
      series: series.map { .init(name: $0.0, isReal: $0.1, densities: $0.2) })
  }

  /// Counts of all voxels above -950 HU, then of every structure; nil where nothing can be read.
  private func count(_ files: [(image: String, labels: String)]) -> [[Double]]? {
    let bins = [Self.everything] + run.structures.map(bins(of:))
    var counts = bins.map { [Double](repeating: 0, count: $0.count) }
    var isEmpty = true
    for (image, labels) in files {
      guard let volume = try? NIfTI.readVolume(image, workers: run.workers).volume,
        let map = try? NIfTI.readLabelMap(labels, workers: run.workers).labels,
        map.values.count == volume.values.count
      else { continue }
      isEmpty = false
      for (value, label) in zip(volume.values, map.values) {
        // Air around the body would dwarf everything else.
        if value > -950, let bin = bins[0].index(of: value) { counts[0][bin] += 1 }
        let label = Int(label)
        if label > 0, label < bins.count, let bin = bins[label].index(of: value) {
          counts[label][bin] += 1
        }
      }
    }
    return isEmpty ? nil : counts
  }
}
