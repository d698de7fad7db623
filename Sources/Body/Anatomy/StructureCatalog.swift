import Configuration
public import Support

/// The list of structure names, their attributes, synonyms and groups (`structures.yaml`).
public struct StructureCatalog: Sendable {
  /// Every structure, in the order of the file.
  public let names: [String]
  private let structures: [String: Structure]
  private let covers: [String: [String]]
  private let synonyms: [String: String]
  private let groups: [String: [String]]
  private let spellings: [String: String]

  /// The file that ships with the tool, as text to print.
  public static var standardText: String {
    String(decoding: PackageResources.structures_yaml, as: UTF8.self)
  }

  /// The catalog that ships with the tool.
  public static let standard: StructureCatalog = {
    do {
      return try StructureCatalog(text: standardText, name: "structures.yaml")
    } catch {
      preconditionFailure("the shipped catalog is valid: \(error)")
    }
  }()

  private struct File: Decodable {
    var structures: [String: Structure]
    var covers: [String: [String]]
    var synonyms: [String: String]
    var groups: [String: [String]]
  }

  init(text: String, name: String) throws(MaskCTError) {
    let file = try YAML.decode(File.self, text: text, name: name)
    structures = file.structures
    groups = file.groups
    names = file.structures.keys.sorted(by: Self.inNaturalOrder)
    var spellings: [String: String] = [:]
    for structure in names + groups.keys.sorted() { spellings[Self.key(structure)] = structure }
    var synonyms: [String: String] = [:]
    for (synonym, structure) in file.synonyms {
      guard file.structures[structure] != nil else {
        throw MaskCTError(
          .input, path: name, "synonym '\(synonym)' names no structure: '\(structure)'")
      }
      synonyms[Self.key(synonym)] = structure
    }
    for (group, members) in groups {
      if let stray = members.first(where: { file.structures[$0] == nil }) {
        throw MaskCTError(.input, path: name, "group '\(group)' names no structure: '\(stray)'")
      }
    }
    self.synonyms = synonyms
    self.spellings = spellings
    var members: [String: [String]] = [:]
    for name in names {
      let structure = file.structures[name]!
      if let family = structure.family { members[family, default: []].append(name) }
      for other in [structure.partOf, structure.marrow] {
        if let other, file.structures[other] == nil {
          throw MaskCTError(.input, path: name, "'\(name)' names no structure: '\(other)'")
        }
      }
    }
    for (whole, parts) in file.covers {
      for part in [whole] + parts where file.structures[part] == nil && members[part] == nil {
        throw MaskCTError(
          .input, path: name, "'covers' names neither structure nor family: '\(part)'")
      }
    }
    covers = file.covers.mapValues { parts in parts.flatMap { [$0] + (members[$0] ?? []) } }
  }

  /// The attributes of a structure, or `nil` where there is none of that name.
  public subscript(name: String) -> Structure? { structures[name] }

  /// The tissue of a structure, or `nil` where there is none of that name.
  public func tissue(of structure: String) -> String? { structures[structure]?.tissue }

  /// Structures that a map shows, the families that they stand for, and all that these cover: what the body
  /// completion does not draw around the map.
  func covered(by shown: Set<String>) -> Set<String> {
    var found = shown.union(shown.compactMap { structures[$0]?.family })
    var open = Array(found)
    while let whole = open.popLast() {
      for part in covers[whole] ?? [] where found.insert(part).inserted { open.append(part) }
    }
    return found
  }

  /// The canonical name of a structure for any spelling of it, or `nil`.
  ///
  /// Case, spaces, hyphens and the order of words do not count; synonyms are resolved.
  public func canonicalStructure(_ name: String) -> String? {
    guard let found = spellings[Self.key(name)] ?? synonyms[Self.key(name)] else { return nil }
    return structures[found] == nil ? nil : found
  }

  /// The canonical name of a structure.
  ///
  /// - Throws: `MaskCTError` with the nearest name where there is no such structure.
  public func structure(named name: String, in path: String? = nil) throws(MaskCTError) -> String {
    if let found = canonicalStructure(name) { return found }
    throw MaskCTError(
      path == nil ? .usage : .input, path: path, "unknown structure '\(name)'",
      remedy: NearMiss.remedy(
        for: name, among: names,
        otherwise: "`maskct show structures` lists the names that are known"))
  }

  /// The name of a target (a structure or a group) and the structures that it takes.
  ///
  /// - Throws: `MaskCTError` with the nearest name where there is neither.
  public func target(named name: String, in path: String? = nil) throws(MaskCTError) -> (
    name: String, structures: [String]
  ) {
    guard let found = spellings[Self.key(name)] ?? synonyms[Self.key(name)] else {
      throw MaskCTError(
        path == nil ? .usage : .input, path: path, "unknown structure '\(name)'",
        remedy: NearMiss.remedy(
          for: name, among: names + groups.keys.sorted(),
          otherwise: "`maskct show structures` lists the names that are known"))
    }
    return (found, groups[found] ?? [found])
  }

  /// Whether voxels of this structure only say that they belong to the body: `body`.
  ///
  /// What lies there is taken from the body completion, as where there is no label at all.
  public static func isEnvelope(_ structure: String) -> Bool {
    standard[structure]?.isEnvelope ?? false
  }

  /// Spelling without case and separators; words in alphabetical order.
  private static func key(_ name: String) -> String {
    name.lowercased().split { $0 == "_" || $0 == "-" || $0 == " " || $0 == "/" }
      .sorted().joined(separator: "_")
  }

  /// `rib_left_2` before `rib_left_10`.
  private static func inNaturalOrder(_ a: String, _ b: String) -> Bool {
    func parts(_ name: String) -> (String, Int) {
      let digits = name.reversed().prefix { $0.isNumber }.count
      return (String(name.dropLast(digits)), Int(name.suffix(digits)) ?? 0)
    }
    return parts(a) < parts(b)
  }
}
