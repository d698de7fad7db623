import Support
public import Tissues

extension MRProtocol {
  /// The grey value of an even region of a tissue without noise or shading, relative to pure water in equilibrium.
  ///
  /// Water and fat add as complex numbers, fat with the phase that its spectrum has gained at the echo.
  public func brightness(of tissue: MagneticTissue) -> Double {
    let relaxation = tissue.relaxation(at: fieldStrength, withAgent: contrastAgent == true)
    let water = tissue.water * stays(tissue.velocity) * signal(relaxation) * keptWater(offset: 0)
    let fat =
      tissue.fat * signal(FatSpectrum.relaxation(at: fieldStrength)) * keptFat(offset: 0)
    switch image ?? .magnitude {
    case .water: return abs(water)
    case .fat: return abs(fat)
    case .magnitude:
      let turned =
        sequence == .gradientEcho || sequence == .mprage
        ? FatSpectrum.phasor(at: te, field: fieldStrength) : balancedSign * [1, 0]
      let (re, im) = (water + fat * turned.x, fat * turned.y)
      return (re * re + im * im).squareRoot()
    }
  }

  /// Whether fat points the same way as water (1) or the other (-1).
  ///
  /// Balanced echoes in the middle of a repetition are refocused as spin echoes are; but what has turned by more than half a
  /// turn in it points the other way (Scheffler and Lehnhardt, Eur Radiol 13:2409, 2003).
  var balancedSign: Double {
    guard sequence == .balanced else { return 1 }
    let turns = FatSpectrum.mainShift * 1e-6 * FatSpectrum.larmor * fieldStrength * tr * 1e-3
    return Int(turns.rounded()) % 2 == 0 ? 1 : -1
  }
}
