public import Configuration
import FoundationEssentials
import Generation
import Support
import Training

/// A comparison of arms on the same real CT, as a YAML file states it.
///
/// Every arm learns from its own dataset with the same network and budget and is tested on the same
/// scans. An arm with `images` learns from real CT; every other one from label maps alone.
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
  /// The real CT to test on.
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

  /// One row of the table. What an arm leaves out is the experiment's.
  public struct Arm: Codable, Equatable, Sendable {
    /// The arm's name: lower-case letters, digits and `-`.
    public var name: String
    /// What tables call it.
    public var title: String?
    /// Name or file of the recipe; for arms that learn from label maps.
    public var recipe: String?
    /// Optional sections of the recipe that are taken out (`Recipe.sections`), for an ablation.
    public var without: [String]?
    /// Folder of real CT to learn from, named as the label maps are.
    public var images: String?
    /// Where label maps come from.
    public var labels: [Source]?
    /// Folder of clips, or `dead-leaves`.
    public var video: String?
    /// Scanners, one of which is drawn for a case.
    public var scanners: [String]?
    /// Protocols, one of which is drawn for a case.
    public var protocols: [String]?
    /// Number of cases; one a label map where it is left out.
    public var cases: Int?
    /// Voxel spacing of the dataset, mm.
    public var spacing: [Double]?

    /// Whether the arm learns from real CT.
    public var isClinical: Bool { images != nil }
    /// What tables call it.
    public var displayTitle: String { title ?? name }
  }

  private enum CodingKeys: String, CodingKey {
    case title, description, targets, labels, video, selection, test, training, tolerance, baseline
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
    test = try keys.decode(TestSet.self, forKey: .test)
    training = try keys.decode(Budget.self, forKey: .training)
    tolerance = try keys.decodeIfPresent(Double.self, forKey: .tolerance) ?? 2
    largestComponent = try keys.decodeIfPresent(Bool.self, forKey: .largestComponent) ?? false
    baseline = try keys.decodeIfPresent(String.self, forKey: .baseline)
    published = try keys.decodeIfPresent([Published].self, forKey: .published) ?? []
    arms = try keys.decode([Arm].self, forKey: .arms)
  }
}

extension Experiment {
  /// The experiments that ship with the tool.
  public static let presets = Presets(
    kind: "experiment",
    [
      "head-neck": PackageResources.head_neck_yaml,
      "head-neck-ablation": PackageResources.head_neck_ablation_yaml,
      "liver": PackageResources.liver_yaml,
      "quick": PackageResources.quick_yaml,
      "table1-totalsegmentator": PackageResources.table1_totalsegmentator_yaml,
    ])

  /// Loads an experiment that ships with the tool, or a user's YAML file.
  ///
  /// - Parameter data: the folder that its paths are relative to; nil takes that of the YAML file, and
  ///   for a shipped experiment the working folder.
  /// - Throws: `MaskCTError` with the nearest name, or with what is wrong in the file.
  public static func load(_ nameOrPath: String, data: String?) throws -> Experiment {
    let (text, name) = try presets.source(nameOrPath)
    var experiment = try YAML.decode(Experiment.self, text: text, name: name)
    try experiment.validate(name: name)
    let folder =
      data ?? (name == nameOrPath ? parent(nameOrPath) : nil)
      ?? FileManager.default.currentDirectoryPath
    experiment.resolvePaths(from: absolute(folder))
    return experiment
  }

  /// The arm's label maps, or the experiment's.
  public func sources(of arm: Arm) -> [Source] { arm.labels ?? labels }

  /// Makes all paths absolute.
  mutating func resolvePaths(from folder: String) {
    func resolve(_ path: String) -> String { absolute(path, from: folder) }
    func resolve(clips: String?) -> String? {
      clips.map { $0 == "dead-leaves" ? $0 : resolve($0) }
    }
    func isFile(_ name: String) -> Bool { name.contains("/") || name.hasSuffix(".yaml") }
    func resolve(preset name: String) -> String { isFile(name) ? resolve(name) : name }
    func resolve(sources: [Source]) -> [Source] {
      sources.map {
        Source(
          path: resolve($0.path), scheme: $0.scheme.map { resolve(preset: $0) },
          region: $0.region.map { resolve($0) })
      }
    }
    labels = resolve(sources: labels)
    video = resolve(clips: video)
    test.images = resolve(test.images)
    test.labels = resolve(test.labels)
    test.scheme = test.scheme.map { resolve(preset: $0) }
    for index in arms.indices {
      arms[index].labels = arms[index].labels.map { resolve(sources: $0) }
      arms[index].video = resolve(clips: arms[index].video)
      arms[index].images = arms[index].images.map { resolve($0) }
      arms[index].recipe = arms[index].recipe.map { resolve(preset: $0) }
      arms[index].scanners = arms[index].scanners?.map { resolve(preset: $0) }
      arms[index].protocols = arms[index].protocols?.map { resolve(preset: $0) }
    }
  }

  /// Checks what can be checked without looking at data.
  ///
  /// - Throws: `MaskCTError` with the first thing that makes no sense.
  public func validate(name: String? = nil) throws {
    func check(_ holds: Bool, _ problem: String, _ remedy: String) throws(MaskCTError) {
      if !holds { throw MaskCTError(.input, path: name, problem, remedy: remedy) }
    }
    try check(!arms.isEmpty, "has no arms", "add at least one under 'arms'")
    for (index, arm) in arms.enumerated() {
      try check(
        !arm.name.isEmpty
          && arm.name.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == 45
          } && !arm.name.hasPrefix("-"),
        "arm '\(arm.name)' has a name that cannot name a folder",
        "use lower-case letters, digits and '-'")
      try check(
        !arms[..<index].contains { $0.name == arm.name }, "arm '\(arm.name)' is there twice",
        "give every arm a name of its own")
      try check(
        (arm.recipe == nil) == arm.isClinical,
        "arm '\(arm.name)' must have either 'recipe' or 'images'",
        "give it a recipe to learn from label maps, or images to learn from real CT")
      try check(
        arm.without == nil || arm.recipe != nil,
        "arm '\(arm.name)' takes something out of no recipe", "give it a recipe, too")
      try check(
        !sources(of: arm).isEmpty, "arm '\(arm.name)' has no label maps",
        "add 'labels' to the arm or to the experiment")
      try check(
        arm.cases.map { $0 >= 1 } ?? true, "arm '\(arm.name)' asks for no cases",
        "give 'cases' of 1 or more, or leave it out")
      try check(
        arm.spacing.map {
          ($0.count == 1 || $0.count == 3) && $0.allSatisfy { (0.1...20).contains($0) }
        } ?? true, "arm '\(arm.name)' has a spacing that cannot be used",
        "give [mm] or [x, y, z] from 0.1 to 20 mm")
    }
    if let baseline {
      let names = arms.map(\.name)
      try check(
        names.contains(baseline), "the baseline '\(baseline)' is no arm",
        NearMiss.remedy(
          for: baseline, among: names, otherwise: "name one of \(names.joined(separator: ", "))"))
    }
    try check(
      tolerance.isFinite && tolerance >= 0, "'tolerance' is no distance", "give mm, 0 or more")
    try check(!training.seeds.isEmpty, "'training.seeds' is empty", "give at least one seed")
    try check(
      training.seeds.allSatisfy { $0 >= 0 } && Set(training.seeds).count == training.seeds.count,
      "'training.seeds' has a seed twice or below 0", "give every seed once")
    try check(!training.folds.isEmpty, "'training.folds' is empty", "give at least one, or auto")
    try check(
      training.folds.allSatisfy { Fold($0) != nil }
        && Set(training.folds).count == training.folds.count,
      "'training.folds' has something that is no fold, or one twice",
      "give numbers from 0 on, all or auto")
    try check(
      ComputeDevice(rawValue: training.device) != nil,
      "there is no device '\(training.device)'", "choose one of auto, cpu, cuda")
    if let selection {
      try check(
        selection.training >= 1 && selection.test >= 1,
        "'selection' asks for no subjects", "give training and test of 1 or more")
    }
    _ = try Self.targetNames(targets)
  }
}
