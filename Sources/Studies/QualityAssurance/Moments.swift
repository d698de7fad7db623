/// Mean and spread of a region's values.
public struct Moments: Equatable, Sendable {
  /// How many values there are.
  public let count: Int
  /// Their mean; NaN for none.
  public let mean: Double
  /// Their variance, sum of squares over `count - 1`; NaN for fewer than two.
  public let variance: Double
  /// The least and the greatest.
  public let range: ClosedRange<Double>

  /// The moments of values.
  public init(_ values: [Double]) {
    count = values.count
    let mean = values.isEmpty ? Double.nan : values.reduce(0, +) / Double(values.count)
    self.mean = mean
    variance =
      values.count < 2
      ? .nan
      : values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    range = (values.min() ?? 0)...(values.max() ?? 0)
  }

  /// Standard deviation.
  public var deviation: Double { variance.squareRoot() }
}
