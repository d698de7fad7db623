public import CTScan
public import MRScan
import Painting
public import Support

/// What images a body: the modalities that a dataset can have.
public enum ImageModality: String, Codable, CaseIterable, Sendable {
  /// Helical CT.
  case ct
  /// Magnetic resonance.
  case mr

  /// What nnU-Net calls its channel in `dataset.json`; as `Modality.channelName`.
  public var channelName: String {
    switch self {
    case .ct: "CT"
    case .mr: "MR"
    }
  }

  /// `ct`, `mr` or `ct,mr`: the images of a case, in this order.
  ///
  /// - Throws: `MaskCTError` (usage) for anything else, or a modality twice.
  public static func parse(_ text: String) throws(MaskCTError) -> [ImageModality] {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    var modalities: [ImageModality] = []
    for name in names {
      guard let modality = ImageModality(rawValue: name), !modalities.contains(modality) else {
        throw MaskCTError(
          .usage, "'\(text)' names no images that can be made", remedy: "give ct, mr or ct,mr")
      }
      modalities.append(modality)
    }
    return modalities
  }
}

/// How one image of a case is taken, all that is random about it drawn.
public enum ImageAcquisition: Codable, Equatable, Sendable {
  /// By a CT scanner.
  case ct(CTAcquisition)
  /// By an MR scanner.
  case mr(MRAcquisition)

  /// Which modality takes it.
  public var modality: ImageModality {
    switch self {
    case .ct: .ct
    case .mr: .mr
    }
  }

  /// The CT, if it is one.
  public var ct: CTAcquisition? { if case .ct(let scan) = self { scan } else { nil } }

  /// The MR, if it is one.
  public var mr: MRAcquisition? { if case .mr(let scan) = self { scan } else { nil } }

  /// The scanner, ready to image a body.
  ///
  /// - Throws: `MaskCTError` for a protocol that cannot be run.
  func scanner() throws(MaskCTError) -> any Modality {
    switch self {
    case .ct(let scan): try scan.modality()
    case .mr(let scan): try scan.modality()
    }
  }

  private enum CodingKeys: String, CodingKey { case modality }

  /// Reads the modality, then what it needs.
  public init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: CodingKeys.self).decode(
      ImageModality.self, forKey: .modality)
    {
    case .ct: self = .ct(try CTAcquisition(from: decoder))
    case .mr: self = .mr(try MRAcquisition(from: decoder))
    }
  }

  /// Writes the modality beside what it needs.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .ct(let scan): try scan.encode(to: encoder)
    case .mr(let scan): try scan.encode(to: encoder)
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(modality, forKey: .modality)
  }
}
