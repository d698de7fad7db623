public import Configuration
public import Support

extension Scanner {
  /// The scanners that ship with the tool.
  public static let presets = Presets(
    kind: "scanner",
    [
      "rows64": PackageResources.rows64_yaml, "rows16": PackageResources.rows16_yaml,
      "rows128": PackageResources.rows128_yaml,
    ])

  /// The preset that is used where nothing else is named.
  public static let defaultName = "rows64"

  /// The preset of that name, or the scanner of a YAML file.
  ///
  /// - Throws: `MaskCTError` for an unknown name, an unreadable file or values that no scanner has.
  public static func load(_ nameOrPath: String) throws(MaskCTError) -> Scanner {
    let scanner = try presets.load(Scanner.self, nameOrPath)
    try scanner.validate(path: try presets.source(nameOrPath).name)
    return scanner
  }

  /// Refuses values that no scanner has.
  ///
  /// - Throws: `MaskCTError` naming the value and its range.
  public func validate(path: String) throws(MaskCTError) {
    try Check(path: path) { check in
      let radii = 100.0...2000
      check("source_to_isocenter", sourceToIsocenter, in: radii, "mm")
      // No range from a number that is out of its own: it could be none.
      let nearest = radii ~= sourceToIsocenter ? sourceToIsocenter : radii.lowerBound
      check("source_to_detector", sourceToDetector, in: nearest...4000, "mm")
      check("channels", Double(channels), in: 16...8192, "")
      check("fan_angle", fanAngle, in: 1...60, "degrees")
      check("channel_offset", channelOffset, in: -1...1, "channels")
      check("rows", Double(rows), in: 1...128, "")
      check("row_height", rowHeight, in: 0.1...20, "mm")
      check("views_per_rotation", Double(viewsPerRotation), in: 32...10000, "")
      check("quanta_per_mas", photonsPerMas, in: 1...1e9, "photons")
      check("electronic_noise", electronicNoise, in: 0...1e4, "photons")
      check("bowtie_diameter", bowtieDiameter, in: 0...600, "mm")
      if let filtration { check("filtration", filtration, in: 0...30, "mm of aluminium") }
      if let focalSpot { check("focal_spot", focalSpot, in: 0...3, "mm") }
      if let detectorAperture { check("detector_aperture", detectorAperture, in: 0...1, "") }
      if let crosstalk { check("crosstalk", crosstalk, in: 0...0.2, "") }
      if let scatterToPrimary { check("scatter_to_primary", scatterToPrimary, in: 0...1, "") }
      if let scatterCorrection { check("scatter_correction", scatterCorrection, in: 0...1, "") }
      if let doseIndex { check("dose_index", doseIndex, in: 0.1...100, "mGy a 100 mAs") }
    }.validate()
    if viewsPerRotation % 2 == 1 {
      throw MaskCTError(
        .input, path: path, "views_per_rotation is odd",
        remedy: "opposite views need an even number")
    }
  }
}

extension ScanProtocol {
  /// The protocols that ship with the tool.
  public static let presets = Presets(
    kind: "protocol",
    ["abdomen": PackageResources.abdomen_yaml, "low-dose": PackageResources.low_dose_yaml])

  /// The preset that is used where nothing else is named.
  public static let defaultName = "abdomen"

  /// The preset of that name, or the protocol of a YAML file.
  ///
  /// - Throws: `MaskCTError` for an unknown name, an unreadable file or values out of range.
  public static func load(_ nameOrPath: String) throws(MaskCTError) -> ScanProtocol {
    let loaded = try presets.load(ScanProtocol.self, nameOrPath)
    try loaded.validate(path: try presets.source(nameOrPath).name)
    return loaded
  }

  /// Refuses values that no scan can be taken with.
  ///
  /// - Throws: `MaskCTError` naming the value and its range.
  public func validate(path: String? = nil) throws(MaskCTError) {
    try Check(path: path) { check in
      check("mas", mas, in: 0.1...10000, "mAs")
      if let noiseIndex { check("noise_index", noiseIndex, in: 0.5...200, "HU") }
      if let rotationTime { check("rotation_time", rotationTime, in: 0.1...10, "s") }
      if let rows { check("rows", Double(rows), in: 1...128, "") }
      check("pitch", pitch, in: 0.3...1.5, "; beyond 1.5 the helix leaves gaps")
      check("energy", energy, in: 40...149, "keV")
      if let kvp { check("kvp", kvp, in: Spectrum.voltages, "kVp") }
      if let sliceThickness { check("slice_thickness", sliceThickness, in: 0.1...20, "mm") }
      if let resolution { check("resolution", resolution, in: 0.1...20, "mm") }
      if let window {
        check("window", window.lowerBound, in: -1100...30_000, "HU")
        check("window", window.upperBound, in: -1100...30_000, "HU")
      }
    }.validate()
  }
}

/// Checks numbers against ranges and remembers the first that is out of its own.
struct Check {
  private var failure: MaskCTError?
  private let path: String?

  init(path: String?, _ checks: (inout Check) -> Void) {
    self.path = path
    checks(&self)
  }

  mutating func callAsFunction(
    _ name: String, _ value: Double, in range: ClosedRange<Double>, _ unit: String
  ) {
    guard failure == nil, !(range ~= value) else { return }
    let space = unit.isEmpty || unit.hasPrefix(";") ? "" : " "
    failure = MaskCTError(
      path == nil ? .usage : .input, path: path, "\(name) cannot be \(value)",
      remedy: "give a number from \(range.lowerBound) to \(range.upperBound)\(space)\(unit)")
  }

  func validate() throws(MaskCTError) {
    if let failure { throw failure }
  }
}
