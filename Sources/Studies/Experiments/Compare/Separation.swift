import Anatomy
import FoundationEssentials
import Support
import Volumes

/// Refuses to test on cases that were learned from, told by content and not by name.
struct Separation {
  let experiment: Experiment
  let layout: ExperimentLayout

  /// A case to compare, with what reads it.
  private struct Candidate {
    var files: [String]
    var label: String
    var read: () throws -> CaseFingerprint
  }

  /// Compares every training case of an arm with every test case.
  ///
  /// Label maps are compared as they lie with the user, before any painting or deformation; real CT also by
  /// its HU.
  /// - Parameter digests: the digests of files; fingerprints are remembered by them.
  /// - Throws: `MaskCTError` that names the training file and the test case.
  func check(
    _ arm: Experiment.Arm, digests: inout FileDigests, workers: Workers,
    progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void
  ) throws {
    let targets = try Target.resolve(experiment.targets)
    let names = targets.map(\.name)
    let test = try TestSet(experiment: experiment, layout: layout).find().cases
      .map { candidate($0, targets, names, workers) }
    let training = try training(of: arm, targets: targets, names: names, workers: workers)
    var memory = FingerprintMemory(path: layout.folder + "/fingerprints.json", names: names)
    defer { memory.save() }
    let total = test.count + training.count
    var known: [(name: String, print: CaseFingerprint)] = []
    for (index, candidate) in test.enumerated() {
      try progress(index, total, candidate.label)
      // A case that cannot be read was left out of the test set with its reason.
      guard let print = try? fingerprint(candidate, &memory, &digests) else { continue }
      known.append((candidate.label, print))
    }
    for (index, candidate) in training.enumerated() {
      try progress(test.count + index, total, candidate.label)
      guard let print = try? fingerprint(candidate, &memory, &digests) else { continue }
      for (name, other) in known {
        guard let reason = print.sameness(with: other) else { continue }
        throw MaskCTError(
          .input, path: candidate.files[0],
          "arm '\(arm.name)' would learn from the test case \(name): \(reason)",
          remedy: "take it out of the training data, or out of the test set")
      }
    }
  }

  private func fingerprint(
    _ candidate: Candidate, _ memory: inout FingerprintMemory, _ digests: inout FileDigests
  ) throws -> CaseFingerprint {
    let key = try candidate.files.map { try digests.digest(of: $0) }.joined(separator: "+")
    if let print = memory[key] { return print }
    let print = try candidate.read()
    memory[key] = print
    return print
  }

  private func training(
    of arm: Experiment.Arm, targets: [Target], names: [String], workers: Workers
  ) throws -> [Candidate] {
    let sources = experiment.sources(of: arm)
    if let images = arm.images {
      return try RealCases.find(images: images, sources: sources).cases
        .map { candidate($0, targets, names, workers) }
    }
    return try sources.flatMap { entry in
      let source = try LabelSource(
        path: entry.path, scheme: try entry.scheme.map { try LabelScheme.load($0) })
      return source.cases.map { item in
        Candidate(files: item.paths, label: item.name) {
          let map = try source.load(item, workers: workers)
          let table = Target.table(targets, for: map)
          return CaseFingerprint(
            labels: map.labels.map { UInt16(table[Int($0)]) }, names: names, image: nil,
            workers: workers)
        }
      }
    }
  }

  private func candidate(
    _ item: RealCase, _ targets: [Target], _ names: [String], _ workers: Workers
  ) -> Candidate {
    Candidate(files: [item.image] + item.item.paths, label: item.name) {
      CaseFingerprint(
        labels: try item.references(targets, workers: workers).labels, names: names,
        image: try NIfTI.readVolume(item.image, workers: workers).volume, workers: workers)
    }
  }
}

/// Fingerprints of files, remembered by the digests of their bytes.
private struct FingerprintMemory {
  private struct Document: Codable {
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
      old.flatMap { $0.names == names ? $0 : nil } ?? Document(names: names, prints: [:])
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
