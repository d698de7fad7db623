import Support
import Testing
import Volumes
@testable import Evaluation

/// A box of label 1 in a grid of another value.
@Suite struct HUStatisticsTests {
  private let shape = SIMD3(40, 36, 30)
  private let spacing = SIMD3(1.0, 1, 2)

  /// Measures label 1, everything but the outermost voxels, in an image given by its voxels.
  private func measure(_ value: (SIMD3<Int>) -> Double) throws -> HUStatistics {
    var image = Volume<Float>(grid: Grid(shape: shape, spacing: spacing), repeating: 0)
    var labels = LabelMap(grid: image.grid, repeating: 0)
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        for z in 0..<shape.z {
          image[x, y, z] = Float(value([x, y, z]))
          let isIn =
            x > 0 && y > 0 && z > 0 && x < shape.x - 1 && y < shape.y - 1 && z < shape.z - 1
          labels[x, y, z] = isIn ? 1 : 0
        }
      }
    }
    return try #require(HUStatistics(image: image, labels: labels, ids: [1]))
  }

  @Test func whiteNoise() throws {
    var stream = RandomStream(seed: 3)
    let figures = try measure { _ in stream.gaussian(mean: 40, deviation: 12) }
    // 36 x 32 x 26 voxels are left when two layers are off.
    #expect(figures.voxels == 36 * 32 * 26)
    let count = Double(figures.voxels)
    // Three standard errors: of the mean, of a standard deviation, of a correlation.
    #expect(abs(figures.mean - 40) < 3 * 12 / count.squareRoot())
    #expect(abs(figures.deviation - 12) < 3 * 12 / (2 * count).squareRoot())
    // Bends of neighbours share voxels: (1 + 2 (16 + 1) / 36) as many terms as they seem.
    #expect(abs(figures.noise - 12) < 3 * 12 / (2 * count).squareRoot() * 1.4)
    #expect(abs(figures.planeCorrelation) < 3 / (2 * count).squareRoot())
    #expect(abs(figures.axialCorrelation) < 3 / count.squareRoot())
  }

  /// Sums of two neighbours along z correlate by a half; and in the plane not at all.
  @Test func sharedNoise() throws {
    var last = [Double](repeating: 0, count: shape.x * shape.y)
    var stream = RandomStream(seed: 4)
    var noise: [SIMD3<Int>: Double] = [:]
    for z in -1..<shape.z {
      for index in last.indices {
        let fresh = stream.gaussian(mean: 0, deviation: 10)
        if z >= 0 { noise[[index % shape.x, index / shape.x, z]] = last[index] + fresh }
        last[index] = fresh
      }
    }
    let figures = try measure { noise[$0]! }
    #expect(abs(figures.axialCorrelation - 0.5) < 0.02)
    #expect(abs(figures.planeCorrelation) < 0.02)
    #expect(abs(figures.noise - 200.0.squareRoot()) < 0.2)
  }

  @Test func slowChangesAreNoNoise() throws {
    let figures = try measure { 3 * Double($0.x) - Double($0.y) }
    #expect(figures.noise < 1e-4)
    #expect(figures.deviation > 30 && figures.planeCorrelation > 0.9)
    // Spread of the integers 0...n-1 is (n² - 1) / 12; 36 and 32 of them are left.
    let variance = 9 * (36.0 * 36 - 1) / 12 + (32.0 * 32 - 1) / 12
    #expect(abs(figures.deviation - variance.squareRoot()) < 1e-3)
  }

  @Test func edgesAreLeftOut() throws {
    let figures = try measure { p in
      let inner = p.x > 1 && p.y > 1 && p.z > 1 && p.x < 38 && p.y < 34 && p.z < 28
      return inner ? 50 : 900
    }
    #expect(figures.mean == 50 && figures.deviation == 0)
    #expect(figures.noise == 0)
    #expect(figures.planeCorrelation.isNaN, "nothing varies")
  }

  @Test func thinStructuresHaveNoFigures() {
    let grid = Grid(shape: [20, 20, 20], spacing: [1, 1, 1])
    var labels = LabelMap(grid: grid, repeating: 0)
    for x in 0..<20 { for z in 0..<20 { labels[x, 9, z] = 1 } }
    let image = Volume<Float>(grid: grid, repeating: 1)
    #expect(HUStatistics(image: image, labels: labels, ids: [1]) == nil)
    #expect(HUStatistics(image: image, labels: labels, ids: [7]) == nil)
  }
}
