public import Support

/// Figures of a protocol that a user states beside it; `nil` leaves the protocol's own.
public struct ProtocolOverrides: Codable, Equatable, Sendable {
  /// Name of the reconstruction kernel.
  public var kernel: String?
  /// Tube current times rotation time, mAs. Replaces a noise index.
  public var mas: Double?
  /// Noise wanted in the middle of the image, HU.
  public var noiseIndex: Double?
  /// How the tube current follows the body.
  public var modulation: CurrentModulation?
  /// Tube voltage, kVp.
  public var kvp: Double?
  /// Table feed per rotation over collimation.
  public var pitch: Double?
  /// Slice thickness, mm.
  public var sliceThickness: Double?

  /// States nothing; set what is wanted.
  public init() {}
}

extension ScanProtocol {
  /// The protocol with what a user states beside it, the same from every front end.
  ///
  /// - Throws: `MaskCTError` (usage) for both mAs and a noise index.
  public func overridden(by user: ProtocolOverrides) throws(MaskCTError) -> ScanProtocol {
    if user.mas != nil, user.noiseIndex != nil {
      throw MaskCTError(
        .usage, "mAs and a noise index are both given",
        remedy: "give one of them: the mAs are chosen for a noise index")
    }
    var result = self
    if let kernel = user.kernel { result.kernel = kernel }
    // A protocol with a noise index would not use the mAs.
    if let mas = user.mas { (result.mas, result.noiseIndex) = (mas, nil) }
    if let noiseIndex = user.noiseIndex { result.noiseIndex = noiseIndex }
    if let modulation = user.modulation { result.modulation = modulation }
    if let kvp = user.kvp { result.kvp = kvp }
    if let pitch = user.pitch { result.pitch = pitch }
    if let sliceThickness = user.sliceThickness { result.sliceThickness = sliceThickness }
    return result
  }
}
