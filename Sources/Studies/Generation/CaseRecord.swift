public import Acquisition
import FoundationEssentials
public import Painting
import Support

/// What a case was made of: enough to make it again, byte for byte, on the same kind of CPU.
public struct CaseRecord: Codable, Equatable, Sendable {
  /// The tool's version.
  public var version: String
  /// The case's identifier in the dataset.
  public var name: String
  /// The folder of label maps, absolute.
  public var source: String
  /// The case's name in that folder.
  public var labelMap: String
  /// Its files.
  public var files: [String]
  /// The folder of region masks; `nil` for none.
  public var regions: String?
  /// What the ids of the label map stand for.
  public var structures: [String: String]
  /// Structures to learn; label 1 is the first.
  public var targets: [String]
  /// How it was painted.
  public var recipe: Recipe
  /// Where textures came from.
  public var texture: GenerationSettings.Texture?
  /// The seed of the dataset; the case's own stream is split off by `name`.
  public var seed: UInt64
  /// Who scanned it.
  public var scanner: Scanner
  /// How.
  public var scanProtocol: ScanProtocol
  /// Voxel spacing asked for, mm; `nil` for the label map's own.
  public var spacing: [Double]?
  /// What was changed in the label map before it was painted; `nil` for nothing.
  public var variation: MapVariation?
  /// Everything random in the painting.
  public var draws: PaintDraws
  /// What was noticed on the way, for example a label map that was put upright.
  public var notes: [String]
  /// The grid of image and labels, for readers.
  public var grid: String
  /// The instruction set of the kernels; rounding differs between them.
  public var kernels: String
  /// Seconds spent in each stage; not part of what is reproduced.
  public var seconds: [String: Double]

  /// Reads a record.
  ///
  /// - Throws: `MaskCTError` if the file is missing or not a record.
  public init(path: String) throws {
    let bytes = try ByteFile.read(path)
    do {
      self = try JSONDecoder().decode(CaseRecord.self, from: Data(bytes))
    } catch {
      throw MaskCTError(
        .input, path: path, "is not the record of a case",
        remedy: "give a file from the 'records' folder of a dataset")
    }
  }

  /// Writes the record.
  ///
  /// - Throws: `MaskCTError` if it cannot be written.
  public func write(to path: String) throws {
    try AtomicFile.write(try Self.json(self), to: path)
  }

  /// JSON with sorted keys, so that equal values are equal bytes.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  init(
    version: String, name: String, source: String, labelMap: String, files: [String],
    regions: String?,
    structures: [String: String], targets: [String], recipe: Recipe,
    texture: GenerationSettings.Texture?, seed: UInt64, scanner: Scanner,
    scanProtocol: ScanProtocol, spacing: [Double]?, variation: MapVariation?,
    draws: PaintDraws, notes: [String],
    grid: String, kernels: String, seconds: [String: Double]
  ) {
    self.version = version
    self.name = name
    self.source = source
    self.labelMap = labelMap
    self.files = files
    self.regions = regions
    self.structures = structures
    self.targets = targets
    self.recipe = recipe
    self.texture = texture
    self.seed = seed
    self.scanner = scanner
    self.scanProtocol = scanProtocol
    self.spacing = spacing
    self.variation = variation
    self.draws = draws
    self.notes = notes
    self.grid = grid
    self.kernels = kernels
    self.seconds = seconds
  }
}
