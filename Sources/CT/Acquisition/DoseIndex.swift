public import Support

/// The volume CT dose index of a scan: what a console shows, in mGy for the phantom of 32 cm.
///
///     CTDIvol = n(kVp) mAs / (100 pitch)
///
/// with n the weighted index of 100 mAs: the scanner's at 120 kVp times `voltageFactor`. Measured with four
/// scanners of 64 rows at 120 kV, n is 7.2 to 10.1 mGy (table 2 of Brit. J. Radiol. 82, 2009, 1010-1018,
/// doi 10.1259/bjr/13320880: CTDIvol over effective mAs).
public enum DoseIndex {
  /// Weighted index of 100 mAs at 120 kVp where a scanner states none, mGy.
  public static let usual = 7.2

  /// CTDIvol, mGy.
  ///
  /// A monoenergetic protocol stands for 120 kVp.
  ///
  /// - Throws: `MaskCTError` for a voltage without spectrum.
  public static func volume(scanner: Scanner, scanProtocol: ScanProtocol) throws(MaskCTError)
    -> Double
  {
    let n =
      (scanner.doseIndex ?? usual)
      * (try voltageFactor(kvp: scanProtocol.kvp ?? 120, scanner: scanner))
    return n * scanProtocol.mas / 100 / scanProtocol.pitch
  }

  /// The dose of a voltage over that of 120 kVp, for the same mAs.
  ///
  /// The air kerma of primary photons in 320 mm of water, a third of it in the middle and two thirds at 10 mm
  /// of depth, averaged over a rotation. Scatter is left out of both.
  ///
  /// - Throws: `MaskCTError` for a voltage without spectrum.
  public static func voltageFactor(kvp: Double, scanner: Scanner) throws(MaskCTError) -> Double {
    weightedKerma(try scanner.spectrum(kvp: kvp)) / weightedKerma(try scanner.spectrum(kvp: 120))
  }

  private static func weightedKerma(_ spectrum: Spectrum) -> Double {
    let (radius, place) = (160.0, 150.0)
    let angles = 72
    let rim = (0..<angles).reduce(0.0) { sum, index in
      // Along the direction to the tube, from the place to the surface.
      let angle = 2 * .pi * (Double(index) + 0.5) / Double(angles)
      let along = place * cosine(angle)
      let depth = (radius * radius - place * place + along * along).squareRoot() - along
      return sum + spectrum.airKerma(behindWater: depth)
    }
    return spectrum.airKerma(behindWater: radius) / 3 + 2 * rim / Double(angles) / 3
  }
}
