import Support
import Testing
import Volumes
@testable import Evaluation

@Suite struct SurfaceDistancesTests {
  @Test func equalMasksAreAtDistanceZero() {
    let map = labelMap([12, 12, 12], [(1, [2, 3, 4], [8, 9, 12])])
    let d = distances(map, map)
    #expect(d.normalisedSurfaceDice(tolerance: 0) == 1)
    #expect(d.hausdorff(quantile: 1) == 0)
    #expect(d.mean == 0)
  }

  @Test(arguments: [0, 1, 2])
  func singleVoxelsAlongEachAxis(axis: Int) {
    // Eight equal elements a voxel: four face the other voxel at (5 - 1) steps, four at 5 steps.
    let spacing: SIMD3<Double> = [0.8, 1.25, 3]
    var first = SIMD3<Int>(repeating: 2)
    let a = labelMap([9, 9, 9], spacing: spacing, [(1, first, first &+ 1)])
    first[axis] += 5
    let b = labelMap([9, 9, 9], spacing: spacing, [(1, first, first &+ 1)])
    let d = distances(a, b)
    let step = spacing[axis]
    #expect(d.prediction.count == 8 && d.reference.count == 8)
    #expect(close(d.hausdorff(quantile: 0.95), 5 * step))
    #expect(close(d.mean, 4.5 * step))
    #expect(close(d.normalisedSurfaceDice(tolerance: 4 * step), 0.5))
    #expect(d.normalisedSurfaceDice(tolerance: 3.9 * step) == 0)
    #expect(close(d.normalisedSurfaceDice(tolerance: 5 * step), 1))
  }

  @Test func aCubeInACubeTwoVoxelsLarger() {
    // Inner side n, outer side n + 4, spacing s. Every inner element is 2 s from the outer face.
    // An outer element on a face whose tangential coordinates stick out by e1 and e2 (0, 1 or 2)
    // is sqrt(4 + e1^2 + e2^2) s away.
    let n = 10
    let s = 0.5
    let outer = labelMap([18, 18, 18], spacing: [s, s, s], [(1, [2, 2, 2], [16, 16, 16])])
    let inner = labelMap([18, 18, 18], spacing: [s, s, s], [(1, [4, 4, 4], [14, 14, 14])])
    func area(_ side: Int) -> Double {
      let m = Double(side - 1)
      return (6 * m * m + 12 * m * 0.5.squareRoot() + 3.0.squareRoot()) * s * s
    }
    let d = distances(inner, outer)
    #expect(close(d.predictionArea, area(n)))
    #expect(close(d.referenceArea, area(n + 4)))
    #expect(d.prediction.allSatisfy { abs(Double($0.distance) - 2 * s) < 1e-6 })
    let flat = Double(6 * (n + 1) * (n + 1)) * s * s
    #expect(
      close(
        d.normalisedSurfaceDice(tolerance: 2 * s), (area(n) + flat) / (area(n) + area(n + 4))))
    #expect(d.normalisedSurfaceDice(tolerance: 2 * s - 0.01) == 0)
    #expect(close(d.hausdorff(quantile: 1), 12.0.squareRoot() * s))
    #expect(d.normalisedSurfaceDice(tolerance: 12.0.squareRoot() * s) == 1)
  }

  @Test func theSurfaceDiceOfTwoBallsIsToleranceOverShift() {
    // A point of one sphere at angle t from the shift's axis is | |p - c| - R | from the other, which
    // is within the tolerance for cos t in an interval of length 2 tolerance / shift; area on a sphere
    // is even in cos t. Elements sit on the lattice within a voxel of the true surface and look for the
    // nearest of the other's, so distances come out up to half a voxel (0.75 mm) too short.
    let spacing: SIMD3<Double> = [0.8, 1, 1.5]
    let shift = 16.0
    let a = ballMap([90, 64, 44], spacing: spacing, center: [-shift / 2, 0, 0], radius: 25)
    let b = ballMap([90, 64, 44], spacing: spacing, center: [shift / 2, 0, 0], radius: 25)
    let d = distances(a, b)
    for tolerance in [4.0, 8, 12] {
      let excess = d.normalisedSurfaceDice(tolerance: tolerance) - tolerance / shift
      #expect(excess > -0.02 && excess < 0.75 / shift)
    }
    // Distances are evenly spread between 0 and the shift, too.
    #expect(abs(d.mean - 8) < 0.75)
    #expect(abs(d.hausdorff(quantile: 0.95) - 0.95 * 16) < 0.75)
  }

  @Test func emptyMasksAreSpecified() {
    let empty = labelMap([6, 6, 6], [])
    let full = labelMap([6, 6, 6], [(1, [0, 0, 0], [6, 6, 6])])
    let neither = distances(empty, empty)
    #expect(neither.normalisedSurfaceDice(tolerance: 2).isNaN)
    #expect(neither.hausdorff(quantile: 0.95).isNaN && neither.mean.isNaN)
    for d in [distances(empty, full), distances(full, empty)] {
      #expect(d.normalisedSurfaceDice(tolerance: 2) == 0)
      #expect(d.hausdorff(quantile: 0.95) == .infinity)
      #expect(d.mean == .infinity)
    }
    #expect(distances(full, full).mean == 0)
  }

  @Test func agreesWithAllPairsOnRandomMasks() {
    var random = RandomStream(seed: 5)
    let shape: SIMD3<Int> = [7, 9, 8]
    let spacing: SIMD3<Double> = [0.9, 0.6, 2.5]
    for _ in 0..<4 {
      let maps = (0..<2).map { _ in
        LabelMap(
          grid: Grid(shape: shape, spacing: spacing),
          values: (0..<7 * 9 * 8).map { _ in random.uniform() < 0.03 ? 1 : 0 })
      }
      let d = distances(maps[0], maps[1])
      let elements = maps.map { cells($0) }
      let areas = SurfaceElementAreas(spacing: spacing)
      let expected = elements[0].map { cell -> Double in
        elements[1].map { other -> Double in
          let gap = (cell.point - other.point) * spacing
          return (gap * gap).sum().squareRoot()
        }.min()!
      }
      #expect(d.prediction.count == expected.count)
      for (element, distance) in zip(d.prediction, expected.sorted()) {
        #expect(abs(Double(element.distance) - distance) < 1e-5)
      }
      let area = elements[0].reduce(0) { $0 + Double(areas.areas[$1.code]) }
      #expect(close(d.predictionArea, area))
    }
  }

  @Test func threadsDoNotChangeABit() {
    let a = ballMap([40, 40, 30], spacing: [1, 1, 2], center: [1, 2, 0], radius: 14)
    let b = ballMap([40, 40, 30], spacing: [1, 1, 2], center: [-1, 0, 1], radius: 15)
    #expect(distances(a, b, workers: 1) == distances(a, b, workers: 3))
  }

  /// The cells with surface, found the slow way: lattice position and code.
  private func cells(_ map: LabelMap) -> [(point: SIMD3<Double>, code: Int)] {
    let shape = map.grid.shape
    var cells: [(SIMD3<Double>, Int)] = []
    for x in 0...shape.x {
      for y in 0...shape.y {
        for z in 0...shape.z {
          var code = 0
          for bit in 0..<8 {
            let (i, j, k) = (x - 1 + (bit >> 2 & 1), y - 1 + (bit >> 1 & 1), z - 1 + (bit & 1))
            if map.grid.contains(i, j, k) && map[i, j, k] == 1 { code |= 1 << bit }
          }
          if code != 0 && code != 255 { cells.append(([Double(x), Double(y), Double(z)], code)) }
        }
      }
    }
    return cells
  }
}
