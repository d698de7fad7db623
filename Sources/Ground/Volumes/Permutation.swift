import Support
// The one kernel between a file's voxel order (first axis fastest) and memory (z fastest).

/// A pure function of one voxel, as a type so that the kernel is compiled once for each.
protocol VoxelMapping: Sendable {
  associatedtype Source: BitwiseCopyable
  associatedtype Target: BitwiseCopyable
  func callAsFunction(_ value: Source) -> Target
}

/// Three counts with the step in elements of one more along each axis, and the first element.
struct Strides: Sendable {
  var steps: SIMD3<Int>
  var start = 0

  /// The file's own order: first axis fastest.
  static func file(_ shape: SIMD3<Int>) -> Strides {
    Strides(steps: [1, shape.x, shape.x * shape.y])
  }

  /// Where the file's voxels lie in memory.
  static func memory(_ frame: FileFrame) -> Strides {
    let shape = frame.grid.shape
    let canonical: SIMD3<Int> = [shape.z, shape.x * shape.z, 1]
    var strides = Strides(steps: [0, 0, 0])
    for axis in 0..<3 {
      let step = canonical[frame.axes[axis]]
      strides.steps[axis] = step * frame.signs[axis]
      if frame.signs[axis] < 0 { strides.start += step * (shape[frame.axes[axis]] - 1) }
    }
    return strides
  }
}

/// `target[i] = mapping(source[i])` for every index `i` of a box, between two orders of axes.
///
/// Each order must have an axis with step 1 or -1. Where these differ, tiles of 64 x 64 are read row
/// by row into a small buffer and written row by row from it, so that every cache line is touched
/// once on either side and power-of-two strides do no harm.
func permute<Mapping: VoxelMapping>(
  _ shape: SIMD3<Int>, from source: UnsafePointer<Mapping.Source>, _ from: Strides,
  to target: UnsafeMutablePointer<Mapping.Target>, _ to: Strides, mapping: Mapping,
  workers: Workers
) {
  nonisolated(unsafe) let source = source + from.start
  nonisolated(unsafe) let target = target + to.start
  let p = fastest(from, shape)
  let q = fastest(to, shape)
  if p == q {
    let outer = p == 0 ? (1, 2) : p == 1 ? (0, 2) : (0, 1)
    let (sp, tp) = (from.steps[p], to.steps[p])
    let (sa, ta) = (from.steps[outer.0], to.steps[outer.0])
    let (sb, tb) = (from.steps[outer.1], to.steps[outer.1])
    let rows = shape[outer.0]
    workers.forEach(shape[outer.1]) { b in
      for a in 0..<rows {
        let s = source + (a * sa + b * sb)
        let t = target + (a * ta + b * tb)
        if sp == 1, tp == 1 {
          for i in 0..<shape[p] { t[i] = mapping(s[i]) }
        } else {
          for i in 0..<shape[p] { t[i * tp] = mapping(s[i * sp]) }
        }
      }
    }
    return
  }
  let r = 3 - p - q
  let side = 64
  let (sp, sq, sr) = (from.steps[p], from.steps[q], from.steps[r])
  let (tp, tq, tr) = (to.steps[p], to.steps[q], to.steps[r])
  let (np, nq) = (shape[p], shape[q])
  workers.forEach(shape[r]) { r in
    withUnsafeTemporaryAllocation(of: Mapping.Target.self, capacity: side * side) { tile in
      let tile = tile.baseAddress!
      for q0 in stride(from: 0, to: nq, by: side) {
        let countQ = min(side, nq - q0)
        for p0 in stride(from: 0, to: np, by: side) {
          let countP = min(side, np - p0)
          for j in 0..<countQ {
            let s = source + (r * sr + (q0 + j) * sq + p0 * sp)
            let row = tile + j * side
            if sp == 1 {
              for i in 0..<countP { row[i] = mapping(s[i]) }
            } else {
              for i in 0..<countP { row[i] = mapping(s[i * sp]) }
            }
          }
          for i in 0..<countP {
            let t = target + (r * tr + (p0 + i) * tp + q0 * tq)
            let column = tile + i
            if tq == 1 {
              for j in 0..<countQ { t[j] = column[j * side] }
            } else {
              for j in 0..<countQ { t[j * tq] = column[j * side] }
            }
          }
        }
      }
    }
  }
}

/// The axis along which elements are neighbours; of several (counts of 1) the longest.
private func fastest(_ strides: Strides, _ shape: SIMD3<Int>) -> Int {
  let candidates = (0..<3).filter { abs(strides.steps[$0]) == 1 }
  return candidates.max { shape[$0] < shape[$1] } ?? 0
}
