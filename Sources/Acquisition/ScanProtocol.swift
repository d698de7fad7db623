/// How a scan is taken and reconstructed: dose, pitch, reconstruction kernel, slice thickness.
public struct ScanProtocol: Codable, Equatable, Sendable {
  /// The preset's name.
  public var name: String
  /// One sentence on when it is used.
  public var description: String
  /// Tube current times rotation time, mAs; with modulation its mean over the scan.
  public var mas: Double
  /// Noise that is wanted in the middle of the image, HU: the mAs are chosen for it, and `mas` does not count.
  public var noiseIndex: Double?
  /// How the tube current follows the body; constant where this is missing.
  public var modulation: CurrentModulation?
  /// Table feed per rotation over collimation, 0.3 to 1.5.
  public var pitch: Double
  /// Name of the reconstruction kernel: `smooth`, `standard`, `sharp` or `bone`.
  public var kernel: String
  /// Photon energy of a monoenergetic scan, keV.
  public var energy: Double
  /// Tube voltage, kVp: the scan is polychromatic, and `energy` does not count. `nil` for a monoenergetic
  /// scan.
  public var kvp: Double?
  /// Slice thickness, mm; `nil` for the slice spacing of the grid that is reconstructed.
  public var sliceThickness: Double?
  /// Voxel size in the plane for which it is reconstructed, mm; `nil` for that of the image. An image
  /// with larger voxels then holds samples of the fine reconstruction, not means: what is left when a
  /// collection was made smaller by keeping every n-th voxel.
  public var resolution: Double?
  /// Whether a polychromatic scan is corrected for the hardening of the beam in water; it is where this is
  /// missing. Without the correction water is cupped and reads too low.
  public var correctsHardening: Bool?

  enum CodingKeys: String, CodingKey {
    case name, description, mas, pitch, kernel, energy, kvp, resolution, modulation
    case noiseIndex = "noise_index"
    case sliceThickness = "slice_thickness"
    case correctsHardening = "hardening_correction"
  }

  /// Creates a protocol; see the properties for units.
  public init(
    name: String, description: String = "", mas: Double = 200, pitch: Double = 1,
    kernel: String = "standard", energy: Double = 70, kvp: Double? = nil,
    sliceThickness: Double? = nil,
    resolution: Double? = nil
  ) {
    self.name = name
    self.description = description
    self.mas = mas
    self.pitch = pitch
    self.kernel = kernel
    self.energy = energy
    self.kvp = kvp
    self.sliceThickness = sliceThickness
    self.resolution = resolution
  }
}
