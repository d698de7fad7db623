import Datasets
public import Support
import Volumes

/// Measures structures in a folder of CT images with their label maps (or one file with one).
///
/// Files belong together by case name (`CaseFiles`). A case that cannot be measured is recorded and
/// the others continue.
public struct HUStatisticsRun: Sendable {
  /// The figures of one case, one entry a structure; `nil` where it is missing or too thin.
  public struct CaseStatistics: Equatable, Sendable {
    /// The case's name.
    public var name: String
    /// One entry a structure.
    public var structures: [HUStatistics?]
  }

  /// What was measured.
  public struct Summary: Equatable, Sendable {
    /// The structures' names.
    public var structures: [String]
    /// The measured cases, by name.
    public var cases: [CaseStatistics]
    /// Cases that could not be measured: one line each, naming the file and the remedy.
    public var failures: [EvaluationSummary.CaseFailure]

    /// A figure of one structure over the cases that have it.
    public func statistics(_ figure: KeyPath<HUStatistics, Double>, structure index: Int)
      -> Statistics
    {
      Statistics(cases.compactMap { $0.structures[index]?[keyPath: figure] })
    }
  }

  /// What to measure; the ids are those of `EvaluatedStructure.reference`.
  public let structures: [EvaluatedStructure]
  /// The cases: name, image, labels.
  public let cases: [(name: String, image: String, labels: String)]
  /// HU beyond these count as these; `nil` for all as they are.
  public let limits: ClosedRange<Float>?

  /// Finds the cases of a run: those that have an image and a label map.
  ///
  /// - Parameters:
  ///   - images: a folder of CT images in HU, or one file.
  ///   - labels: the same for the label maps; two single files are one case whatever their names.
  ///   - limits: HU beyond these count as these: to compare with images that were published clipped.
  /// - Throws: `MaskCTError` when a folder is unusable, no case is in both, or the structures make no
  ///   sense.
  public init(
    images: String, labels: String, structures: [EvaluatedStructure],
    limits: ClosedRange<Float>? = nil
  ) throws(MaskCTError) {
    try EvaluatedStructure.check(structures)
    self.structures = structures
    self.limits = limits
    let images = try CaseFiles(imagesAt: images)
    let labels = try CaseFiles(at: labels)
    cases = images.paired(with: labels).pairs.map { ($0.name, $0.first, $0.second) }
    guard !cases.isEmpty else { throw images.sharesNoCase(with: labels) }
  }

  /// Measures all cases, several at a time.
  ///
  /// - Parameter progress: called after every batch with the number of cases done and the last one's
  ///   name.
  public func run(
    workers: Workers, progress: (_ done: Int, _ name: String) -> Void = { _, _ in }
  ) -> Summary {
    var summary = Summary(structures: structures.map(\.name), cases: [], failures: [])
    var start = 0
    while start < cases.count {
      let batch = Array(cases[start..<min(start + workers.count, cases.count)])
      var results = [Result<CaseStatistics, MaskCTError>?](repeating: nil, count: batch.count)
      results.withUnsafeMutableBufferPointer { results in
        nonisolated(unsafe) let results = results
        workers.forEach(batch.count) { index in results[index] = measure(batch[index]) }
      }
      for (item, result) in zip(batch, results) {
        switch result! {
        case .success(let figures): summary.cases.append(figures)
        case .failure(let error):
          summary.failures.append(.init(name: item.name, problem: error.description))
        }
      }
      start += batch.count
      progress(start, batch[batch.count - 1].name)
    }
    return summary
  }

  private func measure(_ item: (name: String, image: String, labels: String))
    -> Result<CaseStatistics, MaskCTError>
  {
    let workers = Workers(count: 1)
    do {
      let image = try NIfTI.readVolume(item.image, workers: workers).volume
      let labels = try NIfTI.readLabelMap(item.labels, workers: workers).labels
      guard image.grid.isSameGrid(as: labels.grid) else {
        throw MaskCTError(
          .input, path: item.labels,
          "lies on another grid (\(labels.grid.difference(from: image.grid))) than \(item.image)",
          remedy: "resample the label map onto the grid of its image")
      }
      return .success(
        CaseStatistics(
          name: item.name,
          structures: structures.map {
            HUStatistics(image: image, labels: labels, ids: $0.reference, limits: limits)
          }))
    } catch let error as MaskCTError {
      return .failure(error)
    } catch {
      return .failure(
        MaskCTError(.input, path: item.image, "\(error)", remedy: "check the file"))
    }
  }
}
