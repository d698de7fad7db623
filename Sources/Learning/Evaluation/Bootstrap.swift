import Support

/// Confidence intervals by resampling with replacement.
///
/// Efron, Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 13: the percentile interval.
/// The generator is seeded, so that the same values give the same interval.
public enum Bootstrap {
  /// The 95 % percentile interval of the mean.
  ///
  /// - Parameters:
  ///   - values: finite numbers, one per case.
  ///   - resamples: how often the cases are redrawn.
  /// - Returns: nil for fewer than two values, which say nothing about their spread.
  public static func interval(
    ofMean values: [Double], resamples: Int = 10_000, seed: UInt64 = 1
  ) -> ClosedRange<Double>? {
    guard values.count >= 2 else { return nil }
    var stream = RandomStream(seed: seed).split("bootstrap")
    let count = UInt64(values.count)
    var means = (0..<resamples).map { _ in
      var sum = 0.0
      for _ in values {
        // 32 random bits times the count: an index without division, its bias below 2^-32 a draw.
        sum += values[Int(((stream.next() >> 32) * count) >> 32)]
      }
      return sum / Double(values.count)
    }
    means.sort()
    return quantile(means, 0.025)...quantile(means, 0.975)
  }

  /// A quantile of sorted values, linear between neighbours.
  static func quantile(_ sorted: [Double], _ q: Double) -> Double {
    let position = q * Double(sorted.count - 1)
    let low = Int(position)
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low])
  }
}
