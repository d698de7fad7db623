import Anatomy
import Datasets
import Generation
import Support
import Volumes

/// Writes real CT and their labels into an nnU-Net dataset: all of one that simulated cases are compared with, or those
/// that are learned from together with simulated cases.
struct ClinicalDataset {
  let arm: Experiment.Arm
  let sources: [Experiment.Source]
  let targets: [String]
  let dataset: NNUNetDataset
  /// The seed of the dataset: it draws the cases where an arm asks for some of them.
  let seed: Int

  /// The real CT that are learned from, and a line for every label map without an image.
  ///
  /// Where an arm asks for `real` cases they are the first of a seeded shuffle: with one seed, eight hold the four of
  /// the arm that asks for four.
  /// - Throws: `MaskCTError` where a folder is unusable, no label map has an image, or there are not enough.
  func chosen() throws -> (cases: [RealCase], missing: [MaskCTError]) {
    var (cases, missing) = try RealCases.find(images: arm.images!, sources: sources)
    if let number = arm.real {
      guard cases.count >= number else {
        throw MaskCTError(
          .input, path: arm.images,
          "holds \(cases.count) real CT, and arm '\(arm.name)' asks for \(number)",
          remedy: "ask for fewer under 'real', or leave it out for all")
      }
      var stream = RandomStream(seed: UInt64(seed)).split("real")
      cases = Array(cases.sorted { $0.name < $1.name }.shuffled(using: &stream).prefix(number))
        .sorted { $0.name < $1.name }
    } else if arm.isClinical, let limit = arm.cases {
      cases = Array(cases.prefix(limit))
    }
    return (cases, missing)
  }

  /// What a case is called in the dataset, and every repetition of it.
  ///
  /// Simulated cases have the names of their label maps, so that real ones need others.
  func name(of item: RealCase, repetition: Int = 0) -> String {
    guard arm.isMixed else { return item.name }
    return Self.prefix + item.name + (repetition == 0 ? "" : "\(Self.repeated)\(repetition)")
  }

  /// How often every one of `real` cases is in the dataset, so that they make up the arm's share of it.
  func repetitions(real: Int, simulated: Int) -> Int {
    guard let share = arm.share, real > 0 else { return 1 }
    return max(1, Int((share / (1 - share) * Double(simulated) / Double(real)).rounded()))
  }

  private static let prefix = "real_"
  private static let repeated = "_again"

  /// How many of the cases of a mixed dataset are real, and of how many patients.
  static func count(in cases: [String]) -> (patients: Int, cases: Int) {
    let real = cases.filter { $0.hasPrefix(prefix) }
    return (real.filter { !$0.contains(repeated) }.count, real.count)
  }

  /// Writes all cases; those that are there already are kept.
  ///
  /// - Returns: cases that were left out, and why.
  /// - Throws: `MaskCTError` if there is none at all, or the disk does not take them.
  func write(
    workers: Workers, progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void
  ) throws -> [String] {
    let (cases, missing) = try chosen()
    let simulated = dataset.cases.filter { !$0.hasPrefix(Self.prefix) }.count
    let repetitions = repetitions(real: cases.count, simulated: simulated)
    var failures = missing.map(\.description)
    let resolved = try Target.resolve(targets)
    for folder in [dataset.imagesFolder, dataset.labelsFolder] {
      try createFolder(folder)
      AtomicFile.removeLeftovers(in: folder)
    }
    for (index, item) in cases.enumerated() {
      try progress(index, cases.count, item.name)
      let names = (0..<repetitions).map { name(of: item, repetition: $0) }
      // The label map is written last: a case with one is complete.
      let open = names.filter { !exists(dataset.label(of: $0)) }
      if open.isEmpty { continue }
      do {
        let (image, labels, frame) = try item.volumes(
          resolved, spacing: arm.spacing, workers: workers)
        for name in open {
          try NIfTI.write(image, to: dataset.image(of: name), frame: frame, workers: workers)
          try NIfTI.write(labels, to: dataset.label(of: name), frame: frame, workers: workers)
        }
      } catch let error as MaskCTError where error.kind != .output {
        failures.append(error.description)
      }
    }
    guard !dataset.cases.isEmpty else {
      throw MaskCTError(
        .input, path: arm.images, "no case can be used",
        remedy: failures.first ?? "check images and labels")
    }
    try dataset.writeDescription(
      structures: resolved.map(\.name),
      comment: arm.isMixed
        ? "real and simulated CT with their labels, by maskct \(toolVersion)"
        : "real CT with its labels, by maskct \(toolVersion)")
    return failures
  }
}
