import Support
import TestSupport
import Testing
import Volumes

@Suite struct LabelCensusTests {
  private let workers = Workers()
  private let grid = Grid(shape: [30, 26, 18], spacing: [1, 1.2, 2.5])

  @Test func boxesOfLabels() {
    var labels = LabelMap(grid: grid, repeating: 0)
    labels[3, 4, 5] = 7
    labels[10, 2, 17] = 7
    labels[0, 25, 0] = 300
    let census = LabelCensus(labels, workers: workers)
    let boxes = census.entries.mapValues(\.box)
    #expect(
      boxes == [
        7: BoundingBox(lower: [3, 2, 5], upper: [11, 5, 18]),
        300: BoundingBox(lower: [0, 25, 0], upper: [1, 26, 1]),
      ])
    #expect(census.box(of: [7, 300]) == BoundingBox(lower: [0, 2, 0], upper: [11, 26, 18]))
    #expect(census.box(of: [8]) == nil)
    let part = labels.cropped(to: boxes[7]!)
    #expect(part[0, 2, 0] == 7 && part[7, 0, 12] == 7)
    #expect(part.grid.affine.apply([0, 2, 0]) == grid.affine.apply([3, 4, 5]))
    #expect(boxes[300]!.grown(by: 2.4, in: grid).upper == [4, 26, 2])
  }

  /// Runs are summed in closed form; every voxel by itself must give the same.
  @Test(arguments: [SIMD3<Int>(1, 1, 1), SIMD3<Int>(2, 3, 4)])
  func momentsAreThoseOfTheVoxels(step: SIMD3<Int>) throws {
    var stream = RandomStream(seed: 3)
    var labels = LabelMap(grid: grid, repeating: 0)
    var id: UInt16 = 0
    for index in labels.values.indices {
      if stream.uniform() < 0.3 { id = UInt16(stream.uniform() * 4) }
      labels.values[index] = id
    }
    let census = LabelCensus(labels, stride: step, workers: workers)
    for id in UInt16(1)...3 {
      var places: [SIMD3<Double>] = []
      for y in stride(from: 0, to: grid.shape.y, by: step.y) {
        for x in stride(from: 0, to: grid.shape.x, by: step.x) {
          for z in stride(from: 0, to: grid.shape.z, by: step.z) where labels[x, y, z] == id {
            places.append([Double(x), Double(y), Double(z)])
          }
        }
      }
      let entry = try #require(census.entries[id])
      #expect(entry.count == places.count)
      let mean = places.reduce(.zero, +) / Double(places.count)
      let offsets = entry.centroid - mean
      // Sums of whole numbers are exact; only the division rounds.
      #expect(abs(offsets.x) + abs(offsets.y) + abs(offsets.z) < 1e-12)
      let centred = places.map { $0 - mean }
      let variance = centred.reduce(SIMD3<Double>.zero) { $0 + $1 * $1 }
      let covariance = centred.reduce(0) { $0 + $1.x * $1.y }
      let expected = covariance / (variance.x * variance.y).squareRoot()
      // Centring afterwards cancels about four of sixteen digits.
      #expect(abs(entry.correlationXY - expected) < 1e-10)
    }
  }
}
