/// Mean, median and spread of a sample; values that are not finite are left out and counted.
public struct Statistics: Equatable, Sendable {
  /// Number of finite values.
  public let count: Int
  /// Number of values left out: NaN (undefined) or infinite.
  public let excluded: Int
  /// Arithmetic mean; NaN of no value.
  public let mean: Double
  /// Middle value, or the mean of both middle values; NaN of no value.
  public let median: Double
  /// Sample standard deviation, `sqrt(sum (x - mean)^2 / (n - 1))`; NaN of fewer than two values.
  public let deviation: Double

  /// Describes the finite values of a sample.
  public init(_ values: some Sequence<Double>) {
    let all = Array(values)
    let sorted = all.filter(\.isFinite).sorted()
    count = sorted.count
    excluded = all.count - sorted.count
    let mean = sorted.reduce(0, +) / Double(sorted.count)
    self.mean = mean
    let half = sorted.count / 2
    median =
      sorted.isEmpty
      ? .nan : sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    deviation =
      sorted.count < 2
      ? .nan
      : (sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count - 1))
        .squareRoot()
  }
}
