import Anatomy
import Evaluation
import Support
import Volumes

/// Makes the scans to test on ready: links to the images, references numbered as the targets.
struct TestSet {
  let experiment: Experiment
  let layout: ExperimentLayout

  /// The outcome of preparing.
  struct Outcome {
    /// Cases that can be tested on.
    var cases: [String] = []
    /// Cases that cannot, and why.
    var failures: [String] = []
    /// What a reader should know.
    var notes: [String] = []
  }

  /// The structures as they are scored, ids on both sides from 1.
  ///
  /// - Throws: `MaskCTError` for an unknown target.
  static func structures(_ targets: [String]) throws -> [EvaluatedStructure] {
    try Experiment.targetNames(targets).enumerated().map { index, name in
      EvaluatedStructure(
        name: name, prediction: [UInt16(index + 1)], reference: [UInt16(index + 1)])
    }
  }

  /// The scans with their references, as they lie with the user.
  func find() throws -> (cases: [RealCase], missing: [MaskCTError]) {
    try RealCases.find(
      images: experiment.test.images,
      sources: [.init(path: experiment.test.labels, scheme: experiment.test.scheme)])
  }

  /// Writes links and references; what an earlier run wrote is replaced.
  ///
  /// - Throws: `MaskCTError` if no case can be used, or no reference holds any target.
  func prepare(
    workers: Workers, progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void
  ) throws -> Outcome {
    let (cases, missing) = try find()
    try remove(layout.testImages)
    try remove(layout.testLabels)
    try createFolder(layout.testImages)
    try createFolder(layout.testLabels)
    let targets = try Target.resolve(experiment.targets)
    var outcome = Outcome(failures: missing.map(\.description))
    var present = [Bool](repeating: false, count: targets.count)
    for (index, item) in cases.enumerated() {
      try progress(index, cases.count, item.name)
      do {
        try item.check()
        // Read to its end: a scan that is cut short is left out here, with its reason, and not in every arm.
        _ = try NIfTI.readVolume(item.image, workers: workers)
        let (labels, frame) = try item.references(targets, workers: workers)
        for value in Set(labels.values) where value > 0 { present[Int(value) - 1] = true }
        let suffix = item.image.hasSuffix(".nii") ? ".nii" : ".nii.gz"
        try NIfTI.write(
          labels, to: layout.testLabel(item.name), frame: frame, workers: workers)
        try link("\(layout.testImages)/\(item.name)\(suffix)", to: item.image)
        outcome.cases.append(item.name)
      } catch let error as MaskCTError where error.kind != .output {
        outcome.failures.append(error.description)
      }
    }
    guard !outcome.cases.isEmpty else {
      throw MaskCTError(
        .input, path: experiment.test.labels, "no test case can be used",
        remedy: outcome.failures.first ?? "check images and labels")
    }
    let absent = zip(targets, present).filter { !$0.1 }.map(\.0.name)
    guard absent.count < targets.count else {
      throw MaskCTError(
        .input, path: experiment.test.labels,
        "no reference holds \(targets.map(\.name).joined(separator: ", "))",
        remedy: "check the test set's scheme")
    }
    if !absent.isEmpty {
      outcome.notes.append(
        "no reference of the test set holds \(absent.joined(separator: ", ")): no scores for it")
    }
    return outcome
  }
}
