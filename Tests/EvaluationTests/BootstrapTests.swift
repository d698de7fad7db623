import Support
import Testing
@testable import Evaluation

@Suite struct BootstrapTests {
  @Test func intervalIsThatOfTheNormalLaw() throws {
    var stream = RandomStream(seed: 3)
    let values = (0..<400).map { _ in stream.gaussian(mean: 2, deviation: 1) }
    let interval = try #require(Bootstrap.interval(ofMean: values))
    let statistics = Statistics(values)
    let half = 1.96 * statistics.deviation / 20
    // The ends are quantiles of 10 000 draws: their own error is about 3 % of the half width.
    #expect(abs(interval.lowerBound - (statistics.mean - half)) < 0.1 * half)
    #expect(abs(interval.upperBound - (statistics.mean + half)) < 0.1 * half)
  }

  @Test func coversTheMeanAsOftenAsItSays() {
    // 300 samples of 30: 95 % +- 4 % (three standard errors), a little below for so few values.
    var stream = RandomStream(seed: 4)
    var covered = 0
    for _ in 0..<300 {
      let values = (0..<30).map { _ in stream.gaussian(mean: 0, deviation: 1) }
      if Bootstrap.interval(ofMean: values, resamples: 1000)!.contains(0) { covered += 1 }
    }
    #expect((0.89...0.985).contains(Double(covered) / 300))
  }

  @Test func sameValuesGiveTheSameInterval() {
    let values = [0.9, 0.8, 0.95, 0.7]
    #expect(Bootstrap.interval(ofMean: values) == Bootstrap.interval(ofMean: values))
    #expect(Bootstrap.interval(ofMean: [1, 1, 1]) == 1...1)
    #expect(Bootstrap.interval(ofMean: [1]) == nil)
  }

  @Test func quantilesAreLinearBetweenNeighbours() {
    #expect(Bootstrap.quantile([1, 2, 3, 4, 5], 0.5) == 3)
    #expect(Bootstrap.quantile([0, 10], 0.25) == 2.5)
  }
}
