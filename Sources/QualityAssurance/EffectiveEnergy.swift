public import Acquisition
public import Volumes

/// The one energy that stands for a spectrum behind water, and what materials read there.
public enum EffectiveEnergy {
  /// The energy at which water attenuates as it does the signal of a spectrum behind `depth` mm of water, keV.
  ///
  /// Behind, because what is small in a body adds to a path that has hardened the beam already:
  ///
  ///     mu_water(E) = -d ln S / dw        at w = depth
  ///
  /// - Throws: `MaskCTError` for a voltage without spectrum.
  public static func of(
    scanner: Scanner, kvp: Double, water depth: Double
  ) throws(MaskCTError) -> Double {
    let response = try scanner.response(kvp: kvp)
    // Over ten steps of the response's table, so that its interpolation does not matter.
    let step: Float = 20
    let lines = [-step, step].map { response.line(water: Float(depth) + $0, bone: 0) }
    let attenuation = Double((lines[1] - lines[0]) / (2 * step))
    // Attenuation of water falls with energy all over the diagnostic range.
    var (low, high) = (20.0, 149.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if Material.water.attenuation(at: middle) > attenuation {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// The HU at an energy of a mixture of water and bone whose HU at 70 keV are known (`BasisMaterials`).
  public static func hu(of value: Double, at energy: Double) -> Double {
    let basis = BasisMaterials()
    let mu =
      (Double(basis.water(Float(value))) * Material.water.massAttenuation(at: energy)
        + Double(basis.bone(Float(value))) * Material.bone.massAttenuation(at: energy)) / 10
    let water = Material.water.attenuation(at: energy)
    return 1000 * (mu - water) / water
  }
}
