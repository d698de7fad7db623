#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The distribution of HU that a texture is given.
public enum TargetDistribution: Codable, Equatable, Sendable {
  /// A normal distribution cut off symmetrically at `cut` standard deviations.
  case gaussian(mean: Double, deviation: Double, cut: Double = 3)
  /// A sum of such distributions; weights need not add up to 1.
  case mixture([Component])
  /// Counts (of any unit) in cells between neighbouring edges: one weight fewer than edges.
  case histogram(edges: [Double], weights: [Double])

  /// One part of a mixture.
  public struct Component: Codable, Equatable, Sendable {
    /// How much of the whole it is.
    public var weight: Double
    /// Mean, HU.
    public var mean: Double
    /// Standard deviation, HU.
    public var deviation: Double

    /// Creates a part.
    public init(weight: Double, mean: Double, deviation: Double) {
      self.weight = weight
      self.mean = mean
      self.deviation = deviation
    }
  }

  /// The quantile function, tabulated.
  public var quantiles: QuantileTable {
    switch self {
    case .gaussian(let mean, let deviation, let cut):
      return QuantileTable(
        parts: [Component(weight: 1, mean: mean, deviation: deviation)], cut: cut)
    case .mixture(let parts): return QuantileTable(parts: parts, cut: 3)
    case .histogram(let edges, let weights): return QuantileTable(edges: edges, weights: weights)
    }
  }
}

/// The inverse of a cumulative distribution: part of the whole (0...1) to value.
public struct QuantileTable: Sendable {
  /// Edges of cells, ascending.
  private let edges: [Double]
  /// The part of the whole below each edge; 0 at the first, 1 at the last.
  private let below: [Double]

  /// Creates the table of a piecewise constant density.
  public init(edges: [Double], weights: [Double]) {
    precondition(edges.count == weights.count + 1, "a histogram has one edge more than cells")
    var below = [0.0]
    for weight in weights { below.append(below.last! + max(0, weight)) }
    let total = below.last!
    precondition(total > 0, "a histogram has a cell that is not empty")
    self.edges = edges
    self.below = below.map { $0 / total }
  }

  init(parts: [TargetDistribution.Component], cut: Double) {
    let low = parts.map { $0.mean - cut * $0.deviation }.min() ?? 0
    let high = parts.map { $0.mean + cut * $0.deviation }.max() ?? 0
    guard high > low else {
      self.init(edges: [low, low], weights: [1])
      return
    }
    let cells = 4096
    let step = (high - low) / Double(cells)
    var weights = [Double](repeating: 0, count: cells)
    for part in parts where part.weight > 0 {
      // A part narrower than a cell is put into its cell; what is cut off is spread over the rest.
      let deviation = max(part.deviation, step)
      let first = max(0, Int((part.mean - cut * deviation - low) / step))
      let last = min(cells - 1, Int((part.mean + cut * deviation - low) / step))
      guard first <= last else { continue }
      var sum = 0.0
      for pass in 0..<2 {
        for cell in first...last {
          let u = (low + (Double(cell) + 0.5) * step - part.mean) / deviation
          let density = exp(-0.5 * u * u)
          if pass == 0 { sum += density } else { weights[cell] += part.weight * density / sum }
        }
      }
    }
    self.init(edges: (0...cells).map { low + Double($0) * step }, weights: weights)
  }

  /// Values at ascending parts of the whole, each in 0...1.
  func values(at parts: [Double]) -> [Float] {
    var cell = 0
    return parts.map { part in
      while cell < below.count - 2, below[cell + 1] < part { cell += 1 }
      let width = below[cell + 1] - below[cell]
      let f = width > 0 ? min(1, max(0, (part - below[cell]) / width)) : 0
      return Float(edges[cell] + f * (edges[cell + 1] - edges[cell]))
    }
  }

  /// The value below which the given part of the whole lies.
  public func value(at part: Double) -> Double { Double(values(at: [part])[0]) }
}
