public import Painting
public import Support

/// The section `mr` of a recipe: from what the MR scan of each case is drawn.
public struct MRSettings: Codable, Equatable, Sendable {
  /// What tissues are: from the table, or any contrast.
  public var contrast: MagneticPriors.Contrast
  /// Names or files of protocols, one of which is drawn.
  public var protocols: [String]
  /// Fields, T, one of which is drawn; the protocol's own where missing.
  public var fieldStrengths: [Double]?
  /// How far times and angles depart from the protocol's, as a part of them.
  public var timing: Double
  /// Factor of the acquired voxel and of the slices' thickness; drawn evenly in its logarithm.
  public var voxel: ClosedRange<Double>
  /// Factor of the noise; drawn evenly in its logarithm.
  public var noise: ClosedRange<Double>
  /// How far the shading of the coils is taken out of the image.
  public var normalization: ClosedRange<Double>
  /// Departure of the transmitted field.
  public var transmitVariation: ClosedRange<Double>
  /// How often the patient breathes during the scan, and how far, mm.
  public var respiration: Breathing

  /// How often the patient breathes, and how far.
  public struct Breathing: Codable, Equatable, Sendable {
    /// How often.
    public var probability: Double
    /// How far the front of the body moves, mm.
    public var amplitude: ClosedRange<Double>
  }

  private enum CodingKeys: String, CodingKey {
    case contrast, protocols, timing, voxel, noise, normalization, respiration
    case fieldStrengths = "field_strengths"
    case transmitVariation = "transmit_variation"
  }

  /// Checks that all figures make sense.
  ///
  /// - Parameter name: what errors call the recipe.
  /// - Throws: `MaskCTError` with the first that does not.
  public func validate(name: String? = nil) throws(MaskCTError) {
    func check(_ holds: Bool, _ key: String, _ remedy: String) throws(MaskCTError) {
      if !holds {
        throw MaskCTError(.input, path: name, "'mr.\(key)' is out of range", remedy: remedy)
      }
    }
    try check(!protocols.isEmpty, "protocols", "name at least one")
    try check(
      fieldStrengths.map { !$0.isEmpty && $0.allSatisfy((0.3...7).contains) } ?? true,
      "field_strengths", "fields lie in 0.3...7 T")
    try check((0...0.5).contains(timing), "timing", "it lies in 0...0.5")
    try check(
      voxel.lowerBound >= 0.3 && voxel.upperBound <= 3, "voxel", "factors lie in 0.3...3")
    try check(
      noise.lowerBound > 0 && noise.upperBound <= 20, "noise", "factors lie above 0, up to 20")
    try check(
      normalization.lowerBound >= 0 && normalization.upperBound <= 1, "normalization",
      "it lies in 0...1")
    try check(
      transmitVariation.lowerBound >= 0 && transmitVariation.upperBound <= 0.5,
      "transmit_variation", "it lies in 0...0.5")
    try check(
      (0...1).contains(respiration.probability) && respiration.amplitude.lowerBound >= 0
        && respiration.amplitude.upperBound <= 30,
      "respiration", "probability lies in 0...1, amplitude in 0...30 mm")
  }

  /// Draws how one case is scanned.
  ///
  /// - Parameter protocols: what one is drawn from, those of `protocols`.
  public func draw(from protocols: [MRProtocol], _ stream: RandomStream) -> MRProtocol {
    var stream = stream
    var drawn = protocols[min(protocols.count - 1, Int(stream.uniform() * Double(protocols.count)))]
    let field = fieldStrengths?.randomElement(using: &stream) ?? drawn.fieldStrength
    if drawn.sequence == .gradientEcho {
      // Phases of water and fat turn with the field.
      drawn.te *= drawn.fieldStrength / field
      drawn.secondTE = drawn.secondTE.map { $0 * drawn.fieldStrength / field }
    }
    drawn.fieldStrength = field
    func factor() -> Double { stream.uniform(1 - timing...1 + timing) }
    drawn.tr *= factor()
    let echo = factor()
    if drawn.sequence == .turboSpinEcho {
      // The train stays as long as it is; another of its echoes, or another spacing, makes the contrast.
      drawn.te *= echo
      drawn.echoSpacing = drawn.echoSpacing.map { $0 * echo }
    }
    drawn.flipAngle = drawn.flipAngle.map { min(90, $0 * factor()) }
    drawn.inversionTime = drawn.inversionTime.map { $0 * factor() }
    // A repetition holds what is played out in it.
    let least = drawn.trainDuration * 1.05 + (drawn.inversionTime ?? 0)
    if drawn.sequence != .gradientEcho, drawn.sequence != .balanced {
      drawn.tr = max(drawn.tr, least + 20)
    }
    let (inPlane, through) = (stream.logUniform(voxel), stream.logUniform(voxel))
    drawn.voxel = drawn.voxel.map { min(10, max(0.3, $0 * inPlane)) }
    drawn.sliceThickness = min(20, max(0.3, drawn.sliceThickness * through))
    drawn.noise = (drawn.noise ?? 1) * stream.logUniform(noise)
    drawn.normalization = stream.uniform(normalization)
    drawn.transmitVariation = stream.uniform(transmitVariation)
    let breathes = stream.uniform() < respiration.probability
    let amplitude = stream.uniform(respiration.amplitude)
    let period = stream.uniform(3...5.5)
    if breathes, drawn.singleShot != true {
      drawn.respiration = .init(amplitude: amplitude, period: period)
    }
    return drawn
  }
}
