public import Acquisition
public import MRScan
public import Tissues
import Painting

/// Everything that decides what a dataset holds; written beside it so that a run can be continued.
public struct GenerationSettings: Codable, Equatable, Sendable {
  /// A folder of label maps and the scheme that names their numbers.
  public struct Source: Codable, Equatable, Sendable {
    /// The folder.
    public var path: String
    /// Name or path of the label scheme; `nil` where the layout names structures by itself.
    public var scheme: String?
    /// Folder of masks of what the images show, named as the label maps; `nil` for all of them.
    public var region: String?

    /// Creates a source.
    public init(path: String, scheme: String?, region: String? = nil) {
      self.path = path
      self.scheme = scheme
      self.region = region
    }
  }

  /// Where textures come from.
  public enum Texture: Codable, Equatable, Sendable {
    /// A folder of video clips.
    case video(String)
    /// The built-in dead leaves, from this seed.
    case deadLeaves(UInt64)
  }

  /// Where label maps come from.
  public var sources: [Source]
  /// Structures to learn; label 1 is the first.
  public var targets: [String]
  /// How label maps are painted.
  public var recipe: Recipe
  /// Where textures come from; `nil` for recipes without.
  public var texture: Texture?
  /// How many cases to make; `nil` for one a label map.
  public var cases: Int?
  /// The seed of all that is random.
  public var seed: UInt64
  /// Scanners, one of which is drawn for a case.
  public var scanners: [Scanner]
  /// Protocols, one of which is drawn for a case; none where each case draws its own from the recipe's
  /// `acquisition`.
  public var protocols: [ScanProtocol]
  /// Voxel spacing of the dataset, mm along x, y, z of the patient; `nil` for the label map's own.
  public var spacing: [Double]?
  /// The user's table of tissue priors; `nil` for the one that ships with the tool.
  public var tissues: TissueTable?
  /// What the recipe was called: a preset's name or a file. It decides nothing; cards and manifests quote it.
  public var recipeName: String?
  /// The images of a case, in the order of the dataset's channels; `nil` for CT alone.
  private var images: [ImageModality]?
  /// The MR protocols; `nil` where no MR is made.
  public var mr: MRProtocols?

  /// MR protocols, one of which is drawn for a case.
  public struct MRProtocols: Codable, Equatable, Sendable {
    /// The protocols.
    public var protocols: [MRProtocol]
    /// Whether a user named them: then they are taken as they are, and otherwise varied as the recipe's `mr` says.
    public var isNamed: Bool

    /// Creates the choice.
    public init(protocols: [MRProtocol], isNamed: Bool) {
      self.protocols = protocols
      self.isNamed = isNamed
    }
  }

  /// The images of a case, in the order of the dataset's channels.
  public var modalities: [ImageModality] {
    get { images ?? [.ct] }
    set { images = newValue == [.ct] ? nil : newValue }
  }

  /// Creates settings; see the properties. `acquisition(of:scanners:protocols:)` gives scanners and
  /// protocols for a recipe.
  public init(
    sources: [Source], targets: [String], recipe: Recipe, texture: Texture? = nil,
    cases: Int? = nil, seed: UInt64 = 1, scanners: [Scanner], protocols: [ScanProtocol],
    spacing: [Double]? = nil, tissues: TissueTable? = nil, recipeName: String? = nil
  ) {
    self.sources = sources
    self.targets = targets
    self.recipe = recipe
    self.texture = texture
    self.cases = cases
    self.seed = seed
    self.scanners = scanners
    self.protocols = protocols
    self.spacing = spacing
    self.tissues = tissues
    self.recipeName = recipeName
  }

  /// The names of the settings in which two runs differ.
  public func differences(from other: GenerationSettings) -> [String] {
    var names: [String] = []
    if sources != other.sources { names.append("labels, scheme or region") }
    if targets != other.targets { names.append("target") }
    if recipe != other.recipe { names.append("recipe") }
    if texture != other.texture { names.append("video") }
    if cases != other.cases { names.append("cases") }
    if seed != other.seed { names.append("seed") }
    if scanners != other.scanners { names.append("scanner") }
    if protocols != other.protocols { names.append("protocol") }
    if spacing != other.spacing { names.append("spacing") }
    if tissues != other.tissues { names.append("tissues") }
    if modalities != other.modalities { names.append("modality") }
    if mr != other.mr { names.append("MR protocol") }
    return names
  }
}
