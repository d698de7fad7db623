import Support
import TestSupport
import Testing
import Volumes

@Suite struct DistanceTransformTests {
  let workers = Workers(count: 2)

  /// The definition, for small grids.
  func bruteForce(_ mask: Mask) -> Volume<Float> {
    let (grid, shape, spacing) = (mask.grid, mask.grid.shape, mask.grid.spacing)
    var places: [SIMD3<Double>] = []
    var all: [SIMD3<Double>] = []
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        for z in 0..<shape.z {
          let place = SIMD3(Double(x), Double(y), Double(z)) * spacing
          all.append(place)
          if mask[x, y, z] != 0 { places.append(place) }
        }
      }
    }
    let values = all.map { p in
      Float(places.map { (($0 - p) * ($0 - p)).sum() }.min()?.squareRoot() ?? .infinity)
    }
    return Volume(grid: grid, values: values)
  }

  @Test(arguments: [
    SIMD3(11, 9, 17), SIMD3(1, 30, 5), SIMD3(20, 1, 1), SIMD3(1, 1, 40), SIMD3(25, 2, 17),
  ])
  func equalsTheDefinition(shape: SIMD3<Int>) {
    let grid = Grid(shape: shape, spacing: [0.7, 1.3, 5])
    for share in [0.002, 0.03, 0.5, 1] {
      let mask = Mask.randomMask(on: grid, seed: 5, share: share)
      let worst = WorstVoxel(
        DistanceTransform.distance(to: mask, workers: workers), bruteForce(mask))
      // Squares of up to 100 mm in single precision: 1e4 * 2^-24 / (2 * 100).
      #expect(worst.difference < 1e-5, "\(worst) for a share of \(share)")
    }
  }

  @Test func anEmptyMaskIsInfinitelyFar() {
    let mask = Mask(grid: Grid(shape: [4, 5, 6], spacing: [1, 1, 1]), repeating: 0)
    let distance = DistanceTransform.distance(to: mask, workers: workers)
    #expect(distance.values.allSatisfy { $0 == .infinity })
    let signed = DistanceTransform.signed(mask, workers: workers)
    #expect(signed.values.allSatisfy { $0 == .infinity })
    let full = DistanceTransform.signed(mask.inverted, workers: workers)
    #expect(full.values.allSatisfy { $0 == -.infinity })
  }

  @Test func aLimitChangesNothingWithinIt() {
    let grid = Grid(shape: [40, 30, 20], spacing: [1, 1.5, 2])
    var mask = Mask(grid: grid, repeating: 0)
    mask[30, 8, 3] = 1
    mask[28, 9, 5] = 1
    let all = DistanceTransform.distance(to: mask, workers: workers)
    let near = DistanceTransform.distance(to: mask, limit: 7, workers: workers)
    #expect(near.values == all.values.map { $0 <= 7 ? $0 : .infinity })
  }

  @Test func signedDistanceOfABallIsItsRadialDistance() {
    let grid = Grid(shape: [41, 41, 41], spacing: [1, 1, 1])
    let ball = Phantom.sphere(radius: 15)
    let mask = ball.labels(on: grid).foreground(workers: workers)
    let signed = DistanceTransform.signed(mask, workers: workers)
    let exact = Volume<Float>(
      grid: grid,
      values: (0..<grid.count).map { index in
        let p: SIMD3<Double> = [
          Double(index / 41 % 41) - 20, Double(index / (41 * 41)) - 20, Double(index % 41) - 20,
        ]
        return Float((p * p).sum().squareRoot() - 15)
      })
    let worst = WorstVoxel(signed, exact)
    // A staircase lies up to half a voxel's diagonal, 0.87 mm, off the sphere.
    #expect(worst.difference < 0.87, "\(worst)")
  }

  @Test func threadsDoNotMatter() {
    let grid = Grid(shape: [50, 40, 30], spacing: [1, 0.8, 3])
    let mask = Mask.randomMask(on: grid, seed: 9, share: 0.01)
    #expect(
      DistanceTransform.distance(to: mask, workers: Workers(count: 1))
        == DistanceTransform.distance(to: mask, workers: Workers(count: 5)))
  }
}
