public import Support

/// The MR scan of a case: the protocol with all that was drawn about it, and the fields.
public struct MRAcquisition: Codable, Equatable, Sendable {
  /// How the scan is taken.
  public var scanProtocol: MRProtocol
  /// The fields.
  public var fields: FieldDraw

  /// Puts a protocol and fields together.
  public init(scanProtocol: MRProtocol, fields: FieldDraw) {
    self.scanProtocol = scanProtocol
    self.fields = fields
  }

  /// The scanner, ready to image a body.
  ///
  /// - Throws: `MaskCTError` for a protocol that cannot be run.
  public func modality() throws(MaskCTError) -> MRScanner {
    try MRScanner(scanProtocol: scanProtocol, fields: fields)
  }

  private enum CodingKeys: String, CodingKey {
    case fields
    case scanProtocol = "protocol"
  }
}
