/// Which structures a map has itself, so that the completion leaves them out.
struct KnownStructures {
  private let names: Set<String>

  /// The structures of a map, those that are never drawn, and all that these cover.
  ///
  /// - Parameter excluded: structures and groups of them.
  init(_ map: AnatomicalMap, excluded: Set<String>) {
    self.init(shown: Set(map.structures.values), excluded: excluded)
  }

  /// Those that are never drawn, and all that these cover.
  init(excluded: Set<String>) {
    self.init(shown: [], excluded: excluded)
  }

  private init(shown: Set<String>, excluded: Set<String>) {
    let catalog = StructureCatalog.standard
    var names = shown.union(excluded)
    for name in excluded {
      if let target = try? catalog.target(named: name) { names.formUnion(target.structures) }
    }
    self.names = catalog.covered(by: names)
  }

  /// Whether the map has the structure, or something that covers it.
  func has(_ structure: String) -> Bool { names.contains(structure) }
}
