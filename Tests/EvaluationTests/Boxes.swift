import Support
import Volumes
@testable import Evaluation

/// A label map with boxes of voxels set to ids.
func labelMap(
  _ shape: SIMD3<Int>, spacing: SIMD3<Double> = [1, 1, 1],
  _ boxes: [(id: UInt16, lower: SIMD3<Int>, upper: SIMD3<Int>)]
) -> LabelMap {
  var map = LabelMap(grid: Grid(shape: shape, spacing: spacing), repeating: 0)
  for box in boxes {
    for y in box.lower.y..<box.upper.y {
      for x in box.lower.x..<box.upper.x {
        for z in box.lower.z..<box.upper.z { map[x, y, z] = box.id }
      }
    }
  }
  return map
}

/// A label map with a ball of id 1; `center` and `radius` in mm, `center` from the grid's middle.
func ballMap(
  _ shape: SIMD3<Int>, spacing: SIMD3<Double>, center: SIMD3<Double>, radius: Double
) -> LabelMap {
  var map = LabelMap(grid: Grid(shape: shape, spacing: spacing), repeating: 0)
  for y in 0..<shape.y {
    for x in 0..<shape.x {
      for z in 0..<shape.z {
        let gap = map.grid.affine.apply([Double(x), Double(y), Double(z)]) - center
        if (gap * gap).sum() <= radius * radius { map[x, y, z] = 1 }
      }
    }
  }
  return map
}

/// The surface distances of id 1 in two label maps.
func distances(_ prediction: LabelMap, _ reference: LabelMap, workers: Int = 2)
  -> SurfaceDistances
{
  let workers = Workers(count: workers)
  let tally = LabelTally(prediction: prediction, reference: reference, workers: workers)
  guard let box = tally.box(prediction: [1], reference: [1]) else {
    return SurfaceDistances(prediction: [], reference: [])
  }
  return SurfaceDistances(
    prediction: prediction, ids: [1], reference: reference, ids: [1], box: box, workers: workers)
}

/// Single precision keeps seven digits; sums of areas of order 1000 keep them to a hundredth.
func close(_ a: Double, _ b: Double, _ relative: Double = 1e-5) -> Bool {
  abs(a - b) <= relative * max(1, abs(a), abs(b))
}
