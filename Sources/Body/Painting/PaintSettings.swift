public import Support
public import Textures
public import Tissues

/// The section of a recipe that says how an anatomy becomes a body.
public struct PaintSettings: Codable, Equatable, Sendable {
  /// What structures are filled with.
  public enum Strategy: String, Codable, CaseIterable, Sendable {
    /// Only the targets, one value each, in a cylinder of texture with a CT-like distribution.
    case cylinder
    /// Every structure, one value each.
    case constant
    /// Every structure, a texture of its own with the structure's distribution.
    case video
  }

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
  /// How often structures get one value although the strategy is `video`; never where it is missing.
  public var mixing: MixingSettings?
  /// How often structures are made of the parts of their tissue; of one thing each where it is missing.
  public var composition: CompositionSettings?
  /// What hollow organs hold; nothing of its own where it is missing.
  public var contents: ContentsSettings?
  /// How far drawn contours lie off the surfaces that they mean; not at all where it is missing.
  public var contours: ContourSettings?

  /// Its keys in a recipe, beside those of the other sections.
  package enum CodingKeys: String, CodingKey {
    case strategy, phases, priors, surroundings, texture, grid, edges, cylinder, mixing
    case composition, contents, contours
  }

  /// Whether painting needs clips.
  public var needsTexture: Bool { strategy != .constant }

  /// Checks that all figures make sense.
  ///
  /// - Parameter name: what errors call the recipe.
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
      if let wide = settings.wide {
        try check(
          (0...1).contains(wide.probability) && wide.spread >= 0, "'\(key).wide' is out of range",
          "probability lies in 0...1, spread is not negative")
      }
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
    if let mixing {
      try check(
        [mixing.constant, mixing.allConstant, mixing.allTexture].allSatisfy((0...1).contains)
          && mixing.allConstant + mixing.allTexture <= 1,
        "'mixing' is out of range",
        "probabilities lie in 0...1, and all_constant and all_texture add up to 1 at most"
      )
    }
    if let contours {
      try check(
        (0...3).contains(contours.deviation) && (-3...3).contains(contours.bones),
        "'contours' is out of range",
        "deviation lies in 0...3 mm, bones in -3...3 mm")
    }
    if let composition {
      try check(
        (0...1).contains(composition.probability), "'composition' is out of range",
        "its probability lies in 0...1")
    }
    if let contents {
      try check(
        [contents.probability, contents.oralContrast, contents.prone].allSatisfy((0...1).contains)
          && (0...45).contains(contents.tilt), "'contents' is out of range",
        "probabilities lie in 0...1, tilt in 0...45 degrees")
    }
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
  /// How often a tissue of a patient gets another spread; never where it is missing.
  public var wide: WideSettings?

  /// A second spread.
  public struct WideSettings: Codable, Equatable, Sendable {
    /// Probability that a tissue gets it.
    public var probability: Double
    /// Multiplies the standard deviation between patients instead of `spread`.
    public var spread: Double
  }
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

/// How often structures are filled with one value although the strategy is `video`.
public struct MixingSettings: Codable, Equatable, Sendable {
  /// Probability that a structure gets one value.
  public var constant: Double
  /// Probability that all structures of a case get one value each.
  public var allConstant: Double
  /// Probability that all structures of a case get texture.
  public var allTexture: Double

  private enum CodingKeys: String, CodingKey {
    case constant
    case allConstant = "all_constant"
    case allTexture = "all_texture"
  }
}

/// How often structures are made of the parts that the tissue table gives their tissue.
public struct CompositionSettings: Codable, Equatable, Sendable {
  /// Probability that a structure is; otherwise it is one thing with the mean and the deviation of the whole.
  public var probability: Double
}

/// What hollow organs hold, and how the patient lies.
public struct ContentsSettings: Codable, Equatable, Sendable {
  /// Probability that a hollow structure holds what the tissue table says; otherwise it is one thing.
  public var probability: Double
  /// Probability that the patient drank positive contrast medium.
  public var oralContrast: Double
  /// Probability that the patient lies prone instead of supine.
  public var prone: Double
  /// Standard deviation of the turn about the long axis off that, degrees; cut at two.
  public var tilt: Double

  private enum CodingKeys: String, CodingKey {
    case probability, prone, tilt
    case oralContrast = "oral_contrast"
  }
}

/// How far drawn contours lie off the surfaces that they mean.
public struct ContourSettings: Codable, Equatable, Sendable {
  /// Standard deviation over the structures of all cases, mm.
  public var deviation: Double
  /// Mean distance by which contours of bones lie outside their surfaces, mm.
  ///
  /// People draw on the soft-tissue window, where everything above some 240 HU is white. An edge that a
  /// point spread of deviation s blurs passes from 50 to 1200 HU through 625 HU at the surface, and
  /// through 240 HU outside it by `Phi^-1(1 - 190/1150) s = 0.97 s`: with 0.75 mm in the plane,
  /// 0.7 mm.
  public var bones: Double
}
