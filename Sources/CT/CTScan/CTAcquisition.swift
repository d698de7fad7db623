public import Acquisition
public import Support

/// The CT scanner and the protocol of a case.
public struct CTAcquisition: Codable, Equatable, Sendable {
  /// What scans.
  public var scanner: Scanner
  /// How a scan is taken and reconstructed.
  public var scanProtocol: ScanProtocol

  /// Puts a scanner and a protocol together.
  public init(scanner: Scanner, scanProtocol: ScanProtocol) {
    self.scanner = scanner
    self.scanProtocol = scanProtocol
  }

  /// The scanner, ready to image a body.
  ///
  /// - Throws: `MaskCTError` for a protocol that this scanner cannot run.
  public func modality() throws(MaskCTError) -> CTSimulator {
    try CTSimulator(scanner: scanner, scanProtocol: scanProtocol)
  }

  private enum CodingKeys: String, CodingKey {
    case scanner
    case scanProtocol = "protocol"
  }
}
