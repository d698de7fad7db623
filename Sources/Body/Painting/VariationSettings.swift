import Anatomy
import Configuration
public import Support

// Sections of a recipe that widen what a network sees beyond the label maps that there are. Each may be
// missing: then nothing of its kind is varied.

/// How label maps are bent before they are painted (`Deformation`), so that few maps do for many.
public struct DeformationSettings: Codable, Equatable, Sendable {
  /// Root mean square length of the displacements, mm.
  public var amplitude: ClosedRange<Double>
  /// Standard deviation of the Gaussian that smooths the field, mm: how far neighbours move alike.
  public var smoothness: ClosedRange<Double>
  /// Size of the body, of all axes alike; drawn evenly in its logarithm.
  public var scale: ClosedRange<Double>
  /// Size along each axis by itself, on top of it; drawn evenly in its logarithm.
  public var stretch: ClosedRange<Double>
  /// Greatest turn about each axis, degrees.
  public var rotation: Double
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

/// How often a bone with texture is a bright shell around a dark core (`Cortex`), and how thick it is.
public struct CortexSettings: Codable, Equatable, Sendable {
  /// Probability that a bone is.
  public var probability: Double
  /// Thickness of the shell, mm; drawn evenly in its logarithm.
  public var thickness: ClosedRange<Double>
  /// The part of the brightness that follows depth; the rest stays texture.
  public var share: ClosedRange<Double>
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

/// Lesions of one kind, put into structures of which the label map shows none.
public struct LesionSettings: Codable, Equatable, Sendable {
  /// What they are painted as: a structure, `liver_tumor`.
  public var structure: String
  /// The structure or group that they lie in: `liver`, `kidneys`.
  public var host: String
  /// How often a case has any.
  public var probability: Double
  /// How many there are then, least and most.
  public var count: [Int]
  /// Radius of the sphere of their size, mm; drawn evenly in its logarithm.
  public var radius: ClosedRange<Double>

  /// The structure as the catalog spells it.
  public var canonicalStructure: String {
    StructureCatalog.standard.canonicalStructure(structure) ?? structure
  }
}

/// From what scanner and protocol are drawn for each case.
public struct AcquisitionSettings: Codable, Equatable, Sendable {
  /// Names or files of scanners.
  public var scanners: [String]
  /// Tube current times rotation time, mAs; drawn evenly in its logarithm.
  public var mas: ClosedRange<Double>
  /// Table feed per rotation over collimation.
  public var pitch: ClosedRange<Double>
  /// Names of reconstruction kernels.
  public var kernels: [String]
  /// How often slices have a thickness of their own, and which.
  public var sliceThickness: Sometimes
  /// How often an image is reconstructed for smaller voxels than it has (`ScanProtocol.resolution`),
  /// and for which; never where it is missing.
  public var resolution: Sometimes?
  /// Tube voltages, kVp, of which one is drawn; one energy where this is missing.
  public var kvp: [Double]?

  /// A figure that is drawn in some cases; in the others it follows from the label map.
  public struct Sometimes: Codable, Equatable, Sendable {
    /// How often it is drawn.
    public var probability: Double
    /// From what, mm.
    public var range: ClosedRange<Double>
  }

  private enum CodingKeys: String, CodingKey {
    case scanners, mas, pitch, kernels, resolution, kvp
    case sliceThickness = "slice_thickness"
  }
}

extension Recipe {
  /// What its lesions are painted as: structures that a case may have although no label map shows them.
  public var lesionStructures: Set<String> {
    Set((lesions ?? []).map(\.canonicalStructure))
  }

  /// The optional sections: each can be taken out by itself.
  public static let sections = [
    "deformation", "dropout", "lesions", "mixing", "cortex", "contours", "acquisition",
    "acquisition.resolution",
    "acquisition.slice_thickness", "acquisition.kvp",
  ]

  /// The recipe with optional sections taken out, for an ablation.
  ///
  /// - Throws: `MaskCTError` for a name that is no optional section, or that this recipe has not.
  public func without(_ names: [String]) throws(MaskCTError) -> Recipe {
    var recipe = self
    for name in names {
      let before = recipe
      switch name {
      case "deformation": recipe.deformation = nil
      case "dropout": recipe.dropout = nil
      case "lesions": recipe.lesions = nil
      case "mixing": recipe.mixing = nil
      case "cortex": recipe.cortex = nil
      case "contours": recipe.contours = nil
      case "acquisition": recipe.acquisition = nil
      case "acquisition.resolution": recipe.acquisition?.resolution = nil
      case "acquisition.kvp": recipe.acquisition?.kvp = nil
      case "acquisition.slice_thickness": recipe.acquisition?.sliceThickness.probability = 0
      default:
        throw MaskCTError(
          .usage, "a recipe has no optional section '\(name)'",
          remedy: NearMiss.remedy(
            for: name, among: Self.sections,
            otherwise: "choose from \(Self.sections.joined(separator: ", "))"))
      }
      if recipe == before {
        throw MaskCTError(
          .usage, "the recipe has no '\(name)' to take out", remedy: "leave it away")
      }
    }
    return recipe
  }

  /// Checks the sections of this file.
  func validateVariation(name: String?) throws(MaskCTError) {
    func check(_ holds: Bool, _ key: String, _ remedy: String) throws(MaskCTError) {
      if !holds {
        throw MaskCTError(.input, path: name, "'\(key)' is out of range", remedy: remedy)
      }
    }
    if let deformation {
      // Beyond a third of the smoothness bodies stop looking like bodies; twice that would fold.
      try check(
        deformation.amplitude.lowerBound >= 0 && deformation.smoothness.lowerBound >= 10
          && deformation.smoothness.upperBound <= 200
          && 3 * deformation.amplitude.upperBound <= deformation.smoothness.lowerBound,
        "deformation",
        "smoothness lies in 10...200 mm, amplitude is not negative and at most a third of it")
      try check(
        deformation.scale.lowerBound >= 0.5 && deformation.scale.upperBound <= 2
          && deformation.stretch.lowerBound >= 0.5 && deformation.stretch.upperBound <= 2
          && (0...45).contains(deformation.rotation),
        "deformation", "scale and stretch lie in 0.5...2, rotation in 0...45 degrees")
    }
    if let dropout {
      try check((0...1).contains(dropout), "dropout", "it is a probability, from 0 to 1")
    }
    for lesion in lesions ?? [] { try validate(lesion, name: name) }
    if let mixing {
      try check(
        [mixing.constant, mixing.allConstant, mixing.allTexture].allSatisfy((0...1).contains)
          && mixing.allConstant + mixing.allTexture <= 1,
        "mixing", "probabilities lie in 0...1, and all_constant and all_texture add up to 1 at most"
      )
    }
    if let contours {
      try check(
        (0...3).contains(contours.deviation) && (-3...3).contains(contours.bones), "contours",
        "deviation lies in 0...3 mm, bones in -3...3 mm")
    }
    if let cortex {
      try check(
        (0...1).contains(cortex.probability) && cortex.thickness.lowerBound >= 0.3
          && cortex.thickness.upperBound <= 8 && cortex.share.lowerBound >= 0
          && cortex.share.upperBound <= 1,
        "cortex", "probability and share lie in 0...1, thickness in 0.3...8 mm")
    }
    if let acquisition {
      try check(
        !acquisition.scanners.isEmpty && !acquisition.kernels.isEmpty, "acquisition",
        "name at least one scanner and one kernel")
      try check(
        acquisition.mas.lowerBound >= 0.1 && acquisition.mas.upperBound <= 10_000
          && acquisition.pitch.lowerBound >= 0.3 && acquisition.pitch.upperBound <= 1.5
          && acquisition.sliceThickness.range.lowerBound >= 0.1
          && acquisition.sliceThickness.range.upperBound <= 20
          && (0...1).contains(acquisition.sliceThickness.probability),
        "acquisition",
        "mas lies in 0.1...10000, pitch in 0.3...1.5, slice_thickness in 0.1...20 mm")
      if let resolution = acquisition.resolution {
        try check(
          (0...1).contains(resolution.probability) && resolution.range.lowerBound >= 0.3
            && resolution.range.upperBound <= 20,
          "acquisition.resolution", "probability lies in 0...1, range in 0.3...20 mm")
      }
      if let kvp = acquisition.kvp {
        try check(
          !kvp.isEmpty && kvp.allSatisfy((70...150).contains), "acquisition.kvp",
          "name at least one tube voltage, each in 70...150 kVp")
      }
    }
  }

  private func validate(_ lesion: LesionSettings, name: String?) throws(MaskCTError) {
    func check(_ holds: Bool, _ problem: String, _ remedy: String) throws(MaskCTError) {
      if !holds { throw MaskCTError(.input, path: name, problem, remedy: remedy) }
    }
    let structure = try StructureCatalog.standard.structure(named: lesion.structure, in: name)
    let host = try StructureCatalog.standard.target(named: lesion.host, in: name)
    try check(
      strategy != .cylinder,
      "'lesions' needs a body, and strategy 'cylinder' paints the target alone",
      "choose another strategy, or take 'lesions' out")
    try check(
      host.name != structure, "'lesions' would lie in their own kind, '\(structure)'",
      "name the organ as their host")
    try check(
      (0...1).contains(lesion.probability) && lesion.count.count == 2 && lesion.count[0] >= 1
        && lesion.count[0] <= lesion.count[1] && lesion.count[1] <= 50
        && lesion.radius.lowerBound >= 0.5 && lesion.radius.upperBound <= 100,
      "'lesions' is out of range",
      "probability lies in 0...1, count are two numbers in 1...50, radius lies in 0.5...100 mm")
  }
}
