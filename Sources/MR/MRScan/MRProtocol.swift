public import Configuration
public import Support

/// How an MR scan is taken: a sequence with its times and angles, the resolution, and the receiver; a YAML file.
public struct MRProtocol: Codable, Equatable, Sendable {
  /// What is played out.
  public enum Sequence: String, Codable, CaseIterable, Sendable {
    /// Spin echo.
    case spinEcho = "se"
    /// Turbo spin echo (RARE): a train of echoes after each excitation; HASTE where `singleShot` is set.
    case turboSpinEcho = "tse"
    /// Spoiled gradient echo (FLASH, VIBE).
    case gradientEcho = "gre"
    /// Balanced steady-state free precession (TrueFISP).
    case balanced = "bssfp"
    /// An inversion, then a train of spoiled gradient echoes.
    case mprage
  }

  /// Which image is made of the echoes.
  public enum Image: String, Codable, CaseIterable, Sendable {
    /// The magnitude at `te`.
    case magnitude
    /// The water of two echoes, at `te` and `secondTE` (Dixon).
    case water
    /// The fat of two echoes.
    case fat
  }

  /// The direction along which an echo is read out; the other one of the plane is phase-encoded.
  public enum Readout: String, Codable, CaseIterable, Sendable {
    /// Left to right.
    case leftRight = "lr"
    /// Front to back.
    case frontBack = "ap"
  }

  /// Selective suppression of fat (SPIR, SPAIR, fat saturation).
  public struct FatSuppression: Codable, Equatable, Sendable {
    /// The part of the fat's magnetisation that is left on resonance.
    public var residual: Double
    /// Width of the pulse, ppm: fat whose field is off by more than half of it stays.
    public var bandwidth: Double
  }

  /// Breathing during the scan.
  public struct Respiration: Codable, Equatable, Sendable {
    /// Greatest displacement of the front of the body towards the front, mm.
    public var amplitude: Double
    /// Time of a breath, s.
    public var period: Double
  }

  /// Its name.
  public var name: String
  /// One line about it.
  public var description: String
  /// What is played out.
  public var sequence: Sequence
  /// Field of the magnet, T.
  public var fieldStrength: Double
  /// Time from excitation to excitation, of `mprage` from inversion to inversion, ms.
  public var tr: Double
  /// Echo time, of `tse` that of the echo in the middle of k-space, ms.
  public var te: Double
  /// The second echo time of Dixon images, ms.
  public var secondTE: Double?
  /// Which image is made.
  public var image: Image?
  /// Excitation, degrees; 90 where missing.
  public var flipAngle: Double?
  /// Time from an inversion to the excitation, of `mprage` to the middle of k-space, ms; none where missing.
  public var inversionTime: Double?
  /// Echoes after an excitation, of `mprage` after an inversion.
  public var echoTrainLength: Int?
  /// Time from echo to echo, ms.
  public var echoSpacing: Double?
  /// Refocusing pulses, degrees; 180 where missing.
  public var refocusingAngle: Double?
  /// Whether one excitation reads all of a slice.
  public var singleShot: Bool?
  /// Suppression of fat.
  public var fatSuppression: FatSuppression?
  /// Whether the patient has got a contrast agent.
  public var contrastAgent: Bool?
  /// 2 for slices, 3 for a slab.
  public var dimensions: Int
  /// Thickness of a slice or partition, mm.
  public var sliceThickness: Double
  /// Distance of slices, mm; that of the image's voxels where missing.
  public var sliceSpacing: Double?
  /// Size of an acquired voxel along the readout and along the phase encoding, mm.
  public var voxel: [Double]
  /// Direction of the readout; `lr` where missing.
  public var readout: Readout?
  /// The part of k-space's lines that is acquired; 1 where missing.
  public var partialFourier: Double?
  /// Parallel imaging: one of so many lines is acquired; 1 where missing.
  public var acceleration: Double?
  /// Receiver bandwidth per acquired voxel, Hz.
  public var bandwidth: Double
  /// How often everything is acquired; 1 where missing.
  public var averages: Double?
  /// Receiver coils around the body; 1 for the body coil, which sees all alike.
  public var coils: Int
  /// How far the shading of the coils is taken out of the image: 0 not at all, 1 all of it.
  public var normalization: Double?
  /// Multiplies the noise of this field, voxel and acquisition time; 1 where missing.
  public var noise: Double?
  /// How far the transmitted field departs from its nominal value, as a part of it; 0 where missing.
  public var transmitVariation: Double?
  /// Breathing; none where missing.
  public var respiration: Respiration?

  private enum CodingKeys: String, CodingKey {
    case name, description, sequence, tr, te, image, dimensions, voxel, readout, bandwidth
    case averages, acceleration, coils, normalization, noise, respiration
    case fieldStrength = "field_strength"
    case secondTE = "second_te"
    case flipAngle = "flip_angle"
    case inversionTime = "inversion_time"
    case echoTrainLength = "echo_train_length"
    case echoSpacing = "echo_spacing"
    case refocusingAngle = "refocusing_angle"
    case singleShot = "single_shot"
    case fatSuppression = "fat_suppression"
    case contrastAgent = "contrast_agent"
    case sliceThickness = "slice_thickness"
    case sliceSpacing = "slice_spacing"
    case partialFourier = "partial_fourier"
    case transmitVariation = "transmit_variation"
  }
}

extension MRProtocol {
  /// The protocols that ship with the tool.
  public static let presets = Presets(
    kind: "MR protocol",
    [
      "t2-spir": PackageResources.t2_spir_yaml, "t2-haste": PackageResources.t2_haste_yaml,
      "t1-in-phase": PackageResources.t1_in_phase_yaml,
      "t1-opposed-phase": PackageResources.t1_opposed_phase_yaml,
      "vibe-dixon": PackageResources.vibe_dixon_yaml,
      "t1-head-neck": PackageResources.t1_head_neck_yaml,
      "stir-head-neck": PackageResources.stir_head_neck_yaml,
      "mprage": PackageResources.mprage_yaml, "flair": PackageResources.flair_yaml,
      "trufi": PackageResources.trufi_yaml,
      "proton-density": PackageResources.proton_density_yaml,
    ])

  /// The preset that is used where nothing else is named.
  public static let defaultName = "t2-spir"

  /// The preset of that name, or the protocol of a YAML file.
  ///
  /// - Throws: `MaskCTError` for an unknown name, an unreadable file or figures out of range.
  public static func load(_ nameOrPath: String) throws(MaskCTError) -> MRProtocol {
    let loaded = try presets.load(MRProtocol.self, nameOrPath)
    try loaded.validate(path: try presets.source(nameOrPath).name)
    return loaded
  }

  /// Whether a YAML text is that of an MR protocol rather than of CT: it names a sequence.
  public static func isProtocol(_ text: String) -> Bool {
    text.split(separator: "\n").contains { $0.hasPrefix("sequence:") }
  }

  /// Refuses figures that no scan can be taken with.
  ///
  /// - Throws: `MaskCTError` naming the figure and its range.
  public func validate(path: String? = nil) throws(MaskCTError) {
    func check(
      _ name: String, _ value: Double?, _ range: ClosedRange<Double>, _ unit: String = ""
    ) throws(MaskCTError) {
      guard let value, !(range ~= value) else { return }
      throw MaskCTError(
        path == nil ? .usage : .input, path: path, "\(name) cannot be \(value)",
        remedy: "give a number from \(range.lowerBound) to \(range.upperBound)"
          + (unit.isEmpty ? "" : " \(unit)"))
    }
    func require(_ holds: Bool, _ problem: String, _ remedy: String) throws(MaskCTError) {
      if !holds { throw MaskCTError(.input, path: path, problem, remedy: remedy) }
    }
    try check("field_strength", fieldStrength, 0.3...7, "T")
    try check("tr", tr, 1...30_000, "ms")
    try check("te", te, 0...1000, "ms")
    try check("second_te", secondTE, 0...1000, "ms")
    try check("flip_angle", flipAngle, 1...180, "degrees")
    try check("inversion_time", inversionTime, 1...5000, "ms")
    try check("echo_train_length", echoTrainLength.map(Double.init), 1...1024)
    try check("echo_spacing", echoSpacing, 0.5...100, "ms")
    try check("refocusing_angle", refocusingAngle, 30...180, "degrees")
    try check("fat_suppression.residual", fatSuppression?.residual, 0...1)
    try check("fat_suppression.bandwidth", fatSuppression?.bandwidth, 0.5...10, "ppm")
    try check("dimensions", Double(dimensions), 2...3)
    try check("slice_thickness", sliceThickness, 0.3...20, "mm")
    try check("slice_spacing", sliceSpacing, 0.01...40, "mm")
    try require(
      voxel.count == 2, "voxel has \(voxel.count) numbers", "give two: readout and phase, mm")
    for size in voxel { try check("voxel", size, 0.3...10, "mm") }
    try check("partial_fourier", partialFourier, 0.5...1)
    try check("acceleration", acceleration, 1...8)
    try check("bandwidth", bandwidth, 20...5000, "Hz")
    try check("averages", averages, 0.5...64)
    try check("coils", Double(coils), 1...64)
    try check("normalization", normalization, 0...1)
    try check("noise", noise, 0...100)
    try check("transmit_variation", transmitVariation, 0...0.5)
    try check("respiration.amplitude", respiration?.amplitude, 0...30, "mm")
    try check("respiration.period", respiration?.period, 0.5...20, "s")
    if sequence == .turboSpinEcho || sequence == .mprage {
      try require(
        echoSpacing != nil && (echoTrainLength != nil || singleShot == true),
        "'\(sequence.rawValue)' needs a train of echoes",
        "give echo_spacing and echo_train_length, or single_shot: true")
    }
    try require(
      sequence != .mprage || inversionTime != nil, "'mprage' needs an inversion_time", "give it, ms"
    )
    try require(
      image == nil || image == .magnitude || (sequence == .gradientEcho && secondTE != nil),
      "water and fat images need two gradient echoes", "give sequence: gre and second_te")
    try require(
      trainDuration + (inversionTime ?? 0) < tr || sequence == .gradientEcho
        || sequence == .balanced,
      "tr is shorter than what is played out in it", "make it longer, or the train shorter")
  }

  /// Echoes of a train.
  var trainLength: Int {
    switch sequence {
    case .turboSpinEcho where singleShot == true:
      // The middle line is the one at TE; as many lines come after it as before, at most.
      max(1, Int((2 * te / (echoSpacing ?? 1)).rounded()))
    case .turboSpinEcho, .mprage: echoTrainLength ?? 1
    case .spinEcho, .gradientEcho, .balanced: 1
    }
  }

  /// What one excitation takes, ms.
  var trainDuration: Double {
    switch sequence {
    case .spinEcho: te
    case .turboSpinEcho: Double(trainLength) * (echoSpacing ?? 0)
    case .mprage: Double(trainLength) * (echoSpacing ?? 0) / 2
    case .gradientEcho, .balanced: 0
    }
  }

  /// The echo of a train that fills the middle of k-space, from 0.
  var effectiveEcho: Int {
    guard sequence == .turboSpinEcho, let spacing = echoSpacing else { return 0 }
    return max(0, Int((te / spacing).rounded()) - 1)
  }
}
