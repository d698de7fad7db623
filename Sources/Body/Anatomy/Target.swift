public import Support

/// A structure that a network is to learn, and which structures of the label maps make it up.
public struct Target: Equatable, Sendable {
  /// The target's name, as in `dataset.json`.
  public let name: String
  /// The structures whose voxels get the target's label.
  public let structures: [String]

  /// Creates a target of the given structures.
  public init(name: String, structures: [String]) {
    self.name = name
    self.structures = structures
  }

  /// Resolves the names that a user gave, in order; label 1 is the first.
  ///
  /// `liver` takes `liver_tumor` and `liver_cyst` with it (groups in `structures.yaml`), except for
  /// those that are targets themselves.
  ///
  /// - Parameters:
  ///   - scheme: where given, at least one structure of every target must occur in it.
  ///   - added: structures that occur although the scheme has them not, as lesions of a recipe do.
  /// - Throws: `MaskCTError` (usage) for an unknown name (with the nearest one), a name given twice,
  ///   and a target that the scheme does not have.
  public static func resolve(_ names: [String], scheme: LabelScheme? = nil, added: Set<String> = [])
    throws(MaskCTError) -> [Target]
  {
    guard !names.isEmpty else {
      throw MaskCTError(
        .usage, "no target is given", remedy: "name one, for example --target liver")
    }
    var found: [(name: String, structures: [String])] = []
    for name in names {
      let target = try StructureCatalog.standard.target(named: name)
      if found.contains(where: { $0.name == target.name }) {
        throw MaskCTError(.usage, "target '\(target.name)' is given twice", remedy: "name it once")
      }
      found.append(target)
    }
    let own = Set(found.map(\.name))
    var targets: [Target] = []
    for target in found {
      // A structure goes to the target of its own name; of two groups the first takes it.
      let taken = Set(targets.flatMap(\.structures))
      let structures = target.structures.filter {
        $0 == target.name || (!own.contains($0) && !taken.contains($0))
      }
      if let scheme,
        Set(scheme.structures.values).union(added).isDisjoint(with: structures)
      {
        let available = Set(scheme.structures.values).subtracting(["body"]).sorted()
        let shown = available.prefix(12).joined(separator: ", ")
        throw MaskCTError(
          .usage, "label scheme '\(scheme.name)' has no '\(target.name)'",
          remedy: "it has \(shown)\(available.count > 12 ? " and others" : "")")
      }
      targets.append(Target(name: target.name, structures: structures))
    }
    return targets
  }

  /// The ids of a label map that make up the target, ascending; empty where the case has none.
  public func ids(in map: AnatomicalMap) -> [UInt16] {
    let wanted = Set(structures)
    return map.structures.filter { wanted.contains($0.value) }.keys.sorted()
  }

  /// The label of every id of a map: 0 for background, k for the k-th target.
  ///
  /// A lesion that was put into the map and belongs to no target has the label of what it lies in.
  ///
  /// - Returns: a table indexed by id, as long as the largest id of the map plus one.
  public static func table(_ targets: [Target], for map: AnatomicalMap) -> [UInt8] {
    var table = [UInt8](repeating: 0, count: Int(map.structures.keys.max() ?? 0) + 1)
    for (index, target) in targets.enumerated() {
      for id in target.ids(in: map) { table[Int(id)] = UInt8(index + 1) }
    }
    for (id, host) in map.hosts where table[Int(id)] == 0 { table[Int(id)] = table[Int(host)] }
    return table
  }
}
