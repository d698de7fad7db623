public import Configuration
public import Support

/// Which number in a label map stands for which structure.
public struct LabelScheme: Equatable, Sendable {
  /// The scheme's name.
  public let name: String
  /// One line about it.
  public let description: String
  /// Id in the label map to canonical structure name; 0, the background, is not in it.
  public let structures: [UInt16: String]

  /// Creates a scheme; structures are resolved to their canonical names.
  ///
  /// - Throws: `MaskCTError` where a structure is unknown, the id 0 is named, or there is no label.
  public init(
    name: String, description: String = "", structures: [UInt16: String], path: String? = nil
  ) throws(MaskCTError) {
    guard !structures.isEmpty else {
      throw MaskCTError(
        .input, path: path, "label scheme '\(name)' has no labels", remedy: "add them as 'labels'")
    }
    var resolved: [UInt16: String] = [:]
    for (id, structure) in structures.sorted(by: { $0.key < $1.key }) {
      if id == 0 {
        if ["background", "air"].contains(structure.lowercased()) { continue }
        throw MaskCTError(
          .input, path: path, "label 0 is the background, but '\(name)' names it '\(structure)'",
          remedy: "number structures from 1")
      }
      resolved[id] = try StructureCatalog.standard.structure(named: structure, in: path)
    }
    self.name = name
    self.description = description
    self.structures = resolved
  }

  /// The schemes that ship with the tool.
  public static let presets = Presets(
    kind: "label scheme",
    [
      "totalsegmentator-v2": PackageResources.totalsegmentator_v2_yaml,
      "totalsegmentator-v1": PackageResources.totalsegmentator_v1_yaml,
      "btcv": PackageResources.btcv_yaml,
      "btcv-13": PackageResources.btcv_13_yaml,
      "lits": PackageResources.lits_yaml,
      "kits": PackageResources.kits_yaml,
      "3dircadb1": PackageResources.ircad_3dircadb1_yaml,
      "amos": PackageResources.amos_yaml,
      "chaos": PackageResources.chaos_yaml,
      "flare22": PackageResources.flare22_yaml,
      "head-neck": PackageResources.head_neck_yaml,
    ])

  /// Loads a scheme that ships with the tool, or a user's YAML file.
  ///
  /// - Throws: `MaskCTError` with the nearest name, or with what is wrong in the file.
  public static func load(_ nameOrPath: String) throws(MaskCTError) -> LabelScheme {
    let (text, source) = try presets.source(nameOrPath)
    let file = try YAML.decode(File.self, text: text, name: source)
    return try LabelScheme(
      name: file.name ?? nameOrPath, description: file.description ?? "",
      structures: file.labels, path: source)
  }

  private struct File: Decodable {
    var name: String?
    var description: String?
    var labels: [UInt16: String]

    private enum Keys: String, CodingKey { case name, description, labels }

    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: Keys.self)
      name = try keys.decodeIfPresent(String.self, forKey: .name)
      description = try keys.decodeIfPresent(String.self, forKey: .description)
      labels = [:]
      for (key, structure) in try keys.decode([String: String].self, forKey: .labels) {
        guard let id = UInt16(key) else {
          throw DecodingError.dataCorruptedError(
            forKey: .labels, in: keys,
            debugDescription: "has '\(key)' where a number from 1 to 65535 stands for a structure")
        }
        labels[id] = structure
      }
    }
  }
}
