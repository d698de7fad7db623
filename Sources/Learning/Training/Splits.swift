public import Support

/// Which cases a training learns from and which it only watches.
public enum Fold: Equatable, Sendable, CustomStringConvertible {
  /// `all` for fewer than 8 cases, else fold 0 of `Splits.json(cases:)`.
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

/// The split of cases into training and validation.
public enum Splits {
  /// With fewer cases than this all are learned from: two held back would be too many.
  public static let smallest = 8

  /// The content of a `splits_final.json`: at most 8 folds, each holding back every n-th case.
  ///
  /// A fold holds back an eighth of the cases, at least two; nnU-Net's own five folds hold back a
  /// fifth. Cases are dealt in turn by sorted name, so that sources that were written one after the
  /// other are in every fold.
  public static func json(cases: [String]) -> JSON {
    let sorted = cases.sorted()
    let folds = max(2, min(8, sorted.count / 2))
    return .array(
      (0..<folds).map { fold in
        func chosen(_ belongs: (Int) -> Bool) -> JSON {
          .array(sorted.indices.filter(belongs).map { .string(sorted[$0]) })
        }
        return .pairs([
          "train": chosen { $0 % folds != fold }, "val": chosen { $0 % folds == fold },
        ])
      })
  }

  /// The fold that is trained, as nnU-Net names it.
  package static func resolve(_ fold: Fold, cases: Int) -> String {
    switch fold {
    case .automatic: cases < smallest ? "all" : "0"
    case .all: "all"
    case .number(let number): "\(number)"
    }
  }
}
