import Support

/// Wilcoxon's signed-rank test of paired differences, two-sided.
///
/// Wilcoxon, *Individual comparisons by ranking methods* (Biometrics Bulletin 1, 1945). Differences of
/// zero are left out; equal ones share their mean rank.
public enum WilcoxonSignedRank {
  /// The probability, were the differences symmetric about zero, of a rank sum at least as extreme.
  ///
  /// - Parameter exactLimit: with more differences than this the normal approximation is used.
  /// - Returns: nil where no difference is left.
  public static func p(_ differences: [Double], exactLimit: Int = 200) -> Double? {
    let values = differences.filter { $0.isFinite && $0 != 0 }
    guard !values.isEmpty else { return nil }
    let ranks = doubledRanks(values.map(abs))
    let positive = zip(values, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    return values.count <= exactLimit
      ? exact(positive, ranks: ranks) : approximate(positive, ranks: ranks)
  }

  /// Twice the rank of every value from 1; ties share the mean, which doubled is whole.
  static func doubledRanks(_ values: [Double]) -> [Int] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Int](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count && values[order[end]] == values[order[start]] { end += 1 }
      // Ranks start + 1 to end: twice their mean is first plus last.
      for position in start..<end { ranks[order[position]] = start + 1 + end }
      start = end
    }
    return ranks
  }

  /// Counts the sign patterns of every rank sum; right with ties, too.
  private static func exact(_ positive: Int, ranks: [Int]) -> Double {
    let total = ranks.reduce(0, +)
    // Probabilities instead of counts: 2^200 patterns have no integer type.
    var probability = [Double](repeating: 0, count: total + 1)
    probability[0] = 1
    var reach = 0
    for rank in ranks {
      reach += rank
      for sum in stride(from: reach, through: 0, by: -1) {
        let with = sum >= rank ? probability[sum - rank] : 0
        probability[sum] = 0.5 * (probability[sum] + with)
      }
    }
    let extreme = min(positive, total - positive)
    return min(1, 2 * probability[0...extreme].reduce(0, +))
  }

  /// Normal approximation with the variance of the tied ranks and a continuity correction.
  private static func approximate(_ positive: Int, ranks: [Int]) -> Double {
    let sum = 0.5 * Double(positive)
    let mean = 0.25 * Double(ranks.reduce(0, +))
    let variance = ranks.reduce(0) { $0 + 0.0625 * Double($1 * $1) }
    let z = max(0, abs(sum - mean) - 0.5) / variance.squareRoot()
    return complementaryErrorFunction(z / 2.0.squareRoot())
  }
}
