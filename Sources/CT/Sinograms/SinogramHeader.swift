public import Acquisition
import Support
public import Volumes

/// What a sinogram file says besides its readings.
public struct SinogramHeader: Equatable, Sendable {
  /// The version of the format that this program writes, and the newest that it reads.
  public static let version = 1

  /// The geometry of the readings.
  public var scan: HelicalScan
  /// Dose, energy and the reconstruction that was meant.
  public var scanProtocol: ScanProtocol
  /// mu of water that line integrals are counted in, 1/mm: HU = 1000 (mu - mu_water) / mu_water.
  public var waterAttenuation: Double
  /// The grid that the scan was planned for: its in-plane centre is the axis of rotation and its first slice
  /// is at height 0.
  public var image: Grid?

  /// Creates a header; see the properties for units.
  public init(
    scan: HelicalScan, scanProtocol: ScanProtocol, waterAttenuation: Double, image: Grid?
  ) {
    self.scan = scan
    self.scanProtocol = scanProtocol
    self.waterAttenuation = waterAttenuation
    self.image = image
  }

  /// The grid in whose gantry frame the scan lies: `image`, or one of patient coordinates with x and y from
  /// the axis of rotation and z as height.
  public var reference: Grid {
    image ?? Grid(shape: [1, 1, 1], spacing: [1, 1, 1])
  }
}

// How the header lies in a file; the names are those of the scanner and protocol files.
extension SinogramHeader {
  /// Writes groups and attributes.
  ///
  /// - Returns: whether that worked.
  func write(to file: HDF5.Handle, create: (String) -> HDF5.Handle?) -> Bool {
    guard HDF5.write("maskct sinogram", as: "format", to: file),
      HDF5.write([Int64(Self.version)], as: "version", to: file),
      let geometry = create("geometry"), let taken = create("protocol")
    else { return false }
    let scanner = scan.scanner
    let lengths = [
      ("source_to_isocenter", scanner.sourceToIsocenter),
      ("source_to_detector", scanner.sourceToDetector), ("fan_angle", scanner.fanAngle),
      ("channel_offset", scanner.channelOffset), ("row_height", scanner.rowHeight),
      ("pitch", scan.pitch), ("first_angle", scan.firstAngle), ("first_height", scan.firstHeight),
      ("water_attenuation", waterAttenuation),
    ]
    var ok = lengths.allSatisfy { HDF5.write([$0.1], as: $0.0, to: geometry) }
    ok =
      ok
      && HDF5.write([Int64(scanner.viewsPerRotation)], as: "views_per_rotation", to: geometry)
      && HDF5.write(scanner.name, as: "scanner", to: geometry)
      && HDF5.write(scanProtocol.name, as: "name", to: taken)
      && HDF5.write(scanProtocol.kernel, as: "kernel", to: taken)
    let settings: [(String, Double?)] = [
      ("mas", scanProtocol.mas), ("kvp", scanProtocol.kvp),
      ("energy", scanProtocol.kvp == nil ? scanProtocol.energy : nil),
      ("slice_thickness", scanProtocol.sliceThickness), ("resolution", scanProtocol.resolution),
      ("cone_correction", scanProtocol.correctsCone.map { $0 ? 1 : 0 }),
    ]
    for (name, value) in settings {
      if let value { ok = ok && HDF5.write([value], as: name, to: taken) }
    }
    guard let image else { return ok }
    guard ok, let group = create("image") else { return false }
    let (columns, origin) = (image.affine.columns, image.affine.translation)
    let affine = (0..<3).flatMap {
      [columns.x[$0], columns.y[$0], columns.z[$0], origin[$0]]
    }
    return HDF5.write(affine, as: "affine", to: group)
      && HDF5.write((0..<3).map { Int64(image.shape[$0]) }, as: "shape", to: group)
  }

  /// Reads and checks groups and attributes.
  ///
  /// - Parameter shape: views, channels and rows of the readings.
  /// - Throws: `MaskCTError` that names the file, the attribute and the remedy.
  init(
    geometry: HDF5.Handle, taken: HDF5.Handle?, image: HDF5.Handle?, shape: SIMD3<Int>,
    path: String
  ) throws {
    func need(_ name: String) throws -> Double {
      guard let value = HDF5.numbers(name, of: geometry)?[0] else {
        throw MaskCTError(
          .input, path: path, "group 'geometry' has no number '\(name)'",
          remedy: "write it as an attribute; docs/reference/sinograms.md lists them")
      }
      return value
    }
    let views = try need("views_per_rotation")
    guard views == views.rounded(), (1...1e6).contains(views) else {
      throw MaskCTError(
        .input, path: path, "views_per_rotation cannot be \(views)",
        remedy: "give an even whole number")
    }
    let scanner = Scanner(
      name: HDF5.text("scanner", of: geometry) ?? "unknown",
      sourceToIsocenter: try need("source_to_isocenter"),
      sourceToDetector: try need("source_to_detector"), channels: shape.y,
      fanAngle: try need("fan_angle"), channelOffset: try need("channel_offset"), rows: shape.z,
      rowHeight: try need("row_height"), viewsPerRotation: Int(views))
    try scanner.validate(path: path)
    var scanProtocol = ScanProtocol(name: "unknown", pitch: try need("pitch"))
    if let taken {
      func number(_ name: String) -> Double? { HDF5.numbers(name, of: taken)?[0] }
      scanProtocol.name = HDF5.text("name", of: taken) ?? scanProtocol.name
      scanProtocol.kernel = HDF5.text("kernel", of: taken) ?? scanProtocol.kernel
      scanProtocol.mas = number("mas") ?? scanProtocol.mas
      scanProtocol.energy = number("energy") ?? scanProtocol.energy
      scanProtocol.kvp = number("kvp")
      scanProtocol.sliceThickness = number("slice_thickness")
      scanProtocol.resolution = number("resolution")
      scanProtocol.correctsCone = number("cone_correction").map { $0 != 0 }
    }
    try scanProtocol.validate(path: path)
    let scan = HelicalScan(
      scanner: scanner, pitch: scanProtocol.pitch, firstAngle: try need("first_angle"),
      firstHeight: try need("first_height"), viewCount: shape.x)
    let water = try need("water_attenuation")
    let ranges = [
      ("first_angle", scan.firstAngle, -1e3...1e3, "radians"),
      ("first_height", scan.firstHeight, -1e5...1e5, "mm"),
      ("water_attenuation", water, 0.005...0.2, "per mm"),
    ]
    for (name, value, range, unit) in ranges where !(range ~= value) {
      throw MaskCTError(
        .input, path: path, "\(name) cannot be \(value)",
        remedy: "give a number from \(range.lowerBound) to \(range.upperBound) \(unit)")
    }
    self.init(
      scan: scan, scanProtocol: scanProtocol, waterAttenuation: water,
      image: try image.map { try Self.grid($0, path: path) })
  }

  private static func grid(_ group: HDF5.Handle, path: String) throws -> Grid {
    guard let shape = HDF5.numbers("shape", of: group, count: 3),
      let a = HDF5.numbers("affine", of: group, count: 12),
      shape.allSatisfy({ $0 == $0.rounded() && (1...8192).contains($0) }),
      shape.reduce(1, *) <= 0x1p31, a.allSatisfy({ abs($0) <= 1e6 })
    else {
      throw MaskCTError(
        .input, path: path, "group 'image' has no usable shape and affine",
        remedy: "write three counts and the 3 x 4 matrix of the grid, or leave the group out")
    }
    let grid = Grid(
      shape: SIMD3(Int(shape[0]), Int(shape[1]), Int(shape[2])),
      affine: Affine(
        columns: .init(x: [a[0], a[4], a[8]], y: [a[1], a[5], a[9]], z: [a[2], a[6], a[10]]),
        translation: [a[3], a[7], a[11]]))
    let spacing = grid.spacing
    let flat = !(abs(grid.affine.determinant) > 1e-6 * spacing.x * spacing.y * spacing.z)
    guard spacing.min() >= 0.01, spacing.max() <= 100, !flat else {
      throw MaskCTError(
        .input, path: path, "group 'image' has an affine of no image",
        remedy: "give spacings from 0.01 to 100 mm, or leave the group out")
    }
    return grid
  }
}
