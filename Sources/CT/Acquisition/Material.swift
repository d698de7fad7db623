import Support

/// A material whose attenuation is known.
public enum Material: String, CaseIterable, Sendable {
  case water, bone, iodine, aluminium, copper, carbon, scintillator

  /// Density, g/cm³. Bone is cortical bone of ICRP's reference man.
  public var density: Double {
    switch self {
    case .water: 1
    case .bone: 1.85
    case .iodine: 4.93
    case .aluminium: 2.699
    case .copper: 8.96
    case .carbon: 2
    case .scintillator: 7.34
    }
  }

  /// Mass attenuation coefficient at every bin of the tables, cm²/g.
  var massAttenuation: [Double] { XRayTable.attenuation[rawValue] }

  /// Mass attenuation coefficient at `energy` keV, cm²/g, for 10.5 to 149.5 keV.
  ///
  /// Log-log interpolation between the bins: within a thousandth away from absorption edges.
  public func massAttenuation(at energy: Double) -> Double {
    let energies = XRayTable.attenuation.energies
    let values = massAttenuation
    let position = min(max(energy, energies[0]), energies[energies.count - 1]) - energies[0]
    let low = min(Int(position), values.count - 2)
    let (a, b) = (energies[low], energies[low + 1])
    let energy = energies[0] + position
    let t = (logarithm(energy) - logarithm(a)) / (logarithm(b) - logarithm(a))
    return exponential(logarithm(values[low]) * (1 - t) + logarithm(values[low + 1]) * t)
  }

  /// Linear attenuation coefficient at `energy` keV, 1/mm.
  public func attenuation(at energy: Double) -> Double {
    massAttenuation(at: energy) * density / 10
  }
}
