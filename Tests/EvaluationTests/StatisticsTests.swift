import Testing

@testable import Evaluation

@Suite struct StatisticsTests {
  @Test func leavesOutWhatIsNotFinite() {
    let s = Statistics([1, .nan, 2, 3, 6, .infinity])
    #expect(s.count == 4 && s.excluded == 2)
    #expect(s.mean == 3 && s.median == 2.5)
    #expect(abs(s.deviation - (14.0 / 3).squareRoot()) < 1e-15)
  }

  @Test func smallSamples() {
    let none = Statistics([.nan])
    #expect(none.count == 0 && none.mean.isNaN && none.median.isNaN && none.deviation.isNaN)
    let one = Statistics([5])
    #expect(one.mean == 5 && one.median == 5 && one.deviation.isNaN)
  }

  @Test func decimals() {
    #expect(fixed(2.345, digits: 1) == "2.3")
    #expect(fixed(0.96, digits: 3) == "0.960")
    #expect(fixed(-0.001, digits: 2) == "0.00")
    #expect(fixed(-12.5, digits: 0) == "-13")
    #expect(fixed(0.05, digits: 1) == "0.1")
    #expect(fixed(.nan, digits: 1) == "-" && fixed(.infinity, digits: 1) == "inf")
  }
}
