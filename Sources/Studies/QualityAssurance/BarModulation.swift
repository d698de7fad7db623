internal import Support

/// The modulation of a bar pattern: the amplitude of the bars' own frequency, relative to that of the bars.
///
/// Means over lines along the bars make a profile; its component at the bars' frequency, over the whole
/// periods that fit into the pattern, is compared with the `2 / pi` of the contrast that a pattern of equal bars
/// and gaps has.
public enum BarModulation {
  /// The part of the modulation that is left.
  ///
  /// - Parameters:
  ///   - profile: HU across the bars, and where, mm.
  ///   - frequency: of the bars, lp/mm.
  ///   - contrast: of bars over gaps, HU.
  public static func measure(
    _ profile: [(place: Double, value: Double)], frequency: Double, contrast: Double
  ) -> Double {
    let mean = profile.reduce(0) { $0 + $1.value } / Double(max(1, profile.count))
    var (a, b) = (0.0, 0.0)
    for point in profile {
      let phase = 2 * Double.pi * frequency * point.place
      a += (point.value - mean) * cosine(phase)
      b += (point.value - mean) * sine(phase)
    }
    let amplitude = 2 * (a * a + b * b).squareRoot() / Double(max(1, profile.count))
    return amplitude / (2 / .pi * contrast)
  }
}
