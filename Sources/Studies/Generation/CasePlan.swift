public import Anatomy

/// One case of a dataset before it is made: which label map, under which name.
public struct CasePlan: Sendable {
  /// The case's identifier in the dataset.
  public let name: String
  /// Where its label map comes from.
  public let source: LabelSource
  /// The label map.
  public let item: LabelSource.Case

  /// Plans a case; the name decides what is drawn for it.
  public init(name: String, source: LabelSource, item: LabelSource.Case) {
    self.name = name
    self.source = source
    self.item = item
  }
}
