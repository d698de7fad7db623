public import Support
import Volumes

extension AnatomicalMap {
  /// Whether the map shows head and neck and nothing of the trunk.
  public var showsHeadAndNeck: Bool { HeadNeck.isShown(by: structures.values) }

  /// The map's structures in sets that can only be left out together, sorted: a liver with its tumours,
  /// all vertebrae, both lungs.
  ///
  /// Without one of them the body completion would leave a hole in the others.
  public var removableParts: [[String]] {
    let present = Set(structures.values.filter { !StructureCatalog.isEnvelope($0) })
    var parts: [Set<String>] = present.map { [$0] }
    /// Melts all parts that share a structure with the set.
    func join(_ names: Set<String>) {
      let touched = parts.filter { !$0.isDisjoint(with: names) }
      guard touched.count > 1 else { return }
      parts.removeAll { !$0.isDisjoint(with: names) }
      parts.append(touched.reduce(into: []) { $0.formUnion($1) })
    }
    for name in present {
      if let group = try? StructureCatalog.standard.target(named: name), group.name == name {
        join(Set(group.structures))
      }
    }
    // Of a family the completion draws all or none (`StructureCatalog.covered`).
    let families = Dictionary(grouping: present) { StructureCatalog.standard[$0]?.family }
    for (family, members) in families where family != nil { join(Set(members)) }
    return parts.map { $0.sorted() }.sorted { $0[0] < $1[0] }
  }

  /// The map without these structures: their voxels are the body's where the map shows the body
  /// (`StructureCatalog.isEnvelope`), background otherwise.
  public func removing(_ names: some Sequence<String>, workers: Workers) -> AnatomicalMap {
    let names = Set(names)
    let ids = structures.filter { names.contains($0.value) }.keys
    if ids.isEmpty { return self }
    var map = self
    map.structures = structures.filter { !names.contains($0.value) }
    var table = (0...UInt16.max).map { $0 }
    for id in ids { table[Int(id)] = map.envelopeIDs.first ?? 0 }
    let result = [UInt16](unsafeUninitializedCapacity: labels.grid.count) { target, filled in
      labels.values.withUnsafeBufferPointer { source in
        table.withUnsafeBufferPointer { table in
          nonisolated(unsafe) let source = source
          nonisolated(unsafe) let target = target
          nonisolated(unsafe) let table = table
          workers.forEachRange(source.count, chunk: 1 << 18) { range in
            for index in range { target[index] = table[Int(source[index])] }
          }
        }
      }
      filled = labels.grid.count
    }
    map.labels = LabelMap(grid: labels.grid, values: result)
    return map
  }
}
