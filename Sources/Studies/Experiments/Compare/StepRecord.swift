import FoundationEssentials
import Support
import Training

/// What is known of a step: on which inputs it began or was done, and how long it took.
struct StepRecord: Codable, Equatable {
  /// Digest of everything that the step depends on.
  var inputs: String
  /// Seconds of all work on it, interruptions left out.
  var seconds: Double
  /// When it ended, ISO 8601, UTC; nil while it has only begun.
  var ended: String?
  /// What a reader should know, one sentence each.
  var notes: [String] = []
  /// Cases that could not be done, and why.
  var failures: [String] = []

  /// Whether the step was done to its end.
  var isDone: Bool { ended != nil }

  /// The record of a step, or nil if it was never done.
  static func read(_ step: ExperimentStep, in folder: String) -> StepRecord? {
    guard let bytes = try? ByteFile.read(path(step, in: folder)) else { return nil }
    return try? JSONDecoder().decode(StepRecord.self, from: Data(bytes))
  }

  /// Writes the record; a step counts as done from then on.
  ///
  /// - Throws: `MaskCTError` (output).
  func write(_ step: ExperimentStep, in folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(self), as: UTF8.self)
    try AtomicFile.write(text + "\n", to: Self.path(step, in: folder))
  }

  private static func path(_ step: ExperimentStep, in folder: String) -> String {
    let name = step.name.map { $0 == ":" ? "-" : $0 }
    return folder + "/" + String(name) + ".json"
  }
}

/// Digests of file contents, remembered by size and time so that large scans are read once.
struct FileDigests {
  private struct Entry: Codable {
    var size: Int
    var modified: Double
    var digest: String
  }
  private let path: String
  private var entries: [String: Entry]

  /// Opens the memory at a path; a missing or damaged one is empty.
  init(path: String) {
    self.path = path
    let bytes = (try? ByteFile.read(path)) ?? []
    entries = (try? JSONDecoder().decode([String: Entry].self, from: Data(bytes))) ?? [:]
  }

  /// The digest of a file's bytes.
  ///
  /// - Throws: `MaskCTError` if it cannot be read.
  mutating func digest(of file: String) throws -> String {
    let real = canonical(file)
    let attributes = try? FileManager.default.attributesOfItem(atPath: real)
    let size = (attributes?[.size] as? any BinaryInteger).map { Int($0) } ?? -1
    let modified = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    if let known = entries[real], known.size == size, known.modified == modified {
      return known.digest
    }
    let entry = Entry(
      size: size, modified: modified, digest: Support.digest(try ByteFile.read(real)))
    entries[real] = entry
    return entry.digest
  }

  /// Writes the memory; nothing depends on whether that succeeds.
  func save() {
    guard let data = try? JSONEncoder().encode(entries) else { return }
    try? AtomicFile.write(String(decoding: data, as: UTF8.self), to: path)
  }
}
