import Support
import Testing
@testable import Configuration

private struct Recipe: Decodable, Equatable {
  enum Texture: String, Decodable, CaseIterable { case constant, video }
  struct Layer: Decodable, Equatable {
    var structure: String
    var mean: Double
    var texture: Texture?
  }
  var name: String
  var seed: UInt16?
  var layers: [Layer]
  var labels: [Int: String]?
}

private func decode(_ text: String) throws -> Recipe {
  try YAML.decode(Recipe.self, text: text, name: "recipe.yaml")
}

private func message(_ text: String) -> String {
  do {
    return "decoded: \(try decode(text))"
  } catch {
    return "\(error)"
  }
}

@Suite struct YAMLTests {
  let good = """
    name: liver   # a comment
    seed: 7
    labels: {1: spleen, 2: "kidney_right"}
    layers:
      - structure: liver
        mean: 57.5
        texture: video
      - {structure: spleen, mean: -1e2}
    """

  @Test func decodesScalarsListsAndMappings() throws {
    let recipe = try decode(good)
    #expect(recipe.name == "liver")
    #expect(recipe.seed == 7)
    #expect(recipe.labels == [1: "spleen", 2: "kidney_right"])
    #expect(
      recipe.layers == [
        .init(structure: "liver", mean: 57.5, texture: .video),
        .init(structure: "spleen", mean: -100, texture: nil),
      ])
  }

  @Test(arguments: [
    // (text, the whole message)
    (
      "name: a\nsede: 3\nlayers: []",
      "recipe.yaml: line 2: unknown key 'sede'; did you mean 'seed'?"
    ),
    (
      "nmae: a\nlayers: []",
      "recipe.yaml: line 1: unknown key 'nmae'; did you mean 'name'?"
    ),
    (
      "name: a\nlayers:\n  - structure: x\n    mean: 1\n    colour: red",
      "recipe.yaml: line 5: unknown key 'colour' in 'layers[0]'; "
        + "known keys are mean, structure, texture"
    ),
    (
      "name: a\nlayers:\n  - structure: x",
      "recipe.yaml: line 3: key 'mean' is missing in 'layers[0]'; add it"
    ),
    (
      "name: a\nlayers:\n  - structure: x\n    mean: high",
      "recipe.yaml: line 4: 'layers[0].mean' must be a number, not 'high'"
    ),
    (
      "name: a\nseed: 70000\nlayers: []",
      "recipe.yaml: line 2: 'seed' must be a whole number from 0 to 65535, not '70000'"
    ),
    (
      "name: a\nseed: '7'\nlayers: []",
      "recipe.yaml: line 2: 'seed' must be a whole number, not '7'"
    ),
    (
      "name: a\nlayers:\n  - {structure: x, mean: 1, texture: vidoe}",
      "recipe.yaml: line 3: 'layers[0].texture' cannot be 'vidoe'; did you mean 'video'?"
    ),
    ("name: a\nlayers: liver", "recipe.yaml: line 2: 'layers' must be a list, not 'liver'"),
    (
      "name: a\nname: b\nlayers: []",
      "recipe.yaml: line 1: key 'name' is given more than once; keep one of them"
    ),
  ])
  func namesLineAndRemedy(text: String, expected: String) {
    #expect(message(text) == expected)
  }

  @Test func brokenSyntaxNamesTheLine() {
    let text = message("name: a\nlayers: [1, 2")
    #expect(text.hasPrefix("recipe.yaml: line "))
    #expect(text.contains("is not valid YAML"))
    #expect(!text.contains("\n"))
  }

  @Test func missingFileIsNamed() {
    #expect(throws: MaskCTError.self) { try YAML.decode(Recipe.self, path: "/nowhere/x.yaml") }
  }

  /// A mapping that is opened twice knows the keys of both openings.
  @Test func variantsShareAMapping() throws {
    enum Shape: Decodable, Equatable {
      case sphere(radius: Double)
      case box(width: Double)
      private enum Kind: String, CodingKey { case shape }
      private enum Sphere: String, CodingKey { case radius }
      private enum Box: String, CodingKey { case width }
      init(from decoder: any Decoder) throws {
        let kind = try decoder.container(keyedBy: Kind.self)
        if try kind.decode(String.self, forKey: .shape) == "sphere" {
          self = .sphere(
            radius: try decoder.container(keyedBy: Sphere.self).decode(Double.self, forKey: .radius)
          )
        } else {
          self = .box(
            width: try decoder.container(keyedBy: Box.self).decode(Double.self, forKey: .width))
        }
      }
    }
    #expect(
      try YAML.decode(Shape.self, text: "{shape: sphere, radius: 2}", name: "t")
        == .sphere(radius: 2))
    #expect {
      try YAML.decode(Shape.self, text: "{shape: sphere, radius: 2, width: 1}", name: "t")
    } throws: { "\($0)" == "t: line 1: unknown key 'width'; known keys are radius, shape" }
  }

  @Test(
    arguments: [
      "? *a30\n: 1\n? *a30 \n: 2\n", "? [*a30]\n: 1\n", "*a30 : 1\n", "{[*a30]: 1}\n",
      "x: [?*a30]\n", "x: [1, ?[*a30]]\n", "x: {?!t *a30}\n", "x: [&k? *a30]\n",
    ])
  func aliasesInKeysAreRefused(key: String) {
    // Comparing such keys would take until the end of days.
    let levels = (1...30).map { "a\($0): &a\($0) [\($0 == 1 ? "x" : "*a\($0 - 1), *a\($0 - 1)")]" }
    let text = levels.joined(separator: "\n") + "\n" + key
    let error = #expect(throws: MaskCTError.self) { try YAMLNode(text: text, name: "bomb.yaml") }
    #expect(error?.description.contains("bomb.yaml") == true, "\(error!)")
  }

  @Test func aliasesInValuesAreRead() throws {
    // A question mark and a colon alone are no such key.
    let text = "a: &a [1, 2] # is it?\nb: *a\nc: {d: *a}\n"
    guard case .mapping(let entries, _) = try YAMLNode(text: text, name: "a.yaml") else {
      Issue.record("no mapping")
      return
    }
    #expect(entries.map(\.key) == ["a", "b", "c"])
  }

  @Test func aliasesOfAliasesAreRefused() {
    let lines = (1...9).map { level in
      let alias = "*a\(level - 1)"
      return "a\(level): &a\(level) [\(Array(repeating: alias, count: 9).joined(separator: ", "))]"
    }
    let bomb = "a0: &a0 x\n" + lines.joined(separator: "\n")
    #expect(message(bomb).contains("recipe.yaml: holds more than 100000 values"))
  }
}
