import Volumes

/// The linear attenuation of water, by which Hounsfield units are defined.
public enum Water {
  /// Linear attenuation coefficient of water at `energy` keV, 1/mm, for 40 to 150 keV.
  ///
  /// Log-log interpolation of mass attenuation coefficients (cm²/g) of liquid water from Hubbell and
  /// Seltzer, *Tables of X-ray mass attenuation coefficients* (NIST Standard Reference Database 126).
  public static func attenuation(at energy: Double) -> Double {
    let table: [(energy: Double, coefficient: Double)] = [
      (40, 0.2683), (50, 0.2269), (60, 0.2059), (80, 0.1837), (100, 0.1707), (150, 0.1505),
    ]
    let energy = min(max(energy, table[0].energy), table[table.count - 1].energy)
    let upper = max(1, table.firstIndex { $0.energy >= energy } ?? table.count - 1)
    let (a, b) = (table[upper - 1], table[upper])
    let t = (logarithm(energy) - logarithm(a.energy)) / (logarithm(b.energy) - logarithm(a.energy))
    let squareCentimetresPerGram = exponential(
      logarithm(a.coefficient) * (1 - t) + logarithm(b.coefficient) * t)
    return squareCentimetresPerGram / 10
  }
}
