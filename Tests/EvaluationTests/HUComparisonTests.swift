import Support
import Testing
import Volumes
@testable import Evaluation

/// Boxes of noise whose distances are known.
@Suite struct HUComparisonTests {
  private let grid = Grid(shape: [40, 40, 24], spacing: [1, 1, 1])

  /// Noise of a standard deviation around a mean; `copies` voxels along x and y share their value.
  private func figures(mean: Double, deviation: Double, copies: Int = 1, seed: UInt64) throws
    -> HUStatistics
  {
    var image = Volume<Float>(grid: grid, repeating: 0)
    var stream = RandomStream(seed: seed)
    for z in 0..<24 {
      let noise = (0..<1600).map { _ in stream.gaussian(mean: mean, deviation: deviation) }
      for y in 0..<40 {
        for x in 0..<40 { image[x, y, z] = Float(noise[(y / copies) * 40 + x / copies]) }
      }
    }
    return try #require(
      HUStatistics(image: image, labels: LabelMap(grid: grid, repeating: 1), ids: [1]))
  }

  @Test func equalSetsAreAtNoDistance() throws {
    let a = try [1, 2].map { try figures(mean: 50, deviation: 10, seed: $0) }
    let b = try [3, 4].map { try figures(mean: 50, deviation: 10, seed: $0) }
    let comparison = try #require(HUComparison("liver", a, b))
    #expect(abs(comparison.deviation - 1) < 0.02 && abs(comparison.noise - 1) < 0.02)
    #expect(comparison.distance < 0.3 && comparison.texture < 0.03)
  }

  /// Gaussians: the distance of means m apart is m; of deviations s and t, |s - t| sqrt(2 / pi).
  @Test func distancesOfGaussians() throws {
    let a = [try figures(mean: 80, deviation: 10, seed: 1)]
    let b = [try figures(mean: 50, deviation: 20, seed: 2)]
    let comparison = try #require(HUComparison("liver", a, b))
    #expect(abs(comparison.deviation - 0.5) < 0.01 && abs(comparison.noise - 0.5) < 0.02)
    // Sixty-four quantiles cut the tails a little.
    #expect(abs(comparison.shape - 10 * (2 / Double.pi).squareRoot()) < 0.4)
    #expect(abs(comparison.distance - 30) < 0.6)
    #expect(abs(comparison.texture - 1) < 0.03)
  }

  /// The same values in coarser grains: the histogram is alike, the texture is not.
  @Test func coarserGrainsDiffer() throws {
    let a = [try figures(mean: 50, deviation: 10, copies: 4, seed: 1)]
    let b = [try figures(mean: 50, deviation: 10, seed: 2)]
    let comparison = try #require(HUComparison("liver", a, b))
    #expect(comparison.distance < 0.6)
    // Neighbours of one grain are equal: a quarter of the pairs is left at lag 1, half at lag 2.
    let expected = [1.0, 0.5, 0, 0].map { $0 * $0 }.reduce(0, +) / 4
    #expect(abs(comparison.texture - expected.squareRoot()) < 0.06, "\(comparison.texture)")
  }

  @Test func setsWithoutTheStructureAreNotCompared() {
    #expect(HUComparison("liver", [], []) == nil)
    let summary = HUStatisticsRun.Summary(structures: ["liver"], cases: [], failures: [])
    #expect(HUComparison.all(summary, summary).isEmpty)
  }
}
