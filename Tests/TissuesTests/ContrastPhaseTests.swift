import Support
import Testing
import Tissues

@Suite struct ContrastPhaseTests {
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
