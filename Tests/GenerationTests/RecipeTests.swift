import Configuration
import Support
import Testing
@testable import Generation
import Painting

@Suite struct RecipeTests {
  @Test(arguments: ["cylinder", "constant", "video"])
  func shippedRecipesAreValid(_ name: String) throws {
    let recipe = try Recipe.load(name)
    #expect(recipe.paint.strategy.rawValue == name)
    #expect(recipe.paint.needsTexture == (name != "constant"))
    #expect(!recipe.description.isEmpty)
  }

  @Test func maskctVariesAndThePlainRecipesDoNot() throws {
    let maskct = try Recipe.load("maskct")
    #expect(maskct.paint.strategy == .video && maskct.paint.texture.source == .deadLeaves)
    #expect(maskct.variation.deformation != nil && maskct.variation.dropout != nil)
    #expect(maskct.paint.mixing != nil && maskct.acquisition != nil)
    #expect(maskct.paint.composition != nil && maskct.paint.contents != nil)
    #expect(try #require(maskct.paint.priors.wide).spread > maskct.paint.priors.spread)
    for name in ["cylinder", "constant", "video"] {
      let plain = try Recipe.load(name)
      #expect(plain.variation.deformation == nil && plain.variation.dropout == nil)
      #expect(plain.variation.fieldOfView == nil)
      #expect(plain.paint.mixing == nil && plain.acquisition == nil)
      #expect(plain.paint.composition == nil && plain.paint.contents == nil)
      #expect(plain.paint.priors.wide == nil && plain.paint.surroundings.wide == nil)
    }
  }

  /// A section that is cut out of the file switches its factor off and leaves the others.
  @Test func everyVariationCanBeTakenOut() throws {
    let text = try text("maskct")
    let whole = try YAML.decode(Recipe.self, text: text, name: "mine.yaml")
    for key in [
      "deformation", "dropout", "field_of_view", "mixing", "composition", "contents", "contours",
      "acquisition",
    ] {
      var kept: [Substring] = []
      var isCut = false
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.first?.isLetter == true { isCut = line.hasPrefix(key) }
        if !isCut { kept.append(line) }
      }
      let less = try YAML.decode(
        Recipe.self, text: kept.joined(separator: "\n"), name: "mine.yaml")
      try less.validate()
      #expect((less.variation.deformation == nil) == (key == "deformation"))
      #expect((less.variation.dropout == nil) == (key == "dropout"))
      #expect((less.variation.fieldOfView == nil) == (key == "field_of_view"))
      #expect((less.paint.mixing == nil) == (key == "mixing"))
      #expect((less.paint.composition == nil) == (key == "composition"))
      #expect((less.paint.contents == nil) == (key == "contents"))
      #expect((less.paint.contours == nil) == (key == "contours"))
      #expect((less.acquisition == nil) == (key == "acquisition"))
      #expect(less.paint.priors == whole.paint.priors)
    }
  }

  /// Who knows the phase of the scans to come has it drawn and no other; weights stay in proportion.
  @Test func aRecipeIsToldThePhase() throws {
    let recipe = try Recipe.load("video")
    let told = try recipe.told(phases: ["portal_venous"])
    #expect(told.paint.phases.weights == [.native: 0, .arterial: 0, .portalVenous: 3])
    let two = try recipe.told(phases: ["portal_venous", "arterial"])
    #expect(two.paint.phases.weights == [.native: 0, .arterial: 1, .portalVenous: 3])
    try told.validate()
    #expect(try recipe.told(phases: []) == recipe)
    // One that the recipe never draws is drawn when it is told.
    #expect(try told.told(phases: ["native"]).paint.phases.native == 1)
    let error = #expect(throws: MaskCTError.self) { try recipe.told(phases: ["portal-venous"]) }
    #expect(error?.description.contains("portal_venous") == true)
  }

  @Test(arguments: Recipe.sections) func aSectionIsTakenOutByName(section: String) throws {
    var whole = try YAML.decode(Recipe.self, text: withLesions(), name: "mine.yaml")
    whole.acquisition?.kvp = [80, 120]
    let less = try whole.without([section])
    #expect(less != whole)
    try less.validate()
    #expect(throws: MaskCTError.self) { try less.without([section]) }
    // It comes back only with what was taken out.
    var again = less
    switch section {
    case "deformation": again.variation.deformation = whole.variation.deformation
    case "dropout": again.variation.dropout = whole.variation.dropout
    case "lesions": again.variation.lesions = whole.variation.lesions
    case "field_of_view", "field_of_view.beyond", "field_of_view.wider":
      again.variation.fieldOfView = whole.variation.fieldOfView
    case "mixing": again.paint.mixing = whole.paint.mixing
    case "composition": again.paint.composition = whole.paint.composition
    case "contents": again.paint.contents = whole.paint.contents
    case "contours": again.paint.contours = whole.paint.contours
    default: again.acquisition = whole.acquisition
    }
    #expect(again == whole)
  }

  /// What the recipe's comment says to do, done.
  private func withLesions() throws -> String {
    var isLesion = false
    return try self.text("maskct").split(separator: "\n", omittingEmptySubsequences: false).map {
      if $0 == "# lesions:" { isLesion = true }
      if $0.isEmpty { isLesion = false }
      return isLesion ? String($0.dropFirst(2)) : String($0)
    }.joined(separator: "\n")
  }

  @Test func lesionsAreAnOption() throws {
    #expect(try Recipe.load("maskct").variation.lesions == nil)
    let recipe = try YAML.decode(Recipe.self, text: withLesions(), name: "mine.yaml")
    try recipe.validate()
    #expect(
      recipe.variation.lesionStructures == [
        "liver_tumor", "liver_cyst", "kidney_tumor", "kidney_cyst", "lung_tumor",
      ])
    let changes = [
      ("liver_tumor, host: liver, probability: 0.5", "liver_tumor, host: livr, probability: 0.5"),
      ("liver_tumor, host: liver, probability: 0.5", "liver_tmor, host: liver, probability: 0.5"),
      ("liver_tumor, host: liver, probability: 0.5", "liver_tumor, host: liver, probability: 1.5"),
      (
        "liver_tumor, host: liver, probability: 0.5",
        "spinal_cord, host: spinal_cord, probability: 0.5"
      ),
      ("count: [1, 6]", "count: [6, 1]"), ("count: [1, 6]", "count: [1]"),
      ("count: [1, 6]", "count: [1, 1000]"), ("radius: [3, 20]", "radius: [0, 20]"),
    ]
    for (from, to) in changes {
      let text = try withLesions()
      #expect(text.contains(from), "\(from)")
      #expect(failure(text.replacing(from, with: to))?.path == "mine.yaml", "\(to)")
    }
    var cylinder = try Recipe.load("cylinder")
    cylinder.variation.lesions = recipe.variation.lesions
    #expect(throws: MaskCTError.self) { try cylinder.validate() }
  }

  /// The voltages that the recipe's comment gives, and refusals of others.
  @Test func voltagesAreAnOption() throws {
    #expect(try Recipe.load("maskct").acquisition?.kvp == nil)
    let text = try self.text("maskct").replacing("  # kvp: [", with: "  kvp: [")
    let recipe = try YAML.decode(Recipe.self, text: text, name: "mine.yaml")
    try recipe.validate()
    #expect(recipe.acquisition?.kvp == [80, 100, 120, 140])
    #expect(try recipe.without(["acquisition.kvp"]) == Recipe.load("maskct"))
    for kvp in ["[]", "[60, 120]", "[160]"] {
      let wrong = text.replacing("kvp: [80, 100, 120, 140]", with: "kvp: \(kvp)")
      #expect(failure(wrong)?.problem.contains("acquisition.kvp") == true, "\(kvp)")
    }
  }

  @Test func anUnknownSectionIsAnErrorWithTheNearestName() throws {
    #expect {
      _ = try Recipe.load("maskct").without(["deformations"])
    } throws: {
      "\($0)".contains("deformation'")
    }
  }

  @Test func variationOutOfRangeIsAnError() throws {
    let changes = [
      ("amplitude: [2, 8]", "amplitude: [2, 20]"), ("smoothness: [25, 60]", "smoothness: [5, 60]"),
      ("scale: [0.88, 1.14]", "scale: [0.1, 1.14]"), ("rotation: 7", "rotation: 90"),
      ("dropout: 0.2", "dropout: 1.2"), ("all_constant: 0.15", "all_constant: 0.95"),
      ("noise_index: [5, 35]", "noise_index: [0, 35]"),
      ("lower: [-200, -100]", "lower: [-200, 300]"),
      ("pitch: [0.6, 1.4]", "pitch: [0.6, 2]"),
      ("noise_index: [5, 35]", "noise_index: [5, 35]\n  mas: [60, 600]"),
      ("kernels: [smooth, standard, sharp]", "kernels: []"),
      ("mixing: {constant", "mixing: {plain: 1, constant"),
      ("composition: {probability: 0.9", "composition: {probability: 1.9"),
      ("wide: {probability: 0.3", "wide: {probability: 1.3"),
      ("oral_contrast: 0.4", "oral_contrast: 1.4"), ("prone: 0.08", "prone: -0.08"),
      ("contours: {deviation: 1.0", "contours: {deviation: 5"),
      ("tilt: 6", "tilt: 60"),
      ("range: [0.8, 2.0]", "range: [0.1, 2.0]"),
    ]
    for (from, to) in changes {
      let text = try text("maskct")
      #expect(text.contains(from), "\(from)")
      #expect(failure(text.replacing(from, with: to)) != nil, "\(to)")
    }
  }

  private func text(_ name: String = "cylinder") throws -> String {
    try Recipe.presets.source(name).text
  }

  private func failure(_ text: String) -> MaskCTError? {
    do {
      try YAML.decode(Recipe.self, text: text, name: "mine.yaml").validate(name: "mine.yaml")
      return nil
    } catch { return error }
  }

  @Test func aMisspeltKeyIsAnError() throws {
    let error = failure(try text().replacing("drift:", with: "drfit:"))
    #expect(error?.path == "mine.yaml")
    #expect(error?.description.contains("drift") == true)
    let unknown = #expect(throws: MaskCTError.self) { try Recipe.load("cilinder") }
    #expect(unknown?.remedy == "did you mean 'cylinder'?")
  }

  @Test func figuresOutOfRangeAreErrors() throws {
    let changes = [
      ("native: 1, arterial: 1, portal_venous: 3", "native: 0, arterial: 0, portal_venous: 0"),
      ("spread: 1.25", "spread: -1"), ("clips: 1", "clips: 0"),
      ("finest: 1.0, coarsest: 1.5", "finest: 2.0, coarsest: 1.5"),
      ("smoothing: 0.75", "smoothing: 9"), ("radius: [0.84, 0.98]", "radius: [0, 0.98]"),
      ("strategy: cylinder", "strategy: zylinder"),
    ]
    for (from, to) in changes {
      let text = try text()
      #expect(text.contains(from))
      #expect(failure(text.replacing(from, with: to)) != nil, "\(to)")
    }
    let bare = try text("constant").replacing("strategy: constant", with: "strategy: cylinder")
    #expect(failure(bare)?.problem == "key 'cylinder' is missing")
  }
}
