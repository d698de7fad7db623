import Anatomy
import FoundationEssentials
import Support
import Testing

@testable import Tissues

@Suite struct TissueTableTests {
  let table = TissueTable.standard

  @Test func everyStructureOfTheCatalogHasAPrior() throws {
    #expect(StructureCatalog.standard.names.count > 180)
    for structure in StructureCatalog.standard.names {
      for phase in ContrastPhase.allCases {
        _ = try table.prior(for: structure, phase: phase)
      }
    }
  }

  /// Orders that every radiologist knows; a slip of the pen in the table breaks one of them.
  @Test func tissuesAreInOrder() throws {
    func mean(_ structure: String, _ phase: ContrastPhase = .portalVenous) throws -> Double {
      try table.prior(for: structure, phase: phase).mean
    }
    #expect(try mean("air") == -1000)
    #expect(try mean("lungs") < mean("subcutaneous_fat"))
    #expect(try mean("subcutaneous_fat") < mean("gallbladder"))
    #expect(try mean("gallbladder") < mean("muscle"))
    #expect(try mean("muscle") < mean("liver"))
    #expect(try mean("liver") < mean("kidney_left"))
    #expect(try mean("liver", .native) < mean("liver", .arterial))
    #expect(try mean("liver", .arterial) < mean("liver", .portalVenous))
    #expect(try mean("aorta", .arterial) > mean("aorta", .portalVenous))
    #expect(try mean("liver_tumor") < mean("liver"))
    #expect(try (52...62).contains(mean("liver", .native)))
    #expect(try (100...120).contains(mean("liver", .portalVenous)))
  }

  @Test func sourcesAreNamed() {
    let known: Set<String> = ["physics", "radiology", "literature", "construct"]
    for tissue in table.names {
      #expect(table.source(of: tissue).map(known.contains) == true, "\(tissue)")
    }
  }

  @Test func unknownStructureIsSuggested() {
    #expect {
      try table.prior(for: "spleeen", phase: .native)
    } throws: { "\($0)" == "unknown structure 'spleeen'; did you mean 'spleen'?" }
  }

  /// A table with one figure changed survives a record; the shipped table is not it.
  @Test func aTableOfOnesOwnIsRecorded() throws {
    let own = try TissueTable(
      text: TissueTable.standardText.replacing("mean: 56, spread: 8", with: "mean: 60, spread: 8"),
      name: "own.yaml")
    #expect(try own.prior(for: "liver", phase: .native).mean == 60)
    let record = try JSONEncoder().encode(own)
    let read = try JSONDecoder().decode(TissueTable.self, from: record)
    #expect(read == own)
    #expect(read != table)
    #expect(read.isBone("rib") && read.source(of: "air") == "physics")
  }

  @Test func filesAreReadAndFaultsNamed() throws {
    let path =
      FileManager.default.temporaryDirectory.path + "/tissues-\(UInt64.random(in: 0 ... .max)).yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    func problem(_ old: String, _ new: String) throws -> String {
      try TissueTable.standardText.replacing(old, with: new)
        .write(toFile: path, atomically: false, encoding: .utf8)
      do {
        _ = try TissueTable.load(path)
        return ""
      } catch { return "\(error)" }
    }
    #expect(try problem("  air:", "  air:") == "")
    #expect(try TissueTable.load(path) == table)
    let missing = try problem("\n  spleen:\n", "\n  splen:\n")
    #expect(missing.contains(path) && missing.contains("'spleen' of structure 'spleen' is missing"))
    #expect(
      try problem("texture: 2}", "texture: -2}").contains("tissue 'air' has figures out of range"))
    #expect(try problem("texture: 2}", "textures: 2}").contains("unknown key 'textures'"))
    #expect(try problem("arterial: {mean: 72", "all: {mean: 72") == "")
    #expect(
      try problem("    native: {mean: 56, spread: 8, texture: 5}\n", "")
        .contains("'liver' has no figures for phase 'native'"))
    #expect(throws: MaskCTError.self) { try TissueTable.load(path + ".none") }
  }

  /// Faults of parts and contents are named with their tissue.
  @Test func faultsOfCompositionsAreNamed() throws {
    func problem(_ old: String, _ new: String) -> String {
      let text = TissueTable.standardText
      guard text.contains(old) else { return "the table has no '\(old)'" }
      do {
        _ = try TissueTable(text: text.replacing(old, with: new), name: "own.yaml")
        return ""
      } catch { return "\(error)" }
    }
    let cases = [
      ("{tissue: parotid_parenchyma}", "{tissue: parotid}", "there is no tissue 'parotid'"),
      (
        "{tissue: parotid_parenchyma}", "{tissue: parotid_parenchyma, depth: {to: [1, 2]}}",
        "the first part fills all"
      ),
      ("share: [0.18, 0.36]", "share: [0.18, 1.36]", "the share of lobules lies in 0...1"),
      ("grain: [1.5, 3.5]}}", "grain: [0.1, 3.5]}}", "the grain of lobules lies in"),
      ("radius: [1.6, 3.0]", "radius: [1.6, 26]", "within half their spacing"),
      ("thickness: [0.4, 0.8]", "thickness: [0.4, 9]", "within half their spacing"),
      ("depth: {to: [2, 6]}", "depth: {to: [2, 60]}", "depths lie in"),
      ("wall: [2.5, 5]", "wall: [2.5, 50]", "the wall is 0...20 mm thick"),
      ("collapsed: 0.12", "collapsed: 1.2", "probabilities lie in 0...1"),
      ("holds: {stool: 5", "holds: {stol: 5", "there is no tissue 'stol'"),
      ("holds: {stool: 5", "holds: {stomach: 5", "'stomach' is hollow itself"),
      ("varies_with: spleen", "varies_with: splen", "there is no tissue 'splen'"),
      ("segments: [10, 20]", "segments: [0, 20]", "there are 1...64 segments"),
    ]
    for (old, new, message) in cases {
      let found = problem(old, new)
      #expect(found.contains(message) && found.contains("own.yaml"), "\(new): \(found)")
    }
    #expect(problem("wall: [2.5, 5]", "wall: [5, 2.5]") != "")
    #expect(
      problem("gas: {probability: 0.65", "gas: {chance: 0.65").contains("unknown key 'chance'"))
  }

  /// The parts of a tissue have about the mean of the whole, so that recipes with and without compositions agree.
  @Test(arguments: ["parotid_gland", "pancreas", "spleen"])
  func partsHaveTheMeanOfTheWhole(tissue: String) throws {
    for phase in ContrastPhase.allCases {
      let whole = try #require(table.prior(tissue: tissue, phase: phase))
      var mean = 0.0
      // The first part fills all; vessels take a hundredth or two.
      for (index, part) in try #require(table.parts(of: tissue)).enumerated() {
        guard index == 0 || part.lobules != nil else { continue }
        let share = part.lobules.map { ($0.share.lowerBound + $0.share.upperBound) / 2 } ?? 1
        let prior = try #require(table.prior(tissue: part.tissue, phase: phase))
        mean += share * (prior.mean - mean)
      }
      #expect(abs(mean - whole.mean) < 0.75 * whole.spread, "\(phase): \(mean) of \(whole.mean)")
    }
  }
}
