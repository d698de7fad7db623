import PinnedPackages

/// The pinned Python packages of the managed environment: `PinnedPackages/requirements.txt`, which
/// `uv pip install -r` reads, too. `scripts/lock.sh` writes it.
enum PinnedRequirements {
  /// The lock without the line end of its last line.
  ///
  /// A requirement begins at the margin with `name==version` and continues in indented lines of hashes.
  static let text: String = {
    let bytes = UnsafeBufferPointer(start: pinned_packages_text(), count: pinned_packages_size())
    let text = String(decoding: bytes, as: UTF8.self)
    return text.last == "\n" ? String(text.dropLast()) : text
  }()
}

extension PythonEnvironment {
  /// The versions of packages in the managed environment, those that are pinned.
  package static func pinned(_ packages: [String]) -> [(name: String, version: String)] {
    let lines = PinnedRequirements.text.split(separator: "\n")
    return packages.compactMap { name in
      guard let line = lines.first(where: { $0.hasPrefix(name + "==") }) else { return nil }
      let version = line.dropFirst(name.count + 2).prefix { $0 != " " && $0 != ";" }
      return (name, String(version))
    }
  }

  /// The pinned packages without those that the variant leaves out.
  package static func requirements(for variant: Variant) -> String {
    var kept = ""
    var keep = true
    for line in PinnedRequirements.text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let first = line.first, first.isLetter {
        let name = line.prefix { $0 != "=" && $0 != " " && $0 != "[" }
        keep = !variant.excluded.contains(String(name))
      }
      if keep { kept += line + "\n" }
    }
    return kept
  }
}
