import Anatomy
import Support

extension GenerationSettings {
  /// The cases that there will be: label maps in order of their names, starting over from the first where more
  /// cases are asked for than there are maps.
  ///
  /// - Throws: `MaskCTError` for an unusable folder or scheme, or where no case is asked for.
  public func plans() throws -> [CasePlan] {
    var items: [(prefix: String, source: LabelSource, item: LabelSource.Case)] = []
    for entry in sources {
      let scheme = try entry.scheme.map { try LabelScheme.load($0) }
      let source = try LabelSource(path: entry.path, scheme: scheme, regions: entry.region)
      if let scheme {
        _ = try Target.resolve(
          targets, scheme: scheme, added: recipe.variation.lesionStructures)
      }
      // Case names of several folders must not collide.
      let prefix = sources.count > 1 ? "\(identifier(scheme?.name ?? "labels"))_" : ""
      items += source.cases.map { (prefix, source, $0) }
    }
    let wanted = cases ?? items.count
    guard wanted > 0 else {
      throw MaskCTError(.usage, "no cases are asked for", remedy: "give --cases 1 or more")
    }
    var used: Set<String> = []
    return (0..<wanted).map { index in
      let entry = items[index % items.count]
      let round = index / items.count
      let base = entry.prefix + identifier(entry.item.name) + (round > 0 ? "_\(round + 1)" : "")
      var name = base
      var attempt = 2
      while !used.insert(name).inserted {
        name = "\(base)_\(attempt)"
        attempt += 1
      }
      return CasePlan(name: name, source: entry.source, item: entry.item)
    }
  }

  // nnU-Net builds file names from identifiers; keep to what every file system and shell takes.
  private func identifier(_ text: String) -> String {
    let name = String(
      text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) ? $0 : "_" })
    return name.isEmpty || name.hasPrefix("-") ? "case" + name : name
  }
}
