public import Support
/// Exact Euclidean distances to a mask, in mm, on grids of any spacing.
///
/// The squared distance is separable: along z by two scans, then along x and y by the lower envelope
/// of one parabola a voxel (Felzenszwalb and Huttenlocher, *Distance transforms of sampled
/// functions*, Theory of Computing 8, 2012). Time is linear in the number of voxels. Axes are taken
/// to be at right angles, as they are in CT.
public enum DistanceTransform {
  /// The distance from every voxel's centre to the nearest centre of a voxel of the mask, mm.
  ///
  /// 0 on the mask; +infinity where it is farther than `limit`, or everywhere if the mask is empty.
  /// With a limit only the mask's surroundings are looked at.
  ///
  /// - Parameter limit: the greatest distance of interest, mm.
  public static func distance(
    to mask: Mask, limit: Double = .infinity, workers: Workers
  ) -> Volume<Float> {
    guard let box = BoundingBox(of: mask, workers: workers) else {
      return Volume(grid: mask.grid, repeating: .infinity)
    }
    let near = box.grown(by: limit, in: mask.grid)
    if near == BoundingBox(of: mask.grid) {
      return transform(mask, limit: limit, workers: workers)
    }
    var result = Volume<Float>(grid: mask.grid, repeating: .infinity)
    result.paste(
      transform(mask.cropped(to: near), limit: limit, workers: workers), at: near.lower)
    return result
  }

  /// The distance from every voxel's centre to the surface of the mask, mm: negative inside.
  ///
  /// The surface of a voxel mask lies between the centres of a voxel inside and its neighbour
  /// outside; so half the smallest spacing is taken off the distance to the nearest centre on the
  /// other side, which is exact across faces along the axis of that spacing. +infinity everywhere
  /// for an empty mask, -infinity for a full one.
  public static func signed(_ mask: Mask, workers: Workers) -> Volume<Float> {
    var result = distance(to: mask, workers: workers)
    let inside = distance(to: mask.inverted, workers: workers)
    let spacing = mask.grid.spacing
    let half = Float(min(spacing.x, spacing.y, spacing.z) / 2)
    let count = result.values.count
    result.values.withUnsafeMutableBufferPointer { result in
      inside.values.withUnsafeBufferPointer { inside in
        nonisolated(unsafe) let result = result
        nonisolated(unsafe) let inside = inside
        workers.forEachRange(count, chunk: 1 << 18) { range in
          for index in range {
            let d = result[index]
            result[index] = d > 0 ? d - half : half - inside[index]
          }
        }
      }
    }
    return result
  }

  private static func transform(_ mask: Mask, limit: Double, workers: Workers) -> Volume<Float> {
    let (shape, spacing) = (mask.grid.shape, mask.grid.spacing)
    let values = [Float](unsafeUninitializedCapacity: mask.grid.count) { target, filled in
      let squares = target.baseAddress!
      mask.values.withUnsafeBufferPointer {
        scanColumns($0.baseAddress!, squares, shape, step: spacing.z, workers)
      }
      // [y, x, z] in memory: lines along x for every y, then lines along y for every x.
      nonisolated(unsafe) let base = squares
      let greatest = Float(limit * (1 + 1e-6))
      workers.forEach(shape.y) { y in
        let start = base + y * shape.x * shape.z
        lowerEnvelopes(start, lines: shape.z, count: shape.x, stride: shape.z, step: spacing.x)
      }
      let row = shape.x * shape.z
      workers.forEachRange(row, chunk: max(lanes, shape.z)) { range in
        lowerEnvelopes(
          base + range.lowerBound, lines: range.count, count: shape.y, stride: row,
          step: spacing.y)
        for y in 0..<shape.y {
          let line = base + (y * row + range.lowerBound)
          for index in 0..<range.count {
            let d = line[index].squareRoot()
            line[index] = d <= greatest ? d : .infinity
          }
        }
      }
      filled = mask.grid.count
    }
    return Volume(grid: mask.grid, values: values)
  }

  /// Squared distance along z to the nearest voxel of the mask in the same column.
  private static func scanColumns(
    _ mask: UnsafePointer<UInt8>, _ squares: UnsafeMutablePointer<Float>, _ shape: SIMD3<Int>,
    step: Double, _ workers: Workers
  ) {
    nonisolated(unsafe) let mask = mask
    nonisolated(unsafe) let squares = squares
    let step = Float(step)
    workers.forEachRange(shape.x * shape.y, chunk: 1024) { range in
      for column in range {
        let m = mask + column * shape.z
        let s = squares + column * shape.z
        var d = Float.infinity
        for z in 0..<shape.z {
          d = m[z] != 0 ? 0 : d + 1
          s[z] = d
        }
        d = .infinity
        for z in stride(from: shape.z - 1, through: 0, by: -1) {
          d = min(d + 1, s[z])
          let mm = d * step
          s[z] = mm * mm
        }
      }
    }
  }

  /// Lines are taken 16 at a time, one cache line of neighbours, and laid out one after the other.
  private static let lanes = 16

  /// Replaces `f(i)` by `min over j of f(j) + (step (i - j))^2` on every one of `lines` neighbouring
  /// lines: element `i` of line `k` lies at `base[k + i * stride]`.
  private static func lowerEnvelopes(
    _ base: UnsafeMutablePointer<Float>, lines: Int, count: Int, stride: Int, step: Double
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: lanes * count) { block in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { roots in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * count + 1) { reals in
          let block = block.baseAddress!
          let bounds = reals.baseAddress!
          let heights = bounds + count + 1
          for first in Swift.stride(from: 0, to: lines, by: lanes) {
            let width = min(lanes, lines - first)
            for i in 0..<count {
              let source = base + (first + i * stride)
              for k in 0..<width { block[k * count + i] = source[k] }
            }
            for k in 0..<width {
              lowerEnvelope(
                block + k * count, count, step * step, roots.baseAddress!, bounds, heights)
            }
            for i in 0..<count {
              let target = base + (first + i * stride)
              for k in 0..<width { target[k] = block[k * count + i] }
            }
          }
        }
      }
    }
  }

  /// One line, in place. `roots` are the parabolas of the envelope from left to right, `bounds[k]`
  /// where the k-th begins, `heights` their `f(j) / step^2 + j^2`.
  private static func lowerEnvelope(
    _ f: UnsafeMutablePointer<Float>, _ count: Int, _ square: Double,
    _ roots: UnsafeMutablePointer<Int32>, _ bounds: UnsafeMutablePointer<Double>,
    _ heights: UnsafeMutablePointer<Double>
  ) {
    var last = -1
    var isZero = true
    for j in 0..<count {
      let value = f[j]
      isZero = isZero && value == 0
      if value == .infinity { continue }
      let height = Double(value) / square + Double(j * j)
      var start = -Double.infinity
      while last >= 0 {
        let distance = Double(2 * (j - Int(roots[last])))
        start = (height - heights[last]) / distance
        if start > bounds[last] { break }
        last -= 1
        start = -.infinity
      }
      last += 1
      roots[last] = Int32(j)
      bounds[last] = start
      heights[last] = height
    }
    // Nothing to do on a line without the mask, or all inside it.
    if last < 0 || isZero { return }
    bounds[last + 1] = .infinity
    var k = 0
    for i in 0..<count {
      while bounds[k + 1] < Double(i) { k += 1 }
      let d = Double(i - Int(roots[k]))
      let floor = heights[k] - Double(Int(roots[k]) * Int(roots[k]))
      f[i] = Float((floor + d * d) * square)
    }
  }
}
