import Anatomy
import Configuration
import Support

/// What DICOM and Slicer say about a structure beside its name: a SNOMED CT code, a side and a colour.
struct StructureCode: Equatable, Sendable {
  /// The code and what it means; empty where there is none.
  var code: String
  var meaning: String
  /// `left`, `right` or nothing.
  var side: String
  /// Red, green and blue, 0 to 255.
  var color: [Int]

  /// What is known of a structure of the catalog; a colour of its own at least.
  static func of(_ structure: String) -> StructureCode {
    if let entry = table[structure] { return entry.with(side: "") }
    let (base, side) = split(structure)
    if let entry = table[base] { return entry.with(side: side) }
    // A hue of its own, moderately bright: the digest spreads similar names.
    let hash = Int(digest(structure.utf8).suffix(6), radix: 16) ?? 0
    let color = [0, 8, 16].map { 80 + (hash >> $0) % 160 }
    return StructureCode(code: "", meaning: "", side: "", color: color)
  }

  /// The structure that a code stands for, with its side; `nil` where the catalog has none.
  static func structure(code: String, side: String) -> String? {
    let catalog = StructureCatalog.standard
    for name in byCode[code] ?? [] {
      let sided = side.isEmpty ? name : sided(name, side)
      if let found = catalog.canonicalStructure(sided) ?? catalog.canonicalStructure(name) {
        return found
      }
    }
    return nil
  }

  /// `rib_1` and `left` as the catalog writes them: `rib_left_1`.
  static func sided(_ base: String, _ side: String) -> String {
    let parts = base.split(separator: "_")
    if parts.first == "rib", parts.count == 2 { return "rib_\(side)_\(parts[1])" }
    return "\(base)_\(side)"
  }

  /// The reverse of `sided`; the side is empty where a name has none.
  static func split(_ structure: String) -> (base: String, side: String) {
    var parts = structure.split(separator: "_")
    guard let index = parts.lastIndex(where: { $0 == "left" || $0 == "right" }) else {
      return (structure, "")
    }
    let side = String(parts.remove(at: index))
    return (parts.joined(separator: "_"), side)
  }

  private func with(side: String) -> StructureCode {
    var copy = self
    copy.side = side
    return copy
  }

  private static let table: [String: StructureCode] = {
    do {
      let text = String(decoding: PackageResources.codes_yaml, as: UTF8.self)
      return try YAML.decode([String: [String]].self, text: text, name: "codes.yaml").mapValues {
        let color = $0[2].split(separator: " ").compactMap { Int($0) }
        precondition($0.count == 3 && color.count == 3, "codes.yaml has three fields an entry")
        return StructureCode(code: $0[0], meaning: $0[1], side: "", color: color)
      }
    } catch {
      preconditionFailure("the shipped codes are valid: \(error)")
    }
  }()

  private static let byCode: [String: [String]] = {
    var names: [String: [String]] = [:]
    for (name, entry) in table.sorted(by: { $0.key < $1.key }) {
      names[entry.code, default: []].append(name)
    }
    return names
  }()
}
