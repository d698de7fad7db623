import Anatomy
import FoundationEssentials
import Generation
import Support
import Volumes

/// Refuses to test on cases that were learned from, judged by content and not by name.
///
/// A case that cannot be compared is a failure: only what was left out of the test set or of the dataset,
/// with its reason, needs no comparison.
struct Separation {
  let experiment: Experiment
  let layout: ExperimentLayout

  /// A case to compare, with what reads it.
  private struct Candidate {
    /// What the case was read from, the file to name in messages first.
    var files: [String]
    /// What gives the numbers in the files their meaning: the same files under another scheme are another case.
    var meaning: String
    var label: String
    var read: () throws -> CaseFingerprint
  }

  /// Compares every training case of an arm with every test case.
  ///
  /// Label maps are compared as they lie with the user, before any painting or deformation; real CT also by
  /// its HU.
  /// - Parameters:
  ///   - arm: whose dataset has been made.
  ///   - seed: of that dataset.
  ///   - digests: the digests of files; fingerprints are remembered by them.
  /// - Returns: what a reader should know, one sentence each: training cases that show too little of the
  ///   targets to be compared.
  /// - Throws: `MaskCTError` that names the training file and the test case where both are one patient, and
  ///   the file of a case that cannot be compared.
  func check(
    _ arm: Experiment.Arm, seed: Int, digests: inout FileDigests, workers: Workers,
    progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void
  ) throws -> [String] {
    let targets = try Target.resolve(experiment.targets)
    let names = targets.map(\.name)
    let test = try self.test(targets: targets, names: names, workers: workers)
    let training = try training(of: arm, seed: seed, targets, names, workers: workers)
    var memory = FingerprintMemory(path: layout.folder + "/fingerprints.json", names: names)
    defer { memory.save() }
    let total = test.count + training.count
    var known: [(name: String, print: CaseFingerprint)] = []
    for (index, candidate) in test.enumerated() {
      try progress(index, total, candidate.label)
      known.append((candidate.label, try fingerprint(candidate, &memory, &digests)))
    }
    var notes: [String] = []
    for (index, candidate) in training.enumerated() {
      try progress(test.count + index, total, candidate.label)
      let print = try fingerprint(candidate, &memory, &digests)
      if print.isEmpty {
        notes.append(
          "\(candidate.files[0]): shows no target of \(CaseFingerprint.fewest) voxels or more, so it "
            + "cannot be told from the test cases")
      }
      for (name, other) in known {
        guard let reason = print.sameness(with: other) else { continue }
        throw MaskCTError(
          .input, path: candidate.files[0],
          "arm '\(arm.name)' would learn from the test case \(name): \(reason)",
          remedy: "take it out of the training data, or out of the test set")
      }
    }
    return notes
  }

  private func fingerprint(
    _ candidate: Candidate, _ memory: inout FingerprintMemory, _ digests: inout FileDigests
  ) throws -> CaseFingerprint {
    do {
      let contents = try candidate.files.map { try digests.digest(of: $0) }
      let key = (contents + [digest(candidate.meaning.utf8)]).joined(separator: "+")
      if let print = memory[key] { return print }
      let print = try candidate.read()
      memory[key] = print
      return print
    } catch let error as MaskCTError {
      throw MaskCTError(
        error.kind, path: error.path ?? candidate.files[0],
        "training and test cases cannot be compared: \(error.problem)",
        remedy: "\(error.remedy ?? "check the file"), or take case \(candidate.label) out")
    }
  }

  /// The cases of the test set as it was prepared.
  private func test(
    targets: [Target], names: [String], workers: Workers
  ) throws -> [Candidate] {
    let cases = try TestSet(experiment: experiment, layout: layout).find().cases
      .filter { exists(layout.testLabel($0.name)) }
    guard !cases.isEmpty else {
      throw MaskCTError(
        .input, path: layout.testLabels, "there is no test case to compare with",
        remedy: "run the step \(ExperimentStep.test.name) first")
    }
    return cases.map { candidate($0, targets, names, workers) }
  }

  /// The cases that the arm's dataset was made of.
  private func training(
    of arm: Experiment.Arm, seed: Int, _ targets: [Target], _ names: [String], workers: Workers
  ) throws -> [Candidate] {
    let dataset = try layout.dataset(arm: arm.name, seed: seed)
    let learned = Set(dataset.cases)
    guard !learned.isEmpty else {
      throw MaskCTError(
        .input, path: dataset.rawFolder, "there is no training case to compare",
        remedy: "run the step \(ExperimentStep.dataset(arm: arm.name, seed: seed).name) first")
    }
    var real: [Candidate] = []
    if arm.images != nil {
      let clinical = ClinicalDataset(
        arm: arm, sources: experiment.sources(of: arm), targets: experiment.targets,
        dataset: dataset, seed: seed)
      real = try clinical.chosen().cases.filter { learned.contains(clinical.name(of: $0)) }
        .map { candidate($0, targets, names, workers) }
      if arm.isClinical { return real }
    }
    // Nor are test cases measured, or looked at through the holes of painted ones.
    for images in [arm.blend?.images, arm.measured?.images].compactMap({ $0 }) {
      real += try RealCases.find(images: images, sources: experiment.sources(of: arm)).cases
        .map { candidate($0, targets, names, workers) }
    }
    let settings = try ExperimentInputs(experiment: experiment, layout: layout)
      .settings(arm, seed: seed)
    // A label map that several cases were made of is compared once.
    var seen: Set<[String]> = []
    return try real
      + settings.plans()
      .filter { learned.contains($0.name) && seen.insert($0.item.files).inserted }
      .map { plan in
        Candidate(
          files: plan.item.files, meaning: "painted " + plan.source.meaning, label: plan.item.name
        ) {
          let map = try plan.source.load(plan.item, workers: workers)
          let table = Target.table(targets, for: map)
          return CaseFingerprint(
            labels: map.labels.map { UInt16(table[Int($0)]) }, names: names, image: nil,
            workers: workers)
        }
      }
  }

  private func candidate(
    _ item: RealCase, _ targets: [Target], _ names: [String], _ workers: Workers
  ) -> Candidate {
    Candidate(files: item.files, meaning: "real " + item.source.meaning, label: item.name) {
      CaseFingerprint(
        labels: try item.references(targets, workers: workers).labels, names: names,
        image: try NIfTI.readVolume(item.image, workers: workers).volume, workers: workers)
    }
  }
}

/// Fingerprints of files, remembered by the digests of their bytes.
private struct FingerprintMemory {
  private struct Document: Codable {
    /// Of the tool: another one may describe a case in another way.
    var version: String
    var names: [String]
    var prints: [String: CaseFingerprint]
  }
  private let path: String
  private var document: Document
  private var isChanged = false

  init(path: String, names: [String]) {
    self.path = path
    let bytes = (try? ByteFile.read(path)) ?? []
    let old = try? JSONDecoder().decode(Document.self, from: Data(bytes))
    document =
      old.flatMap { $0.names == names && $0.version == toolVersion ? $0 : nil }
      ?? Document(version: toolVersion, names: names, prints: [:])
  }

  subscript(key: String) -> CaseFingerprint? {
    get { document.prints[key] }
    set {
      document.prints[key] = newValue
      isChanged = true
    }
  }

  /// Writes the memory; nothing depends on whether that succeeds.
  func save() {
    guard isChanged, let data = try? JSONEncoder().encode(document) else { return }
    try? AtomicFile.write(String(decoding: data, as: UTF8.self), to: path)
  }
}
