/// A failure that a user can act on: what is wrong, in which file, and what to do.
///
/// Printed as one line: `path: problem; remedy`.
public struct MaskCTError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of failure it is; decides the exit code of the command.
  public enum Kind: Equatable, Sendable {
    /// The command was called wrongly (exit code 2).
    case usage
    /// An input file or folder is missing or unusable (exit code 1).
    case input
    /// Output could not be written (exit code 1).
    case output
    /// Something that MaskCT needs is not installed or failed (exit code 1).
    case environment
  }

  /// What kind of failure it is.
  public var kind: Kind
  /// The file or folder at fault, if any.
  public var path: String?
  /// What is wrong, in lower case, without a full stop.
  public var problem: String
  /// What to do about it, in lower case, without a full stop.
  public var remedy: String?

  /// Creates a failure.
  public init(_ kind: Kind, path: String? = nil, _ problem: String, remedy: String? = nil) {
    self.kind = kind
    self.path = path
    self.problem = problem
    self.remedy = remedy
  }

  /// `path: problem; remedy`, on one line.
  public var description: String {
    var text = path.map { "\($0): " } ?? ""
    text += problem
    if let remedy { text += "; \(remedy)" }
    return text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
