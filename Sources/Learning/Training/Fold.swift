/// Which cases a training learns from and which it only watches.
public enum Fold: Equatable, Sendable, CustomStringConvertible {
  /// `all` for fewer than 8 cases, else fold 0 of `Splits.folds(cases:)`.
  case automatic
  /// Learns from every case; what it reports was seen in training.
  case all
  /// One fold of `splits_final.json`.
  case number(Int)

  /// Reads `auto`, `all` or a number.
  public init?(_ text: String) {
    switch text {
    case "auto", "automatic": self = .automatic
    case "all": self = .all
    default:
      guard let number = Int(text), number >= 0 else { return nil }
      self = .number(number)
    }
  }

  /// `auto`, `all` or the number.
  public var description: String {
    switch self {
    case .automatic: "auto"
    case .all: "all"
    case .number(let number): "\(number)"
    }
  }
}
