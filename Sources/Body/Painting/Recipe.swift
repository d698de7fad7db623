public import Configuration
public import Support
public import Textures
public import Tissues

/// How a label map is painted; a YAML file that a user can copy and edit.
public struct Recipe: Codable, Equatable, Sendable {
  /// What structures are filled with.
  public enum Strategy: String, Codable, CaseIterable, Sendable {
    /// Only the targets, one value each, in a cylinder of texture with a CT-like distribution.
    case cylinder
    /// Every structure, one value each.
    case constant
    /// Every structure, a texture of its own with the structure's distribution.
    case video
  }

  /// One line about it.
  public var description: String
  /// What structures are filled with.
  public var strategy: Strategy
  /// How often each contrast phase is drawn.
  public var phases: PhaseWeights
  /// How tissue priors are used for labelled structures.
  public var priors: PriorSettings
  /// How they are used for the body that no label covers.
  public var surroundings: PriorSettings
  /// Where textures come from and how they are laid out.
  public var texture: TextureSettings
  /// The grid that is painted on.
  public var grid: GridSettings
  /// How edges are drawn.
  public var edges: EdgeSettings
  /// The cylinder; needed by its strategy, ignored by the others.
  public var cylinder: CylinderSettings?
  /// How label maps are bent before they are painted; not at all where it is missing.
  public var deformation: DeformationSettings?
  /// Probability that a label that is no target is left out, so that the body completion fills its
  /// place; none where it is missing.
  public var dropout: Double?
  /// Lesions that are put into structures; none where it is missing.
  public var lesions: [LesionSettings]?
  /// How often structures get one value although the strategy is `video`; never where it is missing.
  public var mixing: MixingSettings?
  /// How bones are laid out by depth; as any other texture where it is missing.
  public var cortex: CortexSettings?
  /// How far drawn contours lie off the surfaces that they mean; not at all where it is missing.
  public var contours: ContourSettings?
  /// From what scanner and protocol are drawn, where a user names none.
  public var acquisition: AcquisitionSettings?

  /// The recipes that ship with the tool.
  public static let presets = Presets(
    kind: "recipe",
    [
      "maskct": PackageResources.maskct_yaml, "cylinder": PackageResources.cylinder_yaml,
      "constant": PackageResources.constant_yaml,
      "video": PackageResources.video_yaml,
    ])

  /// Loads a recipe that ships with the tool, or a user's YAML file.
  ///
  /// - Throws: `MaskCTError` with the nearest name, or with what is wrong in the file.
  public static func load(_ nameOrPath: String) throws(MaskCTError) -> Recipe {
    let (text, name) = try presets.source(nameOrPath)
    let recipe = try YAML.decode(Recipe.self, text: text, name: name)
    try recipe.validate(name: name)
    return recipe
  }

  /// Whether painting needs clips.
  public var needsTexture: Bool { strategy != .constant }

  /// Checks that all figures make sense.
  ///
  /// - Throws: `MaskCTError` with the first that does not.
  public func validate(name: String? = nil) throws(MaskCTError) {
    func check(_ holds: Bool, _ problem: String, _ remedy: String) throws(MaskCTError) {
      if !holds { throw MaskCTError(.input, path: name, problem, remedy: remedy) }
    }
    let weights = phases.weights
    try check(
      weights.values.allSatisfy { $0 >= 0 } && weights.values.contains { $0 > 0 },
      "'phases' gives no contrast phase a weight above zero",
      "give at least one, for example portal_venous: 1")
    for (key, settings) in [("priors", priors), ("surroundings", surroundings)] {
      try check(
        settings.spread >= 0 && settings.texture >= 0 && (0...1).contains(settings.sharing),
        "'\(key)' is out of range", "spread and texture are not negative, sharing lies in 0...1")
    }
    try check(
      texture.clips >= 1 && texture.millimetresPerPixel.lowerBound > 0
        && texture.stretch.lowerBound > 0 && texture.drift >= 0,
      "'texture' is out of range", "clips is at least 1, scales are above 0, drift is not below")
    try check(
      grid.finest >= 0.3 && grid.coarsest >= grid.finest,
      "'grid' is out of range", "finest is at least 0.3 mm and not above coarsest")
    try check(
      (0.3...3).contains(edges.smoothing) && (0.2...4).contains(edges.width),
      "'edges' is out of range", "smoothing lies in 0.3...3 voxels, width in 0.2...4")
    try validateVariation(name: name)
    guard let cylinder else {
      return try check(
        strategy != .cylinder, "key 'cylinder' is missing",
        "copy it from the built-in recipe 'cylinder'")
    }
    try check(
      cylinder.radius.lowerBound > 0.1 && cylinder.radius.upperBound <= 2
        && cylinder.ratio.lowerBound > 0.2 && cylinder.ratio.upperBound <= 1
        && cylinder.exponent.lowerBound >= 1.5 && cylinder.exponent.upperBound <= 6
        && cylinder.clearance >= 0 && cylinder.millimetresPerPixel.lowerBound > 0,
      "'cylinder' is out of range", "see the built-in recipe 'cylinder'")
    try check(
      cylinder.distribution.contains { $0.weight > 0 }
        && cylinder.distribution.allSatisfy {
          $0.weight >= 0 && $0.deviation >= 0 && $0.spread >= 0
        },
      "'cylinder.distribution' has no part with a weight above zero, or a figure below zero",
      "see the built-in recipe 'cylinder'")
  }

  private enum CodingKeys: String, CodingKey {
    case description, strategy, phases, priors, surroundings, texture, grid, edges, cylinder
    case deformation, dropout, lesions, mixing, cortex, contours, acquisition
  }
}

/// Relative weights of the contrast phases.
public struct PhaseWeights: Codable, Equatable, Sendable {
  /// Weight of scans without contrast agent.
  public var native: Double
  /// Weight of the late arterial phase.
  public var arterial: Double
  /// Weight of the portal venous phase.
  public var portalVenous: Double

  /// The weights by phase.
  public var weights: [ContrastPhase: Double] {
    [.native: native, .arterial: arterial, .portalVenous: portalVenous]
  }

  private enum CodingKeys: String, CodingKey {
    case native, arterial
    case portalVenous = "portal_venous"
  }
}

/// How tissue priors become values.
public struct PriorSettings: Codable, Equatable, Sendable {
  /// Multiplies the standard deviation between patients.
  public var spread: Double
  /// Multiplies the standard deviation inside a structure.
  public var texture: Double
  /// Correlation of structures of one tissue (both kidneys, all ribs): 1 means that they share one
  /// value, 0 that they are drawn apart.
  public var sharing: Double
}

/// Where textures come from and how they are laid out.
public struct TextureSettings: Codable, Equatable, Sendable {
  /// A source of clips.
  public enum Source: String, Codable, CaseIterable, Sendable {
    /// The user's folder of video clips.
    case video
    /// The built-in texture.
    case deadLeaves = "dead_leaves"
  }

  /// Where clips come from.
  public var source: Source
  /// Clips a case at most; more structures than that share them, each with a crop of its own.
  public var clips: Int
  /// Size of a pixel in the patient, mm.
  public var millimetresPerPixel: ClosedRange<Double>
  /// How much longer structures of the texture are along z than in the plane.
  public var stretch: ClosedRange<Double>
  /// Greatest slope at which the crop moves across the picture with height.
  public var drift: Double
  /// Whether to rotate clips in the plane.
  public var rotate: Bool
  /// Whether to mirror clips and to reverse time.
  public var flip: Bool

  /// The ranges for `TextureDraw`.
  public var ranges: TextureRanges {
    TextureRanges(
      millimetresPerPixel: millimetresPerPixel, stretch: stretch, drift: drift, rotate: rotate,
      flip: flip)
  }

  private enum CodingKeys: String, CodingKey {
    case source, clips, stretch, drift, rotate, flip
    case millimetresPerPixel = "millimetres_per_pixel"
  }
}

/// The painting grid: isotropic voxels as large as a label voxel is in the plane, within limits.
public struct GridSettings: Codable, Equatable, Sendable {
  /// Smallest voxel, mm.
  public var finest: Double
  /// Largest voxel, mm.
  public var coarsest: Double
}

/// The cylinder of the `cylinder` strategy.
public struct CylinderSettings: Codable, Equatable, Sendable {
  /// Larger half-axis as a part of half the field of view.
  public var radius: ClosedRange<Double>
  /// Smaller half-axis as a part of the larger.
  public var ratio: ClosedRange<Double>
  /// Exponent of the superellipse that is its cross-section: 2 for an ellipse, more for flatter sides.
  public var exponent: ClosedRange<Double>
  /// Distance in mm by which the cylinder is at least larger than the target.
  public var clearance: Double
  /// Size of a pixel in the patient, mm.
  public var millimetresPerPixel: ClosedRange<Double>
  /// The CT-like distribution of its texture.
  public var distribution: [Part]

  /// One part of the distribution.
  public struct Part: Codable, Equatable, Sendable {
    /// How much of the cylinder it takes; varied from case to case as a whole by up to a half.
    public var weight: Double
    /// Mean, HU.
    public var mean: Double
    /// Standard deviation within a case, HU.
    public var deviation: Double
    /// Standard deviation of the mean between cases, HU.
    public var spread: Double
  }

  private enum CodingKeys: String, CodingKey {
    case radius, ratio, exponent, clearance, distribution
    case millimetresPerPixel = "millimetres_per_pixel"
  }
}
