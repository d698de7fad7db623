public import Support

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
  /// Time of one rotation, s. What a scan shows depends on `mas` alone; with it, the tube current and the time of the
  /// scan can be told.
  public var rotationTime: Double?
  /// The bow-tie filter; the scanner's own where this is missing.
  public var bowtie: Bowtie?
  /// Detector rows that are read, the middle ones: a collimation narrower than the scanner's. All where this is
  /// missing.
  public var rows: Int?
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
  /// Whether the shading of the cone angle is taken out of the image; where this is missing, for detectors whose cone
  /// is wide (`Scanner.hasWideCone`).
  public var correctsCone: Bool?
  /// Least and greatest value of the image, HU: beyond them it holds these, as collections do that were published for soft
  /// tissue alone. All values where this is missing.
  public var window: ClosedRange<Double>?
  /// How the image comes about; by a scan where this is missing.
  public var imaging: Imaging?

  /// How an image comes about.
  public enum Imaging: String, Codable, CaseIterable, Sendable {
    /// By a scan and its reconstruction.
    case scan
    /// By a blur of the width of the scan's resolution and white noise of its strength: what the physics of a scan are
    /// compared with.
    case blur
  }

  enum CodingKeys: String, CodingKey {
    case name, description, mas, pitch, kernel, energy, kvp, resolution, modulation, bowtie, rows,
      window, imaging
    case noiseIndex = "noise_index"
    case rotationTime = "rotation_time"
    case sliceThickness = "slice_thickness"
    case correctsHardening = "hardening_correction"
    case correctsCone = "cone_correction"
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

  /// Whether the shading of the cone angle is taken out of images of `scanner`.
  public func correctsCone(of scanner: Scanner) -> Bool { correctsCone ?? scanner.hasWideCone }

  /// The scanner as this protocol uses it: with its bow-tie filter and the rows that are read.
  ///
  /// - Throws: `MaskCTError` where the scanner has fewer rows.
  public func applied(to scanner: Scanner) throws(MaskCTError) -> Scanner {
    var used = scanner
    if let bowtie { used.bowtieDiameter = bowtie.diameter }
    if let rows {
      guard rows <= scanner.rows else {
        throw MaskCTError(
          .usage,
          "protocol '\(name)' reads \(rows) rows, and scanner '\(scanner.name)' has \(scanner.rows)",
          remedy: "ask for at most \(scanner.rows) rows, or take another scanner")
      }
      used.rows = rows
    }
    return used
  }
}

/// A bow-tie filter, by the size of the body that it is made for.
public enum Bowtie: String, Codable, CaseIterable, Sendable {
  /// Heads and children.
  case small
  /// Most bodies.
  case medium
  /// Large bodies.
  case large

  /// Diameter of the water cylinder that it compensates for, mm.
  public var diameter: Double {
    switch self {
    case .small: 220
    case .medium: 320
    case .large: 420
    }
  }
}
