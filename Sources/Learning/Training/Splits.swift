/// The cases of one fold, as `splits_final.json` lists them.
public struct Split: Codable, Equatable, Sendable {
  /// The cases to learn from.
  public var train: [String]
  /// The cases that are held back.
  public var val: [String]
}

/// The split of cases into training and validation.
public enum Splits {
  /// With fewer cases than this all are learned from: two held back would be too many.
  public static let smallest = 8

  /// The content of a `splits_final.json`: at most 8 folds, each holding back every n-th case.
  ///
  /// A fold holds back an eighth of the cases, at least two; nnU-Net's own five folds hold back a
  /// fifth. Cases are dealt in turn by sorted name, so that every fold has cases of all sources that were
  /// written one after the other.
  public static func folds(cases: [String]) -> [Split] {
    let sorted = cases.sorted()
    let folds = max(2, min(8, sorted.count / 2))
    return (0..<folds).map { fold in
      func chosen(_ belongs: (Int) -> Bool) -> [String] {
        sorted.indices.filter(belongs).map { sorted[$0] }
      }
      return Split(train: chosen { $0 % folds != fold }, val: chosen { $0 % folds == fold })
    }
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
