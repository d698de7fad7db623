import Anatomy
import Configuration
public import Support

/// What a structure looks like in CT in one contrast phase, HU.
///
/// The structure's mean in one patient is drawn from a Gaussian of `mean` and `spread`; its voxels
/// lie around that with the standard deviation `texture`.
public struct TissuePrior: Equatable, Sendable, Codable {
  /// The tissue in the table; structures of one tissue (both kidneys, all ribs) share draws.
  public var tissue: String
  /// Mean over the structure in the average patient, HU.
  public var mean: Double
  /// Standard deviation of that mean between patients, HU.
  public var spread: Double
  /// Standard deviation from voxel to voxel inside the structure, HU, without scanner noise.
  public var texture: Double

  /// Creates a prior.
  public init(tissue: String, mean: Double, spread: Double, texture: Double) {
    self.tissue = tissue
    self.mean = mean
    self.spread = spread
    self.texture = texture
  }
}

/// The table of tissue priors (`tissues.yaml`, or a user's copy of it).
public struct TissueTable: Sendable {
  private var values: [String: [ContrastPhase: Figures]]
  private let sources: [String: String]
  private let bones: Set<String>
  private let catalog: StructureCatalog

  private struct Figures: Decodable {
    var mean: Double
    var spread: Double
    var texture: Double
  }

  private struct Tissue: Decodable {
    var all: Figures?
    var native: Figures?
    var arterial: Figures?
    var portal_venous: Figures?
    var bone: Bool?
    var source: String
    var note: String?
  }

  private struct File: Decodable {
    var tissues: [String: Tissue]
  }

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
  /// - Throws: `MaskCTError` where the file cannot be read, is not valid, or lacks a tissue.
  public init(path: String) throws(MaskCTError) {
    try self.init(text: YAML.text(path: path), name: path)
  }

  init(text: String, name: String, catalog: StructureCatalog = .standard) throws(MaskCTError) {
    let file = try YAML.decode(File.self, text: text, name: name)
    self.catalog = catalog
    values = [:]
    for (tissue, entry) in file.tissues.sorted(by: { $0.key < $1.key }) {
      for phase in ContrastPhase.allCases {
        let own =
          switch phase {
          case .native: entry.native
          case .arterial: entry.arterial
          case .portalVenous: entry.portal_venous
          }
        guard let figures = own ?? entry.all else {
          throw MaskCTError(
            .input, path: name, "tissue '\(tissue)' has no figures for phase '\(phase.rawValue)'",
            remedy: "add '\(phase.rawValue)' or 'all'")
        }
        guard figures.spread >= 0, figures.texture >= 0, (-1024...30000).contains(figures.mean)
        else {
          throw MaskCTError(
            .input, path: name, "tissue '\(tissue)' has figures out of range",
            remedy: "means lie from -1024 to 30000 HU, spread and texture are not negative")
        }
        values[tissue, default: [:]][phase] = figures
      }
    }
    sources = file.tissues.mapValues(\.source)
    bones = Set(file.tissues.filter { $0.value.bone == true }.keys)
    for structure in catalog.names {
      guard let tissue = catalog.tissue(of: structure), values[tissue] != nil else {
        throw MaskCTError(
          .input, path: name,
          "tissue '\(catalog.tissue(of: structure) ?? "?")' of structure '\(structure)' is missing",
          remedy: "copy it from `maskct show tissues`")
      }
    }
  }

  /// The prior of a structure in a contrast phase.
  ///
  /// - Throws: `MaskCTError` where there is no such structure.
  public func prior(for structure: String, phase: ContrastPhase) throws(MaskCTError) -> TissuePrior
  {
    let name = try catalog.structure(named: structure)
    return prior(tissue: catalog.tissue(of: name)!, phase: phase)!
  }

  /// The prior of a tissue of the table, or `nil` where there is no such tissue.
  public func prior(tissue: String, phase: ContrastPhase) -> TissuePrior? {
    values[tissue]?[phase].map {
      TissuePrior(tissue: tissue, mean: $0.mean, spread: $0.spread, texture: $0.texture)
    }
  }

  /// The names of all tissues, sorted.
  public var tissues: [String] { values.keys.sorted() }

  /// Whether a tissue is a whole bone, cortex and marrow together.
  public func isBone(_ tissue: String) -> Bool { bones.contains(tissue) }

  /// Where the figures of a tissue come from: `physics`, `radiology`, `literature` or `construct`.
  public func source(of tissue: String) -> String? { sources[tissue] }
}
