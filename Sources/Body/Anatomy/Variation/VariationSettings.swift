public import Support

/// The section of a recipe that says how label maps are varied before they are painted.
///
/// Each part may be missing: nothing of its kind is varied then.
public struct VariationSettings: Codable, Equatable, Sendable {
  /// How label maps are bent.
  public var deformation: DeformationSettings?
  /// Probability that a label that is not a target is left out, so that the body completion fills its place.
  public var dropout: Double?
  /// Lesions that are put into structures.
  public var lesions: [LesionSettings]?
  /// Which part of the patient an image shows; the box of the label map where this is missing.
  public var fieldOfView: FieldOfViewSettings?

  /// Its keys in a recipe, beside those of the other sections.
  package enum CodingKeys: String, CodingKey {
    case deformation, dropout, lesions
    case fieldOfView = "field_of_view"
  }

  /// What its lesions are painted as: structures that a case may have although no label map shows them.
  public var lesionStructures: Set<String> {
    Set((lesions ?? []).map(\.canonicalStructure))
  }

  /// Checks that all figures make sense.
  ///
  /// - Parameter name: what errors call the recipe.
  /// - Throws: `MaskCTError` with the first that does not.
  public func validate(name: String? = nil) throws(MaskCTError) {
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
    for lesion in lesions ?? [] { try lesion.validate(name: name) }
    try fieldOfView?.validate(name: name)
  }
}

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

  /// Checks that the figures make sense.
  func validate(name: String?) throws(MaskCTError) {
    func check(_ holds: Bool, _ problem: String, _ remedy: String) throws(MaskCTError) {
      if !holds { throw MaskCTError(.input, path: name, problem, remedy: remedy) }
    }
    let structure = try StructureCatalog.standard.structure(named: structure, in: name)
    let host = try StructureCatalog.standard.target(named: host, in: name)
    try check(
      host.name != structure, "'lesions' would lie in their own kind, '\(structure)'",
      "name the organ as their host")
    try check(
      (0...1).contains(probability) && count.count == 2 && count[0] >= 1
        && count[0] <= count[1] && count[1] <= 50
        && radius.lowerBound >= 0.5 && radius.upperBound <= 100,
      "'lesions' is out of range",
      "probability lies in 0...1, count are two numbers in 1...50, radius lies in 0.5...100 mm")
  }
}
