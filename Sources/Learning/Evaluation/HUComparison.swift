import Support

/// One structure in two sets of CT images, simulated and real ones for example.
///
/// Distances are of what is typical of a set: quantiles are averaged over its cases (the barycentre of their
/// distributions in the Wasserstein metric), structure functions by their median.
public struct HUComparison: Equatable, Sendable {
  /// The structure's name.
  public let structure: String
  /// Standard deviation within the structure in the first set over that in the second, medians over cases.
  public let deviation: Double
  /// The same of the noise, the finest detail.
  public let noise: Double
  /// Wasserstein distance of the distributions, HU: how far voxels would have to move on average.
  public let distance: Double
  /// The same after each set's mean is taken off: the shape of the distribution alone.
  public let shape: Double
  /// Root mean square of the binary logarithms of the ratio of the structure functions over their lags: 0 for the same
  /// texture at every scale, 1 where it is twice or half as strong.
  public let texture: Double

  /// Compares the structures that both sets have, in the order of the first.
  public static func all(_ first: HUStatisticsRun.Summary, _ second: HUStatisticsRun.Summary)
    -> [HUComparison]
  {
    first.structures.enumerated().compactMap { index, name in
      second.structures.firstIndex(of: name).flatMap { other in
        HUComparison(
          name, first.cases.compactMap { $0.structures[index] },
          second.cases.compactMap { $0.structures[other] })
      }
    }
  }

  /// Compares the cases of two sets; `nil` where one of them has none.
  init?(_ structure: String, _ first: [HUStatistics], _ second: [HUStatistics]) {
    guard !first.isEmpty, !second.isEmpty else { return nil }
    func ratio(_ figure: KeyPath<HUStatistics, Double>) -> Double {
      let below = Statistics(second.map { $0[keyPath: figure] }).median
      return below > 0 ? Statistics(first.map { $0[keyPath: figure] }).median / below : .nan
    }
    func quantiles(_ cases: [HUStatistics]) -> [Double] {
      (0..<HUStatistics.quantileCount).map { index in
        cases.reduce(0) { $0 + $1.quantiles[index] } / Double(cases.count)
      }
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let (a, b) = (quantiles(first), quantiles(second))
    let shift = mean(a) - mean(b)
    self.structure = structure
    deviation = ratio(\.deviation)
    noise = ratio(\.noise)
    distance = mean(zip(a, b).map { abs($0 - $1) })
    shape = mean(zip(a, b).map { abs($0 - $1 - shift) })
    let octaves = HUStatistics.lags.indices.compactMap { lag -> Double? in
      let (a, b) = (
        Statistics(first.map { $0.structureFunction[lag] }).median,
        Statistics(second.map { $0.structureFunction[lag] }).median
      )
      return a > 0 && b > 0 ? logarithm(a / b) / logarithm(2) : nil
    }
    texture =
      octaves.isEmpty ? .nan : mean(octaves.map { $0 * $0 }).squareRoot()
  }
}
