public import Support

/// One of several parts of a dataset that are made apart, for example by the jobs of an array.
///
/// A case is a function of its label map, the settings and its name: shards give the same bytes as one run.
public struct Shard: Equatable, Sendable, CustomStringConvertible {
  /// Which part, from 1.
  public let number: Int
  /// How many parts there are.
  public let count: Int

  /// Reads `3/7`.
  ///
  /// - Throws: `MaskCTError` (usage) for anything that is not a part of a whole.
  public init(parsing text: String) throws(MaskCTError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], number >= 1,
      number <= count
    else {
      throw MaskCTError(
        .usage, "'\(text)' is not a shard", remedy: "give number and count from 1 on, such as 3/7")
    }
    self.number = number
    self.count = count
  }

  /// Whether the case at a position, from 0, belongs to this part: every `count`-th.
  public func holds(_ index: Int) -> Bool { index % count == number - 1 }

  /// `3/7`.
  public var description: String { "\(number)/\(count)" }
}
