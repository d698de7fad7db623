import Datasets
import Evaluation
import Support
import ArgumentParser
import Reporting

/// `maskct statistics`: what structures look like in CT, simulated or real.
struct StatisticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statistics",
    abstract: "Measure HU, spread and noise of structures in CT images.",
    discussion: """
      Reports, for every structure, the mean HU over cases, its spread between cases, and the median over \
      cases of the spread within a case, of the noise, and of the correlation between neighbouring voxels \
      in the plane and along z. Voxels at the edge of a structure do not count. Run it on simulated and on \
      real images of the same spacing to see what a recipe or a protocol should change: --against puts both \
      into one table, with the distance of their histograms and of their textures.

      EXAMPLES
        Simulated images, and real ones in which the liver is 6:
          maskct statistics --images Dataset001_Liver/imagesTr \\
            --labels Dataset001_Liver/labelsTr
          maskct statistics --images ct --labels labels --structure liver=6
        Both in one table:
          maskct statistics --images Dataset001_Liver/imagesTr --labels Dataset001_Liver/labelsTr \\
            --against ct --against-labels labels --against-structure liver=6
      """)

  @Option(help: ArgumentHelp("Folder of CT images in HU, or one file.", valueName: "path"))
  var images: String

  @Option(help: ArgumentHelp("Folder of the matching label maps, or one file.", valueName: "path"))
  var labels: String

  @Option(
    help: ArgumentHelp(
      """
      Structure to measure: NAME=ID; join several ids with commas. Repeatable. (default: the labels of a \
      dataset.json in or above the folder of label maps)
      """, valueName: "name=id"))
  var structure: [String] = []

  @Option(
    help: ArgumentHelp(
      "Folder of CT images to compare with, or one file.", valueName: "path"))
  var against: String?

  @Option(
    help: ArgumentHelp(
      "Folder of the label maps of --against, or one file.", valueName: "path"))
  var againstLabels: String?

  @Option(
    help: ArgumentHelp(
      """
      Structure in the label maps of --against: NAME=ID. Repeatable. (default: the labels of a dataset.json \
      there, otherwise those of --structure)
      """, valueName: "name=id"))
  var againstStructure: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Count HU beyond these as these, for images that were published clipped.",
      valueName: "low,high"))
  var limits: HULimits?

  @Option(
    help: ArgumentHelp(
      "Also write one line per case and structure to this file.", valueName: "file"))
  var csv: String?

  @OptionGroup var overwrite: OverwriteOptions
  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    let run = try HUStatisticsRun(
      images: images, labels: labels,
      structures: try structures(structure, labels, flag: "--structure"), limits: limits?.range)
    let other = try against.map { images in
      guard let againstLabels else {
        throw MaskCTError(
          .usage, "--against needs label maps", remedy: "add --against-labels FOLDER")
      }
      let named =
        againstStructure.isEmpty && DatasetDescription.file(for: againstLabels) == nil
        ? structure : againstStructure
      return try HUStatisticsRun(
        images: images, labels: againstLabels,
        structures: try structures(named, againstLabels, flag: "--against-structure"),
        limits: limits?.range)
    }
    if let csv { try overwrite.check(csv) }
    let summary = measure(run)
    let second = other.map(measure)
    if !summary.cases.isEmpty {
      if let csv { try AtomicFile.write(HUTable.csv(summary), to: csv) }
      if let second {
        print(HUTable.text(summary, second, names: (first: "images", second: "against")).text)
      } else {
        print(HUTable.text(summary).text)
      }
    }
    let failures = summary.failures + (second?.failures ?? [])
    for failure in failures { Terminal.error("maskct: error: \(failure.problem)\n") }
    if !failures.isEmpty {
      let count = run.cases.count + (other?.cases.count ?? 0)
      Terminal.error("maskct: error: \(failures.count) of \(count) cases not measured\n")
      throw ExitCode(1)
    }
  }

  private func measure(_ run: HUStatisticsRun) -> HUStatisticsRun.Summary {
    let progress = ProgressLine("Measuring", total: run.cases.count)
    let summary = run.run(workers: threads.workers) { progress.update($0, detail: $1) }
    progress.finish()
    return summary
  }

  private func structures(_ named: [String], _ labels: String, flag: String) throws
    -> [EvaluatedStructure]
  {
    if !named.isEmpty { return try named.map { try EvaluatedStructure(parsing: $0) } }
    if let file = DatasetDescription.file(for: labels) {
      return try EvaluatedStructure.named(in: file)
    }
    throw MaskCTError(
      .usage, "no structure is named and there is no dataset.json beside the label maps",
      remedy: "name what to measure, for example \(flag) liver=1")
  }
}

/// Two HU, the lower first: `-125,275`.
struct HULimits: ExpressibleByArgument {
  /// From the lower to the higher.
  let range: ClosedRange<Float>

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
    guard parts.count == 2, let low = parts[0], let high = parts[1], low < high else { return nil }
    range = low...high
  }
}
