public import Support
import Volumes

/// Scores a folder of predictions against a folder of references (or one file against one).
///
/// Files belong together by case name (`CaseFolder`). A case that cannot be scored is recorded and
/// the rest goes on.
public struct EvaluationRun: Sendable {
  /// A prediction and its reference.
  public struct Pair: Equatable, Sendable {
    /// The case's name.
    public var name: String
    /// The file of the prediction.
    public var prediction: String
    /// The file of the reference.
    public var reference: String
  }

  /// What to compare.
  public let structures: [EvaluatedStructure]
  /// The tolerance of the normalised surface Dice, mm.
  public let tolerance: Double
  /// Whether a prediction on another grid is brought to its reference's grid.
  public let resample: Bool
  /// The cases to score, by name.
  public let pairs: [Pair]
  /// The cases that lack their prediction or their reference.
  public let unpaired: [EvaluationSummary.CaseFailure]

  /// Finds the cases of a run.
  ///
  /// - Parameters:
  ///   - prediction: a folder of label maps, or one file.
  ///   - reference: the same for the references; two single files are one case whatever their names.
  ///   - structures: what to compare.
  ///   - tolerance: of the normalised surface Dice, mm.
  ///   - resample: bring a prediction on another grid to its reference's grid by nearest neighbour;
  ///     otherwise such a case is a failure.
  ///   - sharedOnly: score the cases that both folders hold and do not count others as failures.
  /// - Throws: `MaskCTError` when a folder is unusable, no case is in both, or the structures or the
  ///   tolerance make no sense.
  public init(
    prediction: String, reference: String, structures: [EvaluatedStructure],
    tolerance: Double = 2, resample: Bool = false, sharedOnly: Bool = false
  ) throws(MaskCTError) {
    try EvaluatedStructure.check(structures)
    guard tolerance.isFinite, tolerance >= 0 else {
      throw MaskCTError(
        .usage, "the tolerance of the surface Dice is \(tolerance) mm",
        remedy: "give a distance of 0 mm or more")
    }
    self.structures = structures
    self.tolerance = tolerance
    self.resample = resample
    let predictions = try CaseFolder.files(at: prediction)
    let references = try CaseFolder.files(at: reference)
    if predictions.values.first == prediction && references.values.first == reference {
      pairs = [
        Pair(
          name: CaseFolder.name(ofFile: reference), prediction: prediction, reference: reference)
      ]
      unpaired = []
      return
    }
    var pairs: [Pair] = []
    var unpaired: [EvaluationSummary.CaseFailure] = []
    for name in Set(predictions.keys).union(references.keys).sorted() {
      switch (predictions[name], references[name]) {
      case (let a?, let b?): pairs.append(Pair(name: name, prediction: a, reference: b))
      case (nil, let file?):
        let error = MaskCTError(
          .input, path: file, "has no prediction in \(prediction)",
          remedy: "predict it, or score only the cases that both folders hold")
        unpaired.append(.init(name: name, problem: error.description))
      case (let file?, nil):
        let error = MaskCTError(
          .input, path: file, "has no reference in \(reference)",
          remedy: "add it, or score only the cases that both folders hold")
        unpaired.append(.init(name: name, problem: error.description))
      case (nil, nil): break
      }
    }
    guard !pairs.isEmpty else {
      throw MaskCTError(
        .input, path: prediction, "shares no case with \(reference)",
        remedy: "file names must be equal up to _0000 and .nii or .nii.gz")
    }
    self.pairs = pairs
    self.unpaired = sharedOnly ? [] : unpaired
  }

  /// Scores all cases.
  public func run(workers: Workers) -> EvaluationSummary { run(workers: workers) { _, _ in } }

  /// Scores all cases.
  ///
  /// - Parameter progress: called after every case with the number of cases done and its name; what it
  ///   throws stops the run.
  public func run(
    workers: Workers, progress: (_ done: Int, _ name: String) throws -> Void
  ) rethrows -> EvaluationSummary {
    var summary = EvaluationSummary(
      structures: structures, tolerance: tolerance, cases: [], failures: unpaired)
    for (index, pair) in pairs.enumerated() {
      do {
        summary.cases.append(try score(pair, workers: workers))
      } catch {
        let problem = (error as? MaskCTError)?.description ?? "\(pair.prediction): \(error)"
        summary.failures.append(.init(name: pair.name, problem: problem))
      }
      try progress(index + 1, pair.name)
    }
    summary.failures.sort { $0.name < $1.name }
    return summary
  }

  /// Scores one case.
  ///
  /// - Throws: `MaskCTError` when a file cannot be read or the grids differ.
  public func score(_ pair: Pair, workers: Workers) throws -> CaseScores {
    let reference = try NIfTI.readLabelMap(pair.reference, workers: workers).labels
    var prediction = try NIfTI.readLabelMap(pair.prediction, workers: workers).labels
    var notes: [String] = []
    if !prediction.grid.isSameGrid(as: reference.grid) {
      guard resample else {
        throw MaskCTError(
          .input, path: pair.prediction,
          "lies on another grid (\(prediction.grid.difference(from: reference.grid))) than "
            + pair.reference,
          remedy: "predict on the reference's grid, or allow resampling")
      }
      guard prediction.grid.overlaps(reference.grid) else {
        throw MaskCTError(
          .input, path: pair.prediction, "lies elsewhere in space than \(pair.reference)",
          remedy: "check the affines of both files")
      }
      notes.append("prediction resampled from \(prediction.grid) to \(reference.grid)")
      prediction = prediction.resampled(to: reference.grid, workers: workers)
    }
    // Equal within the tolerance: from here on the reference's grid holds for both.
    prediction.grid = reference.grid
    let scores = StructureScores.compare(
      prediction: prediction, reference: reference, structures: structures, tolerance: tolerance,
      workers: workers)
    return CaseScores(
      name: pair.name, predictionFile: pair.prediction, referenceFile: pair.reference,
      scores: scores, notes: notes)
  }
}
