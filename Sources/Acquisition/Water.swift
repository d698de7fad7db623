import Volumes

/// The linear attenuation of water, by which Hounsfield units are defined.
public enum Water {
  /// Linear attenuation coefficient of water at `energy` keV, 1/mm, for 10.5 to 149.5 keV.
  public static func attenuation(at energy: Double) -> Double {
    Material.water.attenuation(at: energy)
  }
}
