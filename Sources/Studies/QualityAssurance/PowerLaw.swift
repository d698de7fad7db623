internal import Support

/// A law `y = c x^k` that fits points best on two logarithmic axes.
public struct PowerLaw: Equatable, Sendable {
  /// k: the slope on logarithmic axes.
  public let exponent: Double
  /// c: y at x = 1.
  public let factor: Double

  /// Fits points by least squares of the logarithms; all numbers are positive.
  public init(_ points: [(x: Double, y: Double)]) {
    let logs = points.map { (x: logarithm($0.x), y: logarithm($0.y)) }
    let n = Double(logs.count)
    let (meanX, meanY) = (logs.reduce(0) { $0 + $1.x } / n, logs.reduce(0) { $0 + $1.y } / n)
    let slope =
      logs.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
      / logs.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    exponent = slope
    factor = exponential(meanY - slope * meanX)
  }

  /// y at x.
  public func callAsFunction(_ x: Double) -> Double { factor * power(x, exponent) }
}
