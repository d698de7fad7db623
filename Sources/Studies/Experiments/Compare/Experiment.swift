import Anatomy
import Training

/// A comparison of arms on the same real CT, as a YAML file states it.
///
/// Every arm learns from its own dataset with the same network and budget and is tested on the same
/// scans. An arm with `images` learns from real CT, one with a `recipe` from label maps, one with both from both.
public struct Experiment: Codable, Equatable, Sendable {
  /// The report's heading.
  public var title: String
  /// A paragraph about it.
  public var description: String
  /// Structures to learn; label 1 is the first.
  public var targets: [String]
  /// Where label maps come from, for arms that name no others.
  public var labels: [Source]
  /// Folder of video clips, or `dead-leaves`, for arms that name no other.
  public var video: String?
  /// How subjects are chosen from one collection; the folders of `labels` and `test` are then one.
  public var selection: Selection?
  /// Built-in phantoms to learn from and to test on, in place of `labels` and `test`.
  public var phantoms: Phantoms?
  /// The CT to test on.
  public var test: TestSet
  /// Network and budget, equal for all arms.
  public var training: Budget
  /// Tolerance of the normalised surface Dice, mm.
  public var tolerance: Double
  /// Whether predictions keep of every structure its largest connected part alone, in all arms.
  public var largestComponent: Bool
  /// Name of the arm that the others are compared with.
  public var baseline: String?
  /// Results of others to print beside the table.
  public var published: [Published]
  /// The rows of the table.
  public var arms: [Arm]

  /// A folder of label maps and the scheme that names their numbers.
  public struct Source: Codable, Equatable, Sendable {
    /// The folder, relative to the data folder.
    public var path: String
    /// The label scheme; not needed where the layout names structures.
    public var scheme: String?
    /// Folder of masks of what the images show, named as the label maps; for arms that learn from label maps.
    public var region: String?
  }

  /// Real CT with references.
  public struct TestSet: Codable, Equatable, Sendable {
    /// The folder of CT images.
    public var images: String
    /// The folder of references.
    public var labels: String
    /// The scheme of the references.
    public var scheme: String?
  }

  /// Bodies of people who do not exist: label maps to learn from, and simulated scans of others to test on.
  public struct Phantoms: Codable, Equatable, Sendable {
    /// Phantoms to learn from.
    public var training: Int
    /// Phantoms to test on.
    public var test: Int
    /// Seed of all bodies, and of what the scans to test on are painted with.
    public var seed: UInt64
    /// Voxels along each axis.
    public var shape: [Int]
    /// Voxel spacing, mm.
    public var spacing: Double
    /// How the phantoms to test on are scanned.
    public var scans: Scans

    /// A recipe, a scanner and a protocol, each by name or file.
    public struct Scans: Codable, Equatable, Sendable {
      /// How label maps are painted.
      public var recipe: String
      /// The scanner.
      public var scanner: String
      /// The protocol.
      public var `protocol`: String
    }

    /// The scheme of the phantoms' label maps.
    static let scheme = TorsoPhantom.scheme

    private enum CodingKeys: String, CodingKey { case training, test, seed, shape, spacing, scans }

    /// Reads a section `phantoms`; `seed` may be left out.
    public init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      training = try keys.decode(Int.self, forKey: .training)
      test = try keys.decode(Int.self, forKey: .test)
      seed = try keys.decodeIfPresent(UInt64.self, forKey: .seed) ?? 40
      shape = try keys.decode([Int].self, forKey: .shape)
      spacing = try keys.decode(Double.self, forKey: .spacing)
      scans = try keys.decode(Scans.self, forKey: .scans)
    }
  }

  /// A seeded choice of subjects for training and testing from one collection.
  public struct Selection: Codable, Equatable, Sendable {
    /// Subjects to train on.
    public var training: Int
    /// Subjects to test on.
    public var test: Int
    /// Seed of the draw.
    public var seed: UInt64
    /// Least volume of every target in every subject, ml.
    public var volume: Double
    /// Least height of the images of test subjects, mm.
    public var height: Double

    private enum CodingKeys: String, CodingKey { case training, test, seed, volume, height }

    /// Reads a selection; `volume` and `height` may be left out.
    public init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      training = try keys.decode(Int.self, forKey: .training)
      test = try keys.decode(Int.self, forKey: .test)
      seed = try keys.decodeIfPresent(UInt64.self, forKey: .seed) ?? 1
      volume = try keys.decodeIfPresent(Double.self, forKey: .volume) ?? 0
      height = try keys.decodeIfPresent(Double.self, forKey: .height) ?? 0
    }
  }

  /// What every arm is trained with.
  public struct Budget: Codable, Equatable, Sendable {
    /// `small`, or a configuration that nnU-Net plans.
    public var configuration: String
    /// Epochs; the configuration's own where it is left out.
    public var epochs: Int?
    /// Iterations an epoch; the configuration's own where it is left out.
    public var iterations: Int?
    /// Voxels of a median case, for `small`.
    public var voxels: Int?
    /// Folds, one training each: `all`, `auto` or numbers.
    public var folds: [String]
    /// Seeds, one dataset and one training each.
    public var seeds: [Int]
    /// `auto`, `cpu` or `cuda`.
    public var device: String

    private enum CodingKeys: String, CodingKey {
      case configuration, epochs, iterations, voxels, folds, seeds, device
    }

    /// Reads a budget; everything may be left out.
    public init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      configuration =
        try keys.decodeIfPresent(String.self, forKey: .configuration) ?? SmallConfiguration.name
      epochs = try keys.decodeIfPresent(Int.self, forKey: .epochs)
      iterations = try keys.decodeIfPresent(Int.self, forKey: .iterations)
      voxels = try keys.decodeIfPresent(Int.self, forKey: .voxels)
      folds = try keys.decodeIfPresent([String].self, forKey: .folds) ?? ["auto"]
      seeds = try keys.decodeIfPresent([Int].self, forKey: .seeds) ?? [1]
      device = try keys.decodeIfPresent(String.self, forKey: .device) ?? "auto"
    }
  }

  /// A result of others.
  public struct Published: Codable, Equatable, Sendable {
    /// The arm that it corresponds to.
    public var arm: String
    /// The structure.
    public var structure: String
    /// Mean Dice.
    public var dice: Double
    /// Where it stands.
    public var source: String
  }

  private enum CodingKeys: String, CodingKey {
    case title, description, targets, labels, video, selection, phantoms, test, training, tolerance,
      baseline
    case published, arms
    case largestComponent = "largest_component"
  }

  /// Reads an experiment; what has a default may be left out.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    title = try keys.decode(String.self, forKey: .title)
    description = try keys.decodeIfPresent(String.self, forKey: .description) ?? ""
    targets = try keys.decode([String].self, forKey: .targets)
    labels = try keys.decodeIfPresent([Source].self, forKey: .labels) ?? []
    video = try keys.decodeIfPresent(String.self, forKey: .video)
    selection = try keys.decodeIfPresent(Selection.self, forKey: .selection)
    phantoms = try keys.decodeIfPresent(Phantoms.self, forKey: .phantoms)
    // Phantoms take their place when the experiment's folder is known.
    test =
      try phantoms == nil
      ? keys.decode(TestSet.self, forKey: .test)
      : keys.decodeIfPresent(TestSet.self, forKey: .test) ?? TestSet(images: "", labels: "")
    training = try keys.decode(Budget.self, forKey: .training)
    tolerance = try keys.decodeIfPresent(Double.self, forKey: .tolerance) ?? 2
    largestComponent = try keys.decodeIfPresent(Bool.self, forKey: .largestComponent) ?? false
    baseline = try keys.decodeIfPresent(String.self, forKey: .baseline)
    published = try keys.decodeIfPresent([Published].self, forKey: .published) ?? []
    arms = try keys.decode([Arm].self, forKey: .arms)
  }
}
