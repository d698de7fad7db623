import Support
import Tissues

/// Fat in a magnetic field: six peaks and one set of relaxation times.
enum FatSpectrum {
  /// Peaks relative to water, ppm, and their parts of the whole: Hamilton et al., NMR Biomed 24:784 (2011), of the liver;
  /// water at 4.7 ppm.
  static let peaks: [(shift: Double, part: Double)] = [
    (-3.80, 0.088), (-3.40, 0.700), (-2.60, 0.120), (-1.94, 0.006), (-0.39, 0.039), (0.60, 0.047),
  ]

  /// The methylene peak, which pulses that suppress fat aim at, ppm.
  static let mainShift = -3.40

  /// Larmor frequency of protons, Hz per T.
  static let larmor = 42.577e6

  /// Relaxation times at a field (T): T1 and T2 of subcutaneous fat as Gold et al. 2004 measured them with trains
  /// of echoes, whose short spacing keeps coupled spins in step; T2* from general knowledge.
  static func relaxation(at field: Double) -> WaterRelaxation {
    func time(_ low: Double, _ high: Double) -> Double {
      MagneticTissue.Time(low: low, high: high).at(field)
    }
    return WaterRelaxation(t1: time(288, 371), t2: time(165, 133), t2Star: time(45, 35))
  }

  /// The spectrum's signal `time` ms after water and fat were in phase: `sum a_p exp(2 pi i f_p t)`.
  static func phasor(at time: Double, field: Double) -> SIMD2<Double> {
    var sum = SIMD2<Double>()
    for peak in peaks {
      let angle = 2 * Double.pi * peak.shift * 1e-6 * larmor * field * time * 1e-3
      sum += peak.part * SIMD2(cosine(angle), sine(angle))
    }
    return sum
  }
}

extension MRProtocol {
  /// What a suppressing pulse leaves of fat where the field is off by so many ppm.
  func keptFat(offset: Double) -> Double {
    guard let pulse = fatSuppression else { return 1 }
    // Peaks that the pulse does not reach (olefinic, glycerol) stay.
    return FatSpectrum.peaks.reduce(0) { sum, peak in
      let distance = peak.shift + offset - FatSpectrum.mainShift
      return sum + peak.part * (1 - (1 - pulse.residual) * pulse.profile(distance))
    }
  }

  /// What it leaves of water.
  func keptWater(offset: Double) -> Double {
    guard let pulse = fatSuppression else { return 1 }
    return 1 - (1 - pulse.residual) * pulse.profile(offset - FatSpectrum.mainShift)
  }
}

extension MRProtocol.FatSuppression {
  /// Effect of the pulse on what precesses so many ppm from its middle: a smooth box, half at half the width.
  func profile(_ distance: Double) -> Double {
    exponential(-logarithm(2) * power(abs(2 * distance / bandwidth), 6))
  }
}
