import Testing

@testable import Evaluation

@Suite struct WilcoxonSignedRankTests {
  // Expected values: scipy.stats.wilcoxon (method exact; approx with correction).
  @Test func agreesWithPublishedExample() throws {
    // Darwin's maize, Fisher's classic example: exact p of 15 pairs.
    let heights: [Double] = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    let p = try #require(WilcoxonSignedRank.p(heights))
    #expect(abs(p - 0.041259765625) < 1e-12)
  }

  @Test func countsTheSignPatternsOfFewPairs() throws {
    // Five positive differences: one pattern of 32 on either side.
    #expect(WilcoxonSignedRank.p([1, 2, 3, 4, 5]) == 2.0 / 32)
    #expect(WilcoxonSignedRank.p([-1, -2, -3, -4, -5]) == 2.0 / 32)
    #expect(WilcoxonSignedRank.p([1]) == 1)
    #expect(WilcoxonSignedRank.p([0, 0]) == nil)
  }

  @Test func sharesRanksOfTies() throws {
    #expect(WilcoxonSignedRank.doubledRanks([3, 1, 3, 2]) == [7, 2, 7, 4])
    // Ranks 1.5 1.5 3 and signs + - +: 4.5 of 6; patterns of sum <= 1.5 are 0, 1.5, 1.5 of 8, twice.
    #expect(WilcoxonSignedRank.p([1, -1, 2]) == 0.75)
  }

  @Test func leavesOutZeros() {
    #expect(WilcoxonSignedRank.p([0, 1, 2, 3, 4, 5, 0]) == WilcoxonSignedRank.p([1, 2, 3, 4, 5]))
  }

  @Test func approximationMeetsTheExactValue() throws {
    let differences = (1...200).map { Double($0) * ($0 % 9 < 5 ? 1 : -1) }
    let exact = try #require(WilcoxonSignedRank.p(differences))
    let approximate = try #require(WilcoxonSignedRank.p(differences, exactLimit: 0))
    #expect(abs(exact - 0.1567260857834214) < 1e-9)
    #expect(abs(approximate - 0.15641637512583553) < 1e-9)
  }
}
