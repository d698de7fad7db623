/// What is known of a structure by its name: an entry of `structures.yaml`, where the attributes are described.
public struct Structure: Equatable, Sendable {
  /// A side of the patient's body.
  public enum Side: String, Decodable, Sendable, CaseIterable { case left, right }

  /// The part of the body that a map shows in which the structure occurs.
  public enum Region: String, Decodable, Sendable, CaseIterable {
    case headAndNeck = "head_neck"
    case trunk
  }

  /// The tissue that it is made of, as in `tissues.yaml`.
  public let tissue: String
  /// Structures that a map shows all of where it shows one: `ribs`.
  public private(set) var family: String?
  /// The side that it lies on, for one of a pair.
  public private(set) var side: Side?
  /// Which vertebra (`L1`) or rib (`12`) it is.
  public private(set) var level: String?
  /// The structure that it counts as where a body is fitted to labels.
  public private(set) var partOf: String?
  /// What a map with it shows, where that is certain.
  public private(set) var region: Region?
  /// Whether it lies against the diaphragm from below.
  public private(set) var isBelowDiaphragm = false
  /// Whether it is bone, muscle, fat or skin of the wall of the body.
  public private(set) var isBodyWall = false
  /// Whether it is bone of the spine, with discs and the canal in its gaps.
  public private(set) var isSpine = false
  /// The structure that fills it inside a shell of cortical bone; `nil` for all but whole bones.
  public private(set) var marrow: String?
  /// Whether it only says that voxels belong to the body.
  public private(set) var isEnvelope = false
  /// Whether it lies outside the body: air, the table.
  public private(set) var isOutside = false
}

extension Structure: Decodable {
  private enum Keys: String, CodingKey {
    case tissue, family, side, level, region, spine, marrow, envelope, outside
    case partOf = "part_of"
    case isBelowDiaphragm = "below_diaphragm"
    case isBodyWall = "body_wall"
  }

  /// Reads a tissue alone, or a mapping of attributes.
  public init(from decoder: any Decoder) throws {
    if let tissue = try? decoder.singleValueContainer().decode(String.self) {
      self.tissue = tissue
      return
    }
    let keys = try decoder.container(keyedBy: Keys.self)
    func flag(_ key: Keys) throws -> Bool {
      try keys.decodeIfPresent(Bool.self, forKey: key) ?? false
    }
    tissue = try keys.decode(String.self, forKey: .tissue)
    family = try keys.decodeIfPresent(String.self, forKey: .family)
    side = try keys.decodeIfPresent(Side.self, forKey: .side)
    level = try keys.decodeIfPresent(String.self, forKey: .level)
    partOf = try keys.decodeIfPresent(String.self, forKey: .partOf)
    region = try keys.decodeIfPresent(Region.self, forKey: .region)
    isBelowDiaphragm = try flag(.isBelowDiaphragm)
    isBodyWall = try flag(.isBodyWall)
    isSpine = try flag(.spine)
    marrow = try keys.decodeIfPresent(String.self, forKey: .marrow)
    isEnvelope = try flag(.envelope)
    isOutside = try flag(.outside)
  }
}
