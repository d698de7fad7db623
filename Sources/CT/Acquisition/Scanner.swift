import Support

/// The geometry and physics of a third-generation multi-row CT scanner.
///
/// The detector is a cylinder around the source: `channels` equal steps in fan angle and `rows` of
/// `rowHeight` along z. Lengths in mm, measured at the isocentre where the name says so.
public struct Scanner: Codable, Equatable, Sendable {
  /// The preset's name.
  public var name: String
  /// One sentence on what it stands for.
  public var description: String
  /// R: distance from the focal spot to the axis of rotation, mm.
  public var sourceToIsocenter: Double
  /// D: distance from the focal spot to the detector, mm.
  public var sourceToDetector: Double
  /// Detector elements along the fan.
  public var channels: Int
  /// Full fan angle, degrees; the step is `fanAngle / channels`.
  public var fanAngle: Double
  /// Shift of the detector along the fan in channels; 0.25 interleaves opposite rays.
  public var channelOffset: Double
  /// Detector rows along z.
  public var rows: Int
  /// Height of a row at the isocentre, mm.
  public var rowHeight: Double
  /// Readings in one rotation; even.
  public var viewsPerRotation: Int
  /// Photons per mm² of detector and mAs at the fan's centre, behind the bow-tie filter, at 120 kVp.
  public var photonsPerMas: Double
  /// Standard deviation of the electronic noise of one reading, in photons.
  public var electronicNoise: Double
  /// Diameter of the water cylinder that the bow-tie filter compensates for, mm; 0 for none.
  public var bowtieDiameter: Double
  /// Flat filter of the tube, mm of aluminium; 7 where it is missing. For polychromatic scans.
  public var filtration: Double?
  /// Width of the focal spot along the fan and along z, mm; without it, and without an aperture, rays are thin.
  public var focalSpot: Double?
  /// Part of an element's width and of its height that counts photons, 0 to 1.
  public var detectorAperture: Double?
  /// Part of a reading that leaks to each neighbour along the fan; none where it is missing.
  public var crosstalk: Double?
  /// Scattered over primary photons behind the middle of 320 mm of water; none where it is missing.
  public var scatterToPrimary: Double?
  /// Part of the estimated scatter that is taken away before reconstruction; all where it is missing.
  public var scatterCorrection: Double?
  /// Weighted dose index of 100 mAs at 120 kVp in the phantom of 32 cm, mGy; 7.2 where it is missing.
  public var doseIndex: Double?

  enum CodingKeys: String, CodingKey {
    case name, description, channels, rows, filtration, crosstalk
    case sourceToIsocenter = "source_to_isocenter"
    case sourceToDetector = "source_to_detector"
    case fanAngle = "fan_angle"
    case channelOffset = "channel_offset"
    case rowHeight = "row_height"
    case viewsPerRotation = "views_per_rotation"
    case photonsPerMas = "quanta_per_mas"
    case electronicNoise = "electronic_noise"
    case bowtieDiameter = "bowtie_diameter"
    case focalSpot = "focal_spot"
    case detectorAperture = "detector_aperture"
    case scatterToPrimary = "scatter_to_primary"
    case scatterCorrection = "scatter_correction"
    case doseIndex = "dose_index"
  }

  /// Creates a scanner; see the properties for units. Photons and electronics are by default those of the scanners that
  /// ship with the tool.
  public init(
    name: String, description: String = "", sourceToIsocenter: Double, sourceToDetector: Double,
    channels: Int, fanAngle: Double, channelOffset: Double = 0.25, rows: Int, rowHeight: Double,
    viewsPerRotation: Int, photonsPerMas: Double = 600_000, electronicNoise: Double = 5,
    bowtieDiameter: Double = 0, filtration: Double? = nil
  ) {
    self.name = name
    self.description = description
    self.sourceToIsocenter = sourceToIsocenter
    self.sourceToDetector = sourceToDetector
    self.channels = channels
    self.fanAngle = fanAngle
    self.channelOffset = channelOffset
    self.rows = rows
    self.rowHeight = rowHeight
    self.viewsPerRotation = viewsPerRotation
    self.photonsPerMas = photonsPerMas
    self.electronicNoise = electronicNoise
    self.bowtieDiameter = bowtieDiameter
    self.filtration = filtration
  }

  /// Step of the fan angle from channel to channel, radians.
  public var channelAngle: Double { fanAngle * .pi / 180 / Double(channels) }

  /// The channel index, usually fractional, at fan angle 0.
  public var centralChannel: Double { 0.5 * Double(channels - 1) - channelOffset }

  /// Fan angle of a channel's centre, radians.
  public func angle(ofChannel channel: Int) -> Double {
    (Double(channel) - centralChannel) * channelAngle
  }

  /// The bow-tie filter in front of every channel, mm of water.
  ///
  /// It makes up for the water that a ray beside the centre does not meet. A real filter is a compromise:
  /// it takes back half of the difference.
  public var bowtieWater: [Double] {
    let radius = bowtieDiameter / 2
    return (0..<channels).map { channel in
      let offset = sourceToIsocenter * sine(angle(ofChannel: channel))
      let chord = 2 * max(0, radius * radius - offset * offset).squareRoot()
      return 0.5 * (2 * radius - chord)
    }
  }

  /// Total height of the detector at the isocentre, mm.
  public var collimation: Double { Double(rows) * rowHeight }

  /// Whether the outermost rows see the axis at more than 1.5 degrees: what changes along z is then shaded visibly.
  public var hasWideCone: Bool { collimation / 2 > sourceToIsocenter * 0.026 }

  /// How far above and below its source's height a view sees material within `radius` of the axis, mm.
  ///
  /// A row to spare is for projectors that tell a ray's height in steps.
  public func axialReach(radius: Double) -> Double {
    collimation / 2 * (1 + radius / sourceToIsocenter) + rowHeight
  }

  /// Radius of the circle around the axis that every view sees, mm.
  ///
  /// One and a half channels are kept back, as margin of the interpolation in rebinning.
  public var fieldOfViewRadius: Double {
    let reach = (Double(channels) / 2 - abs(channelOffset) - 2) * channelAngle
    return sourceToIsocenter * sine(reach)
  }

  /// Rows padded to a whole number of vectors: floats from one channel of a view to the next.
  public var rowStride: Int { (rows + 15) / 16 * 16 }

  /// Floats in one view, `channels * rowStride`.
  public var viewStride: Int { channels * rowStride }

  /// The scanner with readings summed over channels and views, for images with coarse voxels.
  ///
  /// A reconstruction of voxels of size s keeps frequencies up to 1 / s, which channels of s / 2 at the
  /// isocentre just sample. So many neighbouring channels, and as many successive views, are read out
  /// as one: photons add up, and so does the variance of the electronic noise.
  ///
  /// - Parameter size: the larger voxel spacing in the plane, mm.
  public func binned(forVoxel size: Double) -> Scanner {
    let factor = Int(size / (2 * sourceToIsocenter * channelAngle))
    // The number of views stays even, and large enough for a body.
    guard factor > 1, viewsPerRotation / factor >= 180 else {
      return factor > 2 ? binned(forVoxel: size * Double(factor - 1) / Double(factor)) : self
    }
    var scanner = self
    scanner.channels = channels / factor
    scanner.fanAngle = fanAngle * Double(scanner.channels * factor) / Double(channels)
    scanner.channelOffset = channelOffset / Double(factor)
    scanner.viewsPerRotation = viewsPerRotation / factor / 2 * 2
    scanner.electronicNoise = electronicNoise * Double(factor)
    return scanner
  }
}
