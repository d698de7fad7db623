import Anatomy
import Testing
import Volumes

@Suite struct TargetTests {
  private func map(_ structures: [UInt16: String]) -> AnatomicalMap {
    let grid = Grid(shape: [1, 1, 1], spacing: [1, 1, 1])
    return AnatomicalMap(
      name: "case", labels: LabelMap(grid: grid, repeating: 0), structures: structures)
  }

  @Test func liverTakesItsTumoursWithIt() throws {
    let targets = try Target.resolve(["liver"], scheme: LabelScheme.load("3dircadb1"))
    let map = map([1: "body", 6: "liver", 20: "liver_tumor", 21: "liver_cyst"])
    #expect(targets[0].ids(in: map) == [6, 20, 21])
    #expect(Target.table(targets, for: map)[20] == 1)
    #expect(Target.table(targets, for: map)[1] == 0)
  }

  @Test func aTargetOfItsOwnKeepsItsLabel() throws {
    let targets = try Target.resolve(["liver", "liver_tumor"])
    let map = map([1: "liver", 2: "liver_tumor", 3: "liver_cyst"])
    #expect(targets[0].ids(in: map) == [1, 3])
    #expect(targets[1].ids(in: map) == [2])
    #expect(Target.table(targets, for: map) == [0, 1, 2, 1])
  }

  @Test func groupsAndSynonyms() throws {
    let map = map([2: "kidney_right", 3: "kidney_left", 24: "kidney_cyst_right"])
    #expect(try Target.resolve(["kidney"])[0].name == "kidneys")
    #expect(try Target.resolve(["Kidneys"])[0].ids(in: map) == [2, 3, 24])
    #expect(try Target.resolve(["right kidney"])[0].ids(in: map) == [2, 24])
  }

  @Test func errorsNameTheRemedy() throws {
    let btcv = try LabelScheme.load("btcv")
    #expect {
      try Target.resolve(["livr"], scheme: btcv)
    } throws: { "\($0)" == "unknown structure 'livr'; did you mean 'liver'?" }
    #expect {
      try Target.resolve(["heart"], scheme: btcv)
    } throws: {
      "\($0)".hasPrefix("label scheme 'btcv' has no 'heart'; it has aorta, gallbladder")
    }
    #expect { try Target.resolve(["liver", "Liver"]) } throws: {
      "\($0)" == "target 'liver' is given twice; name it once"
    }
  }
}
