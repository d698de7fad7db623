import Anatomy
import Configuration
public import Support

/// What every tissue looks like in every contrast phase: `tissues.yaml`, or a user's copy of it.
///
/// A table is `Codable`, with the keys of the file, so that the record of a case can keep the one that it was
/// painted with.
public struct TissueTable: Sendable {
  private let tissues: [String: Tissue]

  /// The file that ships with the tool, as text to print and to copy.
  public static var standardText: String {
    String(decoding: PackageResources.tissues_yaml, as: UTF8.self)
  }

  /// The table that ships with the tool.
  public static let standard: TissueTable = {
    do {
      return try TissueTable(text: standardText, name: "tissues.yaml")
    } catch {
      preconditionFailure("the shipped table is valid: \(error)")
    }
  }()

  /// Reads a user's table.
  ///
  /// - Throws: `MaskCTError` with the file where it cannot be read, is not valid, has figures out of range, or
  ///   lacks a phase or a tissue that some structure is made of.
  public static func load(_ path: String) throws(MaskCTError) -> TissueTable {
    try TissueTable(text: YAML.text(path: path), name: path)
  }

  init(text: String, name: String, catalog: StructureCatalog = .standard) throws(MaskCTError) {
    try self.init(
      YAML.decode(File.self, text: text, name: name).tissues, name: name, catalog: catalog)
  }

  private init(
    _ tissues: [String: Tissue], name: String?, catalog: StructureCatalog = .standard
  ) throws(MaskCTError) {
    for (tissue, entry) in tissues.sorted(by: { $0.key < $1.key }) {
      for phase in ContrastPhase.allCases {
        guard let figures = entry[phase] else {
          throw MaskCTError(
            .input, path: name, "tissue '\(tissue)' has no figures for phase '\(phase.rawValue)'",
            remedy: "add '\(phase.rawValue)' or 'all'")
        }
        guard figures.isInRange else {
          throw MaskCTError(
            .input, path: name,
            "tissue '\(tissue)' has figures out of range for phase '\(phase.rawValue)'",
            remedy: "means lie from -1024 to 30000 HU, spread and texture are not negative")
        }
      }
    }
    for structure in catalog.names {
      let tissue = catalog.tissue(of: structure)!
      guard tissues[tissue] != nil else {
        throw MaskCTError(
          .input, path: name, "tissue '\(tissue)' of structure '\(structure)' is missing",
          remedy: "copy it from `maskct show tissues`")
      }
    }
    for (tissue, entry) in tissues.sorted(by: { $0.key < $1.key }) {
      try Self.check(entry, of: tissue, in: tissues, name: name)
    }
    self.tissues = tissues
  }

  /// Checks what a tissue is made of and what it holds.
  private static func check(
    _ entry: Tissue, of tissue: String, in tissues: [String: Tissue], name: String?
  ) throws(MaskCTError) {
    func fail(_ section: String, _ problem: String) -> MaskCTError {
      MaskCTError(
        .input, path: name, "tissue '\(tissue)' has a faulty '\(section)': \(problem)",
        remedy: "see the comment at the head of `maskct show tissues`")
    }
    func needs(_ part: String, _ section: String) throws(MaskCTError) {
      if tissues[part] == nil { throw fail(section, "there is no tissue '\(part)'") }
    }
    if let parts = entry.made_of {
      guard let first = parts.first, first.depth == nil, first.lobules == nil, first.vessels == nil,
        first.sheets == nil, first.probability == nil
      else { throw fail("made_of", "the first part fills all, without depth or pattern") }
      for part in parts {
        try needs(part.tissue, "made_of")
        if let problem = part.problem { throw fail("made_of", "of '\(part.tissue)', \(problem)") }
      }
    }
    if let other = entry.varies_with { try needs(other, "varies_with") }
    if let hollow = entry.hollow {
      for part in hollow.tissues {
        try needs(part, "hollow")
        // What it is made of is a wall, which would be painted for what it holds.
        if tissues[part]?.hollow != nil { throw fail("hollow", "'\(part)' is hollow itself") }
      }
      if let problem = hollow.problem { throw fail("hollow", problem) }
    }
  }

  /// The prior of a structure in a contrast phase.
  ///
  /// - Throws: `MaskCTError` where there is no such structure.
  public func prior(for structure: String, phase: ContrastPhase) throws(MaskCTError) -> TissuePrior
  {
    let name = try StructureCatalog.standard.structure(named: structure)
    return prior(tissue: StructureCatalog.standard.tissue(of: name)!, phase: phase)!
  }

  /// The prior of a tissue, or `nil` where there is no such tissue in the table.
  public func prior(tissue: String, phase: ContrastPhase) -> TissuePrior? {
    tissues[tissue]?[phase].map {
      TissuePrior(tissue: tissue, mean: $0.mean, spread: $0.spread, texture: $0.texture)
    }
  }

  /// The names of all tissues, sorted.
  public var names: [String] { tissues.keys.sorted() }

  /// Whether a tissue is a whole bone, cortex and marrow together.
  public func isBone(_ tissue: String) -> Bool { tissues[tissue]?.bone == true }

  /// The tissue whose draw between patients a tissue shares: another or itself.
  public func variation(of tissue: String) -> String { tissues[tissue]?.varies_with ?? tissue }

  /// What a tissue is made of; `nil` where it is one thing.
  public func parts(of tissue: String) -> [TissuePart]? { tissues[tissue]?.made_of }

  /// What a tissue holds in its lumen; `nil` where it is not hollow.
  public func hollow(_ tissue: String) -> HollowOrgan? { tissues[tissue]?.hollow }

  /// Where the figures of a tissue come from: `physics`, `radiology`, `literature` or `construct`.
  public func source(of tissue: String) -> String? { tissues[tissue]?.source }
}

extension TissueTable: Codable {
  /// Reads what `encode` wrote.
  ///
  /// - Throws: `DecodingError`, or `MaskCTError` for what `load` refuses too.
  public init(from decoder: any Decoder) throws {
    try self.init(File(from: decoder).tissues, name: nil)
  }

  /// Writes all tissues under the keys of the file.
  public func encode(to encoder: any Encoder) throws {
    try File(tissues: tissues).encode(to: encoder)
  }
}

extension TissueTable: Equatable {
  /// Whether both give the same priors, whatever their notes say.
  public static func == (a: Self, b: Self) -> Bool {
    a.tissues.keys == b.tissues.keys
      && a.tissues.allSatisfy { name, tissue in
        tissue.bone == b.tissues[name]?.bone && tissue.made_of == b.tissues[name]?.made_of
          && tissue.hollow == b.tissues[name]?.hollow
          && tissue.varies_with == b.tissues[name]?.varies_with
          && ContrastPhase.allCases.allSatisfy { tissue[$0] == b.tissues[name]?[$0] }
      }
  }
}

/// The layout of `tissues.yaml`.
private struct File: Codable {
  var tissues: [String: Tissue]
}

/// One tissue of the file; `all` stands for the phases that are not given.
private struct Tissue: Codable, Sendable {
  var all: Figures?
  var native: Figures?
  var arterial: Figures?
  var portal_venous: Figures?
  var bone: Bool?
  var made_of: [TissuePart]?
  var hollow: HollowOrgan?
  var varies_with: String?
  var source: String
  var note: String?

  subscript(phase: ContrastPhase) -> Figures? {
    switch phase {
    case .native: native ?? all
    case .arterial: arterial ?? all
    case .portalVenous: portal_venous ?? all
    }
  }
}

/// HU of one tissue in one phase.
private struct Figures: Codable, Equatable, Sendable {
  var mean: Double
  var spread: Double
  var texture: Double

  var isInRange: Bool { spread >= 0 && texture >= 0 && (-1024...30000).contains(mean) }
}
