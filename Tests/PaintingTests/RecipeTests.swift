import Configuration
import Testing
import Volumes

@testable import Painting

@Suite struct RecipeTests {
  @Test(arguments: ["cylinder", "constant", "video"])
  func shippedRecipesAreValid(_ name: String) throws {
    let recipe = try Recipe.load(name)
    #expect(recipe.strategy.rawValue == name)
    #expect(recipe.needsTexture == (name != "constant"))
    #expect(!recipe.description.isEmpty)
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
