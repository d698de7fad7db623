public import Anatomy
public import CTScan
public import Configuration
public import MRScan
public import Painting
public import Support
public import Tissues

/// How a label map becomes an image; a YAML file that a user can copy and edit.
///
/// Its sections belong to the modules that apply them; in the file their keys stand side by side.
public struct Recipe: Codable, Equatable, Sendable {
  /// One line about it.
  public var description: String
  /// How label maps are varied before they are painted.
  public var variation: VariationSettings
  /// How an anatomy becomes a body.
  public var paint: PaintSettings
  /// From what scanner and protocol are drawn, where a user names none.
  public var acquisition: AcquisitionSettings?
  /// From what an MR scan is drawn, where a user names no protocol.
  public var mr: MRSettings?

  /// The recipes that ship with the tool.
  public static let presets = Presets(
    kind: "recipe",
    [
      "maskct": PackageResources.maskct_yaml, "cylinder": PackageResources.cylinder_yaml,
      "constant": PackageResources.constant_yaml,
      "random-contrast": PackageResources.random_contrast_yaml,
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

  /// Checks that all figures make sense, each by itself and together.
  ///
  /// - Throws: `MaskCTError` with the first that does not.
  public func validate(name: String? = nil) throws(MaskCTError) {
    try paint.validate(name: name)
    try variation.validate(name: name)
    if paint.strategy == .cylinder, variation.lesions?.isEmpty == false {
      throw MaskCTError(
        .input, path: name,
        "'lesions' needs a body, and strategy 'cylinder' paints the target alone",
        remedy: "choose another strategy, or take 'lesions' out")
    }
    if paint.strategy == .cylinder, variation.fieldOfView != nil {
      throw MaskCTError(
        .input, path: name,
        "'field_of_view' needs a body, and strategy 'cylinder' paints the target alone",
        remedy: "choose another strategy, or take 'field_of_view' out")
    }
    try acquisition?.validate(name: name)
    try mr?.validate(name: name)
  }

  private enum CodingKeys: String, CodingKey {
    case description, acquisition, mr
  }

  /// Reads a recipe; every section takes its own keys.
  public init(from decoder: any Decoder) throws {
    // All keys are declared before anything is read: an error inside one section does not call those of another unknown.
    let container = try decoder.container(keyedBy: CodingKeys.self)
    _ = try decoder.container(keyedBy: PaintSettings.CodingKeys.self)
    _ = try decoder.container(keyedBy: VariationSettings.CodingKeys.self)
    paint = try PaintSettings(from: decoder)
    variation = try VariationSettings(from: decoder)
    description = try container.decode(String.self, forKey: .description)
    acquisition = try container.decodeIfPresent(AcquisitionSettings.self, forKey: .acquisition)
    mr = try container.decodeIfPresent(MRSettings.self, forKey: .mr)
  }

  /// Writes the keys of all sections side by side.
  public func encode(to encoder: any Encoder) throws {
    try paint.encode(to: encoder)
    try variation.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(description, forKey: .description)
    try container.encodeIfPresent(acquisition, forKey: .acquisition)
    try container.encodeIfPresent(mr, forKey: .mr)
  }
}

extension Recipe {
  /// The optional sections: each can be taken out by itself.
  public static let sections = [
    "deformation", "dropout", "lesions", "field_of_view", "field_of_view.beyond",
    "field_of_view.wider", "mixing", "composition", "contents", "contours", "acquisition",
    "acquisition.resolution", "acquisition.slice_thickness", "acquisition.kvp",
    "acquisition.window",
  ]

  /// The recipe with optional sections taken out, for an ablation.
  ///
  /// - Throws: `MaskCTError` for a name that is not an optional section, or that this recipe does not have.
  public func without(_ names: [String]) throws(MaskCTError) -> Recipe {
    var recipe = self
    for name in names {
      let before = recipe
      switch name {
      case "deformation": recipe.variation.deformation = nil
      case "dropout": recipe.variation.dropout = nil
      case "lesions": recipe.variation.lesions = nil
      case "field_of_view": recipe.variation.fieldOfView = nil
      case "field_of_view.beyond": recipe.variation.fieldOfView?.beyond = nil
      case "field_of_view.wider": recipe.variation.fieldOfView?.wider = nil
      case "mixing": recipe.paint.mixing = nil
      case "composition": recipe.paint.composition = nil
      case "contents": recipe.paint.contents = nil
      case "contours": recipe.paint.contours = nil
      case "acquisition": recipe.acquisition = nil
      case "acquisition.resolution": recipe.acquisition?.resolution = nil
      case "acquisition.kvp": recipe.acquisition?.kvp = nil
      case "acquisition.window": recipe.acquisition?.window = nil
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
          .usage, "the recipe has no '\(name)' to take out", remedy: "leave it out of the list")
      }
    }
    return recipe
  }
}

extension Recipe {
  /// The recipe for scans that are known to be in one of these contrast phases.
  ///
  /// Their weights stay in proportion; where the recipe draws none of them, they are drawn alike.
  ///
  /// - Precondition: there is one.
  public func told(_ phases: [ContrastPhase]) -> Recipe {
    precondition(!phases.isEmpty, "at least one phase is told")
    var weights = paint.phases.weights.filter { phases.contains($0.key) }
    if !weights.values.contains(where: { $0 > 0 }) {
      for phase in phases { weights[phase] = 1 }
    }
    var recipe = self
    recipe.paint.phases.native = weights[.native] ?? 0
    recipe.paint.phases.arterial = weights[.arterial] ?? 0
    recipe.paint.phases.portalVenous = weights[.portalVenous] ?? 0
    return recipe
  }

  /// The recipe for scans that are known to be in contrast phases of these names; as it is for none.
  ///
  /// - Throws: `MaskCTError` (usage) for an unknown phase, with the nearest one.
  public func told(phases names: [String]) throws(MaskCTError) -> Recipe {
    var phases: [ContrastPhase] = []
    for name in names {
      guard let phase = ContrastPhase(rawValue: name) else {
        let known = ContrastPhase.allCases.map(\.rawValue)
        throw MaskCTError(
          .usage, "there is no contrast phase '\(name)'",
          remedy: NearMiss.remedy(
            for: name, among: known, otherwise: "choose from \(known.joined(separator: ", "))"))
      }
      phases.append(phase)
    }
    return phases.isEmpty ? self : told(phases)
  }

  /// The recipe without anything that moves labels, or shows another part of the patient than the label map does.
  public func unmoved() -> Recipe {
    var recipe = self
    recipe.variation.deformation = nil
    recipe.variation.lesions = nil
    recipe.variation.fieldOfView = nil
    recipe.paint.contours = nil
    return recipe
  }
}
