import Support
import Testing
@testable import Evaluation

@Suite struct EvaluatedStructureTests {
  @Test func readsEveryForm() throws {
    let liver = try EvaluatedStructure(parsing: "liver=1")
    #expect(liver == EvaluatedStructure(name: "liver", prediction: [1], reference: [1]))
    let mapped = try EvaluatedStructure(parsing: "liver = 1:6")
    #expect(mapped == EvaluatedStructure(name: "liver", prediction: [1], reference: [6]))
    let lungs = try EvaluatedStructure(parsing: "lungs=11,10:3,4")
    #expect(lungs == EvaluatedStructure(name: "lungs", prediction: [10, 11], reference: [3, 4]))
    #expect(lungs.key == "(10, 11)" && liver.key == "1")
    #expect(lungs.description == "lungs=10,11:3,4" && liver.description == "liver=1")
  }

  @Test(arguments: [
    "liver", "=1", "liver=", "liver=x", "liver=1:2:3", "liver=0", "liver=70000", "liver=1,",
    "liver=-1",
  ])
  func refusesOthers(text: String) {
    let error = #expect(throws: MaskCTError.self) { try EvaluatedStructure(parsing: text) }
    #expect(error?.kind == .usage)
    #expect(error?.description.contains("'\(text)'") == true)
  }

  @Test func refusesWhatASummaryCannotTellApart() throws {
    let a = try EvaluatedStructure(parsing: "liver=1")
    let b = try EvaluatedStructure(parsing: "liver=2")
    let c = try EvaluatedStructure(parsing: "spleen=1:2")
    #expect(throws: MaskCTError.self) { try EvaluatedStructure.check([a, b]) }
    #expect(throws: MaskCTError.self) { try EvaluatedStructure.check([a, c]) }
    #expect(throws: MaskCTError.self) { try EvaluatedStructure.check([]) }
    try EvaluatedStructure.check([b, c])
  }
}
