import Acquisition
import FoundationEssentials
import Support
public import Tissues

/// What a case was made of: enough to make it again, byte for byte, on the same kind of CPU.
public struct CaseRecord: Codable, Equatable, Sendable {
  /// The shape of the record; a program that reads another one refuses it.
  public var format: Int
  /// The tool's version.
  public var version: String
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
  /// How it was varied and painted.
  public var recipe: Recipe
  /// What the recipe was called; `nil` in records of earlier versions.
  public var recipeName: String?
  /// Where textures came from.
  public var texture: GenerationSettings.Texture?
  /// The user's table of tissue priors; `nil` for the one that ships with the tool.
  public var tissues: TissueTable?
  /// Voxel spacing asked for, mm; `nil` for the label map's own.
  public var spacing: [Double]?
  /// Everything random.
  public var draw: CaseDraw
  /// What was noticed on the way, for example a label map that was put upright.
  public var notes: [String]
  /// The grid of image and labels, for readers.
  public var grid: String
  /// The instruction set of the kernels; rounding differs between them.
  public var kernels: String
  /// Seconds spent in each stage; not part of what is reproduced.
  public var seconds: [String: Double]

  /// The shape of records that this version writes and replays.
  static let currentFormat = 3

  /// The case's identifier in the dataset.
  public var name: String { draw.name }

  init(of painted: PaintedCase, settings: GenerationSettings, seconds: [String: Double]) {
    let (plan, anatomy) = (painted.plan, painted.anatomy)
    format = Self.currentFormat
    version = toolVersion
    source = plan.source.path
    labelMap = plan.item.name
    files = plan.item.paths
    regions = plan.source.regions
    structures = Dictionary(
      uniqueKeysWithValues: painted.structures.map { (String($0.key), $0.value) })
    targets = settings.targets
    recipe = settings.recipe
    recipeName = settings.recipeName
    texture = settings.texture
    tissues = settings.tissues
    spacing = settings.spacing
    draw = painted.drawn.draw
    notes = anatomy.notes
    grid = anatomy.labels.grid.description
    kernels = InstructionSet.current
    self.seconds = seconds
  }

  /// Reads a record.
  ///
  /// - Throws: `MaskCTError` if the file is missing, is not a record, or one of another format.
  public init(path: String) throws {
    struct Header: Decodable {
      var version: String
      var format: Int?
    }
    let bytes = Data(try ByteFile.read(path))
    if let header = try? JSONDecoder().decode(Header.self, from: bytes),
      header.format != Self.currentFormat
    {
      throw MaskCTError(
        .input, path: path,
        """
        is the record of a case in format \(header.format ?? 1); this version replays format \
        \(Self.currentFormat)
        """,
        remedy: "replay it with the version of maskct that wrote it")
    }
    do {
      self = try JSONDecoder().decode(CaseRecord.self, from: bytes)
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
}
