import Anatomy
import Configuration
import Support

/// Finds the catalog's structure for a name or a code that a planning system, a viewer or a research group gave.
///
/// A name is taken apart into words: separators, capitals inside a word, accents and case do not count, nor
/// does the order of words; a word for a side (`L`, `LI`, `gauche`) is taken off and put back as the catalog
/// writes it. What is left is looked up in the catalog, then in `names.yaml`. There is no guessing by
/// similarity: a name that is not known is left to the user, because a margin around an organ
/// (`SpinalCord_PRV05`) is spelled much like the organ.
package struct StructureMatcher: Sendable {
  /// How a structure was found.
  enum Evidence: String, Sendable {
    /// By its name in the catalog or one of the catalog's synonyms.
    case name
    /// By a name from `names.yaml`.
    case synonym
    /// By its SNOMED CT code.
    case code
  }

  /// The matcher with the names that ship with the tool.
  static let standard = StructureMatcher()

  private let catalog = StructureCatalog.standard
  private var sides: [String: String] = [:]
  /// Words in alphabetical order, and words run together, to a structure or the base of a pair.
  private var names: [String: String] = [:]

  private struct File: Decodable {
    var sides: [String: [String]]
    var names: [String: [String]]
  }

  private init() {
    do {
      let text = String(decoding: PackageResources.names_yaml, as: UTF8.self)
      let file = try YAML.decode(File.self, text: text, name: "names.yaml")
      for (side, words) in file.sides {
        for word in words { sides[word] = side }
      }
      for (structure, others) in file.names {
        for name in [structure] + others {
          let words = Self.words(name)
          names[words.sorted().joined(separator: " ")] = structure
          names[words.joined()] = structure
        }
      }
    } catch {
      preconditionFailure("the shipped names are valid: \(error)")
    }
  }

  /// The structure of a segment; the name counts more than the code, because people correct names.
  func structure(name: String, code: String, side: String) -> (structure: String, by: Evidence)? {
    if let found = catalog.canonicalStructure(name) { return (found, .name) }
    if let found = named(name, side: side) { return (found, .synonym) }
    if let found = StructureCode.structure(code: code, side: side) { return (found, .code) }
    return nil
  }

  /// The structure of a name alone; `nil` for none.
  package static func known(_ name: String) -> String? {
    standard.structure(name: name, code: "", side: "")?.structure
  }

  private func named(_ name: String, side given: String) -> String? {
    let words = Self.words(name)
    if let found = lookUp(words, side: given) { return found }
    // The last word for a side is it: `Niere re.`, `Glnd_Submand_L`; or the first: `L Kidney`, `LKidney`.
    for index in [words.indices.last, words.indices.first].compactMap({ $0 }) + words.indices {
      guard let side = sides[words[index]], given.isEmpty || given == side else { continue }
      var rest = words
      rest.remove(at: index)
      if let found = lookUp(rest, side: side) { return found }
    }
    return nil
  }

  private func lookUp(_ words: [String], side: String) -> String? {
    guard !words.isEmpty else { return nil }
    if let found = vertebra(words) ?? rib(words, side: side) { return found }
    let joined = words.joined(separator: "_")
    let base = names[words.sorted().joined(separator: " ")] ?? names[words.joined()]
    for name in [base, joined].compactMap({ $0 }) {
      if !side.isEmpty {
        if let found = catalog.canonicalStructure(StructureCode.sided(name, side)) { return found }
      } else if let found = catalog.canonicalStructure(name) {
        return found
      }
    }
    return nil
  }

  /// `VB_L1`, `Th12`, `LWK 3`, `vertebra C2`; the sacrum's first needs a word with it, `S1` alone is too little.
  private func vertebra(_ words: [String]) -> String? {
    let fillers: Set = ["vb", "vertebra", "vertebrae", "wirbel", "wirbelkorper", "wk", "vertebre"]
    let rest = words.filter { !fillers.contains($0) }.joined()
    let letters = rest.prefix { $0.isLetter }
    guard let number = Int(rest.dropFirst(letters.count)), rest.dropFirst(letters.count).count <= 2
    else { return nil }
    let region: String
    switch letters {
    case "c", "hwk": region = "C"
    case "t", "th", "bwk": region = "T"
    case "l", "lwk": region = "L"
    case "s" where words.count > 1: region = "S"
    default: return nil
    }
    return catalog.canonicalStructure("vertebrae_\(region)\(number)")
  }

  /// `Rib_L_5`, `Rippe 05 rechts`.
  private func rib(_ words: [String], side: String) -> String? {
    let fillers: Set = ["rib", "rippe", "costa", "cote"]
    guard !side.isEmpty, words.contains(where: fillers.contains) else { return nil }
    let rest = words.filter { !fillers.contains($0) }
    guard rest.count == 1, let number = Int(rest[0]) else { return nil }
    return catalog.canonicalStructure("rib_\(side)_\(number)")
  }

  /// The words of a name, lower case, without accents; umlauts spelled with an e become plain vowels.
  static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    let letters = Array(name)
    for (index, letter) in letters.enumerated() {
      guard letter.isLetter || letter.isNumber else {
        if !word.isEmpty { words.append(word) }
        word = ""
        continue
      }
      if letter.isUppercase, index > 0, !word.isEmpty {
        let before = letters[index - 1]
        let next = index + 1 < letters.count ? letters[index + 1] : " "
        if before.isLowercase || (before.isUppercase && next.isLowercase) {
          words.append(word)
          word = ""
        }
      }
      word += plain[letter] ?? letter.lowercased()
    }
    if !word.isEmpty { words.append(word) }
    return words.map { word in
      ["ae": "a", "oe": "o", "ue": "u"].reduce(word) {
        $0.split(separator: $1.key, omittingEmptySubsequences: false).joined(
          separator: $1.value)
      }
    }
  }

  private static let plain: [Character: String] = {
    var plain: [Character: String] = ["ß": "ss", "œ": "o", "Œ": "o", "æ": "a", "Æ": "a"]
    for (base, accented) in [
      "a": "äÄàÀáÁâÂãÃåÅ", "e": "éÉèÈêÊëË", "i": "íÍìÌîÎïÏ", "o": "öÖóÓòÒôÔõÕøØ", "u": "üÜúÚùÙûÛ",
      "c": "çÇ", "n": "ñÑ",
    ] {
      for letter in accented { plain[letter] = base }
    }
    return plain
  }()
}
