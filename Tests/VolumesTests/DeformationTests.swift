import Testing
@testable import Support
@testable import Volumes

@Suite struct DeformationTests {
  private let workers = Workers(count: 2)
  private let extent = SIMD3<Double>(240, 200, 160)

  private func places(_ count: Int, reach: Double = 0.5) -> [SIMD3<Double>] {
    var stream = RandomStream(seed: 5)
    return (0..<count).map { _ in
      let range = -reach...reach
      return extent
        * SIMD3(stream.uniform(range), stream.uniform(range), stream.uniform(range))
    }
  }

  private func length(_ v: SIMD3<Double>) -> Double { (v * v).sum().squareRoot() }

  /// Balls and boxes in 40 x 36 x 30 voxels of 3 x 3 x 5 mm.
  private func labels() -> LabelMap {
    var labels = LabelMap(grid: Grid(shape: [40, 36, 30], spacing: [3, 3, 5]), repeating: 0)
    for y in 0..<36 {
      for x in 0..<40 {
        for z in 0..<30 {
          let p = SIMD3<Double>(Double(x - 20) * 3, Double(y - 18) * 3, Double(z - 15) * 5)
          if length(p - [20, 0, 0]) < 22 { labels[x, y, z] = 7 }
          if abs(p.x + 25) < 12 && abs(p.y) < 20 && abs(p.z) < 40 { labels[x, y, z] = 3 }
        }
      }
    }
    return labels
  }

  /// Root mean square displacement over draws of the field: as asked, to the sampling error of about
  /// 12 x 3 x (extent / smoothness)^3 / 20 independent values.
  @Test(arguments: [(amplitude: 3.0, smoothness: 20.0), (8.0, 30.0)])
  func displacementsAreAsLargeAsAsked(amplitude: Double, smoothness: Double) {
    var (sum, count) = (0.0, 0.0)
    for seed in 0..<12 {
      let deformation = Deformation(
        DeformationDraw(seed: UInt64(seed), amplitude: amplitude, smoothness: smoothness),
        extent: extent, workers: workers)
      for place in places(400) {
        let moved = deformation(place) - place
        sum += (moved * moved).sum()
        count += 1
      }
    }
    let found = (sum / count).squareRoot()
    #expect(abs(found / amplitude - 1) < 0.12, "\(found) mm instead of \(amplitude)")
  }

  /// The determinant of the Jacobian by central differences of 1 mm is positive everywhere, at the
  /// strongest deformation that a recipe may ask for: an amplitude of a third of the smoothness.
  @Test(arguments: [0, 1, 2, 3])
  func nothingFolds(seed: UInt64) {
    let deformation = Deformation(
      DeformationDraw(
        seed: seed, amplitude: 10, smoothness: 30, scale: [1.1, 0.9, 1], rotation: [0.1, 0, -0.1]),
      extent: extent, workers: workers)
    var least = Double.infinity
    for place in places(20_000) {
      let columns = (0..<3).map { axis -> SIMD3<Double> in
        var step = SIMD3<Double>()
        step[axis] = 0.5
        return deformation(place + step) - deformation(place - step)
      }
      least = min(least, (columns[0] * cross(columns[1], columns[2])).sum())
    }
    #expect(least > 0.05, "the smallest determinant is \(least)")
  }

  /// There and back along the field: what is left is the error of the linear interpolation.
  @Test func theFlowBackUndoesTheFlow() {
    let field = VelocityField(
      extent: extent, smoothness: 30, amplitude: 8, stream: RandomStream(seed: 2),
      workers: workers)
    let there = field.flow(time: 1, workers: workers)
    let back = field.flow(time: -1, workers: workers)
    var (left, moved) = (0.0, 0.0)
    for place in places(2000, reach: 0.45) {
      let p = SIMD3<Float>(place)
      let q = p + there(p)
      let r = q + back(q)
      left += Double(((r - p) * (r - p)).sum())
      moved += Double(((q - p) * (q - p)).sum())
    }
    #expect((left / moved).squareRoot() < 0.02, "\((left / moved).squareRoot()) of the way is left")
  }

  @Test func nothingAskedIsTheSameMap() {
    let labels = labels()
    let still = Deformation(DeformationDraw(), extent: labels.grid.extent, workers: workers)
    #expect(still.deform(labels, workers: workers) == labels)
    // The way through the field, with a displacement of nearly nothing.
    let nearly = Deformation(
      DeformationDraw(seed: 1, amplitude: 1e-6), extent: labels.grid.extent, workers: workers)
    #expect(nearly.deform(labels, workers: workers) == labels)
  }

  @Test func aScaleMakesLargerAndARotationTurns() {
    let scaled = Deformation(
      DeformationDraw(scale: [2, 1, 0.5]), extent: extent, workers: workers)
    #expect(length(scaled([10, 10, 10]) - [5, 10, 20]) < 1e-9)
    let turned = Deformation(
      DeformationDraw(rotation: [0, 0, Double.pi / 2]), extent: extent, workers: workers)
    #expect(length(turned([10, 0, 3]) - [0, 10, 3]) < 1e-9)
    let labels = labels()
    let larger = Deformation(
      DeformationDraw(scale: [1.2, 1.2, 1.2]), extent: labels.grid.extent, workers: workers
    ).deform(labels, workers: workers)
    let ratio = Double(larger.values.count { $0 == 7 }) / Double(labels.values.count { $0 == 7 })
    #expect(abs(ratio - 1.728) < 0.1, "a ball grew \(ratio) times")
  }

  /// The loop over voxels does what the map of places says, and makes up no label.
  @Test func everyVoxelShowsTheLabelAtItsPlace() {
    let labels = labels()
    let (shape, spacing) = (labels.grid.shape, labels.grid.spacing)
    let deformation = Deformation(
      DeformationDraw(
        seed: 4, amplitude: 6, smoothness: 25, scale: [1.05, 0.95, 1], rotation: [0.05, 0.1, 0]),
      extent: labels.grid.extent, workers: workers)
    let deformed = deformation.deform(labels, workers: workers)
    #expect(Set(deformed.values) == [0, 3, 7])
    #expect(deformed != labels)
    let middle = SIMD3<Double>(shape &- 1) * 0.5
    var (compared, different) = (0, 0)
    for y in 4..<32 {
      for x in 4..<36 {
        for z in 4..<26 {
          let place = (SIMD3(Double(x), Double(y), Double(z)) - middle) * spacing
          let from = deformation(place) / spacing + middle
          let i = SIMD3<Int>(from.rounded(.toNearestOrAwayFromZero))
          guard labels.grid.contains(i.x, i.y, i.z) else { continue }
          compared += 1
          if labels[i.x, i.y, i.z] != deformed[x, y, z] { different += 1 }
        }
      }
    }
    // Single precision puts a few places on the other side of a voxel's face.
    #expect(different * 1000 < compared, "\(different) of \(compared) voxels differ")
  }

  @Test func threadsDoNotMatter() {
    let labels = labels()
    let draw = DeformationDraw(seed: 9, amplitude: 5, smoothness: 20, scale: [1, 1.1, 1])
    let results = [1, 2, 5].map { count -> LabelMap in
      let workers = Workers(count: count)
      return Deformation(draw, extent: labels.grid.extent, workers: workers)
        .deform(labels, workers: workers)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
