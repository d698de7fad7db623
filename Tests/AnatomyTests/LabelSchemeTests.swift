import Anatomy
import Support
import Testing
import Tissues

@Suite struct LabelSchemeTests {
  @Test(arguments: LabelScheme.presets.names)
  func everyStructureOfEverySchemeHasAPrior(name: String) throws {
    let scheme = try LabelScheme.load(name)
    #expect(scheme.name == name)
    #expect(!scheme.description.isEmpty)
    for structure in scheme.structures.values {
      for phase in ContrastPhase.allCases {
        let prior = try TissueTable.standard.prior(for: structure, phase: phase)
        #expect((-1000...3000).contains(prior.mean), "\(structure)")
      }
    }
  }

  @Test func numbersOfLabels() throws {
    let counts = [
      "totalsegmentator-v2": 117, "totalsegmentator-v1": 104, "btcv": 8, "btcv-13": 13, "lits": 2,
      "kits": 3, "3dircadb1": 21, "amos": 15, "flare22": 13, "head-neck": 7,
      "chaos": 4,
    ]
    for name in LabelScheme.presets.names {
      #expect(try LabelScheme.load(name).structures.count == counts[name], "\(name)")
    }
  }

  @Test func knownNumbers() throws {
    func label(_ scheme: String, _ id: UInt16) throws -> String? {
      try LabelScheme.load(scheme).structures[id]
    }
    #expect(try label("totalsegmentator-v2", 5) == "liver")
    #expect(try label("totalsegmentator-v2", 117) == "costal_cartilages")
    #expect(try label("totalsegmentator-v1", 104) == "urinary_bladder")
    #expect(try label("totalsegmentator-v1", 44) == "heart_myocardium")
    #expect(try label("btcv", 5) == "liver")
    #expect(try label("btcv", 8) == "pancreas")
    #expect(try label("btcv-13", 6) == "liver")
    #expect(try label("flare22", 13) == "kidney_left")
    #expect(try label("amos", 6) == "liver")
  }

  @Test func unknownSchemeIsSuggested() {
    #expect {
      try LabelScheme.load("btvc")
    } throws: { "\($0)" == "unknown label scheme 'btvc'; did you mean 'btcv'?" }
  }

  @Test func spellingOfStructuresIsForgiving() throws {
    let scheme = try LabelScheme(
      name: "own",
      structures: [
        0: "background", 1: "Left Kidney", 2: "gall bladder", 3: "Postcava", 4: "rib left 2",
        5: "prostate/uterus", 6: "vertebrae_l1",
      ])
    #expect(
      scheme.structures == [
        1: "kidney_left", 2: "gallbladder", 3: "inferior_vena_cava", 4: "rib_left_2",
        5: "prostate", 6: "vertebrae_L1",
      ])
  }

  @Test func unknownStructureIsSuggested() {
    #expect {
      try LabelScheme(name: "own", structures: [1: "livr"])
    } throws: { "\($0)" == "unknown structure 'livr'; did you mean 'liver'?" }
  }
}
