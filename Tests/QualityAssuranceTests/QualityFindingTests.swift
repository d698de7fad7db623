import Testing
@testable import QualityAssurance

@Suite struct QualityFindingTests {
  @Test func limitsDecide() {
    #expect(QualityFinding("a", 2, within: -2...2).passes == true)
    #expect(QualityFinding("a", 2.01, within: -2...2).passes == false)
    #expect(QualityFinding("a", 7).passes == nil)
    // What could not be measured has not passed.
    #expect(QualityFinding("a", .nan, within: 0...1).passes == false)
  }

  @Test func rowsShowFigureAndLimit() {
    let row = QualityFinding("water", -0.26, within: -2...2).row
    #expect(row.value == "−0.3\u{A0}HU" && row.limit == "±\u{A0}2.0\u{A0}HU")
    #expect(row.verdict == .passed)
    let other = QualityFinding("MTF", 0.5, unit: "lp/mm", within: 0.4...0.45, digits: 2).row
    #expect(other.limit == "0.40 to 0.45\u{A0}lp/mm" && other.verdict == .failed)
    #expect(QualityFinding("x", .nan, unit: "").row.value == "–")
  }
}
