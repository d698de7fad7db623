import FoundationEssentials
import Support

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
    folder + "/" + step.file + ".json"
  }
}
