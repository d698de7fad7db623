public import Support

/// The photons that leave the tube and its filter, by energy.
///
/// A tungsten anode (SpekPy's model, tabulated for 70 to 150 kVp and interpolated between) behind flat
/// filters:
///
///     phi(E) = phi_W(E; kVp) exp(-sum_f mu_f(E) t_f)
public struct Spectrum: Equatable, Sendable {
  /// Middles of the bins of 1 keV.
  public let energies: [Double]
  /// Photons per mm², mAs and keV at 1 m from the focal spot.
  public let photons: [Double]

  /// The tube voltages that there are spectra for, kVp.
  public static let voltages: ClosedRange<Double> = 70...150

  /// The spectrum of a tube.
  ///
  /// - Parameters:
  ///   - kvp: tube voltage, kVp.
  ///   - aluminium: thickness of the filter, mm of aluminium.
  ///   - copper: thickness of a filter of copper on top, mm.
  /// - Throws: `MaskCTError` for a voltage outside of `voltages`.
  public init(kvp: Double, aluminium: Double, copper: Double = 0) throws(MaskCTError) {
    guard Self.voltages.contains(kvp) else {
      throw MaskCTError(
        .usage, "there is no spectrum for \(kvp) kVp",
        remedy: "give a tube voltage from 70 to 150 kVp")
    }
    let energies = XRayTable.tungsten.energies
    self.energies = energies
    let low = min(140, Int(kvp / 10) * 10)
    let t = (kvp - Double(low)) / 10
    let lower = XRayTable.tungsten["\(low)"]
    let upper = XRayTable.tungsten["\(low + 10)"]
    let filters = [(Material.aluminium, aluminium), (.copper, copper)]
    photons = energies.indices.map { bin in
      // No photon has more than the tube voltage, whatever is interpolated.
      let part = min(max(kvp - energies[bin] + 0.5, 0), 1)
      let bare = (lower[bin] * (1 - t) + upper[bin] * t) * part
      let depth = filters.reduce(0) { sum, filter in
        sum + filter.0.massAttenuation[bin] * filter.0.density * filter.1 / 10
      }
      return bare * exponential(-depth)
    }
  }

  /// Photons per mm² and mAs at 1 m.
  public var fluence: Double { photons.reduce(0, +) }

  /// Mean energy of the photons, keV.
  public var meanEnergy: Double {
    zip(energies, photons).reduce(0) { $0 + $1.0 * $1.1 } / fluence
  }

  /// Thickness of aluminium that halves the air kerma, mm.
  public var halfValueLayer: Double {
    let aluminium = Material.aluminium.massAttenuation
    let kerma = energies.indices.map { bin in
      photons[bin] * energies[bin] * Self.airAbsorption(energies[bin])
    }
    let whole = kerma.reduce(0, +)
    var (low, high) = (0.0, 30.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      let left = energies.indices.reduce(0.0) { sum, bin in
        sum + kerma[bin]
          * exponential(-aluminium[bin] * Material.aluminium.density * middle / 10)
      }
      if left > whole / 2 { low = middle } else { high = middle }
    }
    return low
  }

  /// Air kerma behind `depth` mm of water, in arbitrary units; primary photons only.
  func airKerma(behindWater depth: Double) -> Double {
    let water = Material.water.massAttenuation
    return energies.indices.reduce(0.0) { sum, bin in
      guard photons[bin] > 0 else { return sum }
      return sum + photons[bin] * energies[bin] * Self.airAbsorption(energies[bin])
        * exponential(-water[bin] * depth / 10)
    }
  }

  /// Mass energy-absorption coefficient of dry air, cm²/g: Hubbell and Seltzer's figures (NIST Standard
  /// Reference Database 126), log-log interpolated. xraylib's own differ from them, and half value layers
  /// with it by 6 %; they serve the half value layer alone.
  private static func airAbsorption(_ energy: Double) -> Double {
    let table: [(Double, Double)] = [
      (10, 4.742), (15, 1.334), (20, 0.5389), (30, 0.1537), (40, 0.06833), (50, 0.04098),
      (60, 0.03041), (80, 0.02407), (100, 0.02325), (150, 0.02496),
    ]
    let upper = max(1, table.firstIndex { $0.0 >= energy } ?? table.count - 1)
    let (a, b) = (table[upper - 1], table[upper])
    let t = logarithm(energy / a.0) / logarithm(b.0 / a.0)
    return a.1 * power(b.1 / a.1, t)
  }
}
