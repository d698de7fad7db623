public import Support

/// Named configuration files that are built into the tool; a user's own file works in their place.
public struct Presets: Sendable {
  /// What they are, for messages: `label scheme`, `recipe`, `scanner`.
  public let kind: String
  /// The names, in the order they are listed to users.
  public let names: [String]
  private let texts: [String: String]

  /// Creates a set of presets from embedded files (`PackageResources.NAME_yaml`).
  public init(kind: String, _ files: KeyValuePairs<String, [UInt8]>) {
    self.kind = kind
    names = files.map(\.key)
    texts = Dictionary(
      uniqueKeysWithValues: files.map { ($0.key, String(decoding: $0.value, as: UTF8.self)) })
  }

  /// The YAML text of a preset or of a user's file, and the name that errors should give it.
  ///
  /// Anything with a slash or that ends in `.yaml` or `.yml` is a path; all else is a preset's name.
  ///
  /// - Throws: `MaskCTError` where there is no such preset (with the nearest one) or no such file.
  public func source(_ nameOrPath: String) throws(MaskCTError) -> (text: String, name: String) {
    if nameOrPath.contains("/") || nameOrPath.hasSuffix(".yaml") || nameOrPath.hasSuffix(".yml") {
      return (try YAML.text(path: nameOrPath), nameOrPath)
    }
    guard let text = texts[nameOrPath] else {
      throw MaskCTError(
        .usage, "unknown \(kind) '\(nameOrPath)'",
        remedy: NearMiss.remedy(
          for: nameOrPath, among: names,
          otherwise: "choose one of \(names.joined(separator: ", ")), or give a YAML file"))
    }
    return (text, "built-in \(kind) '\(nameOrPath)'")
  }

  /// Decodes a preset or a user's file.
  ///
  /// - Throws: `MaskCTError` as `source(_:)` and `YAML.decode` do.
  public func load<T: Decodable>(_ type: T.Type, _ nameOrPath: String) throws(MaskCTError) -> T {
    let (text, name) = try source(nameOrPath)
    return try YAML.decode(type, text: text, name: name)
  }
}
