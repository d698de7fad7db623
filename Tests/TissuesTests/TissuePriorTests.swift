import Anatomy
import Support
import Testing
import Tissues

@Suite struct TissuePriorTests {
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
    for tissue in table.tissues {
      #expect(table.source(of: tissue).map(known.contains) == true, "\(tissue)")
    }
  }

  @Test func unknownStructureIsSuggested() {
    #expect {
      try table.prior(for: "spleeen", phase: .native)
    } throws: { "\($0)" == "unknown structure 'spleeen'; did you mean 'spleen'?" }
  }

  @Test func phasesFollowTheirWeights() {
    var stream = RandomStream(seed: 3)
    var counts: [ContrastPhase: Int] = [:]
    for _ in 0..<4000 {
      counts[.random([.native: 1, .portalVenous: 3], using: &stream), default: 0] += 1
    }
    #expect(counts[.arterial] == nil)
    // Binomial, n = 4000, p = 0.25: one standard deviation is 27.
    #expect(abs((counts[.native] ?? 0) - 1000) < 110)
  }
}
