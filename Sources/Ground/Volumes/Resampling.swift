public import Support
/// What a volume is where its grid does not reach.
public enum Outside: Equatable, Sendable {
  /// The nearest voxel of the border goes on for ever.
  case edge
  /// This value; voxels reach half a spacing beyond their centres.
  case value(Float)
}

extension Volume where Element == Float {
  /// The volume on another grid, by trilinear interpolation at the voxel centres.
  ///
  /// Both affines are honoured, so grids may be shifted, rotated or sheared to each other; where
  /// they are aligned the work is done column by column. Between the outermost centres and the edge
  /// of the volume, half a voxel further, the border value is taken; beyond, what `outside` says.
  /// A coarser grid takes samples, not means: smooth beforehand (`gaussianFiltered`) where that
  /// matters.
  public func resampled(
    to target: Grid, outside: Outside = .edge, workers: Workers
  ) -> Volume<Float> {
    if target == grid { return self }
    let map = grid.affine.inverse.composed(with: target.affine)
    let source = grid.shape
    let result = [Float](unsafeUninitializedCapacity: target.count) { buffer, filled in
      values.withUnsafeBufferPointer { values in
        let (from, to) = (values.baseAddress!, buffer.baseAddress!)
        if map.isAxisAligned {
          interpolateAligned(from, source, to, target.shape, map, outside, workers)
        } else {
          interpolate(from, source, to, target.shape, map, outside, workers)
        }
      }
      filled = target.count
    }
    return Volume(grid: target, values: result)
  }
}

extension LabelMap {
  /// The label map on another grid: the label of the voxel in which each centre lies, `outside`
  /// where none does.
  public func resampled(
    to target: Grid, outside: UInt16 = 0, workers: Workers
  ) -> LabelMap {
    resampled(to: target, samples: [1, 1, 1], outside: outside, workers: workers)
  }

  /// The label map on a coarser grid: the label with most votes among points spread evenly in every
  /// voxel, about one for every source voxel in it; of equal votes the smaller label wins.
  ///
  /// Structures keep their volume on average and edges do not alias. Along axes that are not
  /// coarser it is the same as `resampled`.
  public func resampledByMajority(
    to target: Grid, outside: UInt16 = 0, workers: Workers
  ) -> LabelMap {
    // Steps in the source for one step along each target axis, the largest of them.
    let map = grid.affine.inverse.composed(with: target.affine)
    var samples: SIMD3<Int> = [1, 1, 1]
    for axis in 0..<3 {
      let column = map.columns[axis]
      let steps = max(abs(column.x), abs(column.y), abs(column.z))
      samples[axis] = min(max(Int((steps - 1e-6).rounded(.up)), 1), 16)
    }
    return resampled(to: target, samples: samples, outside: outside, workers: workers)
  }

  private func resampled(
    to target: Grid, samples: SIMD3<Int>, outside: UInt16, workers: Workers
  ) -> LabelMap {
    if target == grid { return self }
    let map = grid.affine.inverse.composed(with: target.affine)
    let result = [UInt16](unsafeUninitializedCapacity: target.count) { buffer, filled in
      values.withUnsafeBufferPointer { values in
        vote(
          values.baseAddress!, grid.shape, buffer.baseAddress!, target.shape, map, samples, outside,
          workers)
      }
      filled = target.count
    }
    return LabelMap(grid: target, values: result)
  }
}

extension Affine {
  /// Whether every axis maps to the axis of the same name, to within a millionth of a step.
  fileprivate var isAxisAligned: Bool {
    for axis in 0..<3 {
      for other in 0..<3 where other != axis {
        if abs(columns[axis][other]) > 1e-6 * abs(columns[axis][axis]) { return false }
      }
    }
    return true
  }
}

/// For every index along a target axis: the lower of two source indices, the weight of the upper one,
/// and whether the place lies in the source at all.
private struct AxisTable {
  var lower: [Int32]
  var weight: [Float]
  var isInside: [Bool]

  init(count: Int, scale: Double, offset: Double, source: Int) {
    (lower, weight, isInside) = ([], [], [])
    for index in 0..<count {
      let place = scale * Double(index) + offset
      let clamped = min(max(place, 0), Double(source - 1))
      let base = min(Int(clamped), max(source - 2, 0))
      lower.append(Int32(base))
      weight.append(Float(clamped - Double(base)))
      // A hair of tolerance, so that rounding does not cut voxels on the very edge.
      isInside.append(place >= -0.5 - 1e-6 && place <= Double(source) - 0.5 + 1e-6)
    }
  }
}

/// Trilinear interpolation between aligned grids: the four source columns around a target column are
/// blended into one, which is then sampled along z.
private func interpolateAligned(
  _ source: UnsafePointer<Float>, _ from: SIMD3<Int>, _ target: UnsafeMutablePointer<Float>,
  _ to: SIMD3<Int>, _ map: Affine, _ outside: Outside, _ workers: Workers
) {
  let tables = (0..<3).map { axis in
    AxisTable(
      count: to[axis], scale: map.columns[axis][axis], offset: map.translation[axis],
      source: from[axis])
  }
  let (tx, ty, tz) = (tables[0], tables[1], tables[2])
  var fill: Float?
  if case .value(let value) = outside { fill = value }
  let stepX = from.x > 1 ? from.z : 0
  let stepY = from.y > 1 ? from.x * from.z : 0
  let stepZ = from.z > 1 ? 1 : 0
  let depth = to.z
  let lower = Int(tz.lower.min()!)
  let upper = Int(tz.lower.max()!) + stepZ
  nonisolated(unsafe) let source = source
  nonisolated(unsafe) let target = target
  let constant = fill
  workers.forEach(to.y) { y in
    withUnsafeTemporaryAllocation(of: Float.self, capacity: from.z) { blend in
      let blend = blend.baseAddress!
      tz.lower.withUnsafeBufferPointer { lowerZ in
        tz.weight.withUnsafeBufferPointer { weightZ in
          for x in 0..<to.x {
            let out = target + (y * to.x + x) * depth
            if let constant, !tx.isInside[x] || !ty.isInside[y] {
              out.initialize(repeating: constant, count: depth)
              continue
            }
            let a =
              source + (Int(ty.lower[y]) * from.x + Int(tx.lower[x])) * from.z
            let (b, c, d) = (a + stepX, a + stepY, a + stepX + stepY)
            let (wx, wy) = (tx.weight[x], ty.weight[y])
            let (w00, w10) = ((1 - wx) * (1 - wy), wx * (1 - wy))
            let (w01, w11) = ((1 - wx) * wy, wx * wy)
            for z in lower...upper {
              blend[z] = (a[z] * w00 + b[z] * w10) + (c[z] * w01 + d[z] * w11)
            }
            for z in 0..<depth {
              let low = Int(lowerZ[z])
              out[z] = blend[low] + weightZ[z] * (blend[low + stepZ] - blend[low])
            }
            if let constant {
              for z in 0..<depth where !tz.isInside[z] { out[z] = constant }
            }
          }
        }
      }
    }
  }
}

/// Trilinear interpolation through any affine.
private func interpolate(
  _ source: UnsafePointer<Float>, _ from: SIMD3<Int>, _ target: UnsafeMutablePointer<Float>,
  _ to: SIMD3<Int>, _ map: Affine, _ outside: Outside, _ workers: Workers
) {
  var fill: Float?
  if case .value(let value) = outside { fill = value }
  let constant = fill
  let stepX = from.x > 1 ? from.z : 0
  let stepY = from.y > 1 ? from.x * from.z : 0
  let stepZ = from.z > 1 ? 1 : 0
  let last = SIMD3<Double>(from &- 1)
  let (lastX, lastY, lastZ) = (last.x, last.y, last.z)
  let step = map.columns.z
  nonisolated(unsafe) let source = source
  nonisolated(unsafe) let target = target
  workers.forEach(to.y) { y in
    for x in 0..<to.x {
      let out = target + (y * to.x + x) * to.z
      let start = map.apply([Double(x), Double(y), 0])
      for z in 0..<to.z {
        let px = start.x + step.x * Double(z)
        let py = start.y + step.y * Double(z)
        let pz = start.z + step.z * Double(z)
        if let constant {
          let edge = 0.5 + 1e-6
          if px < -edge || py < -edge || pz < -edge || px > lastX + edge || py > lastY + edge
            || pz > lastZ + edge
          {
            out[z] = constant
            continue
          }
        }
        let (cx, cy) = (min(max(px, 0), lastX), min(max(py, 0), lastY))
        let cz = min(max(pz, 0), lastZ)
        let ix = min(Int(cx), max(from.x - 2, 0))
        let iy = min(Int(cy), max(from.y - 2, 0))
        let iz = min(Int(cz), max(from.z - 2, 0))
        let wx = Float(cx - Double(ix))
        let wy = Float(cy - Double(iy))
        let wz = Float(cz - Double(iz))
        let a = source + ((iy * from.x + ix) * from.z + iz)
        let (b, c, d) = (a + stepX, a + stepY, a + stepX + stepY)
        let (w00, w10) = ((1 - wx) * (1 - wy), wx * (1 - wy))
        let (w01, w11) = ((1 - wx) * wy, wx * wy)
        let low = (a[0] * w00 + b[0] * w10) + (c[0] * w01 + d[0] * w11)
        let high =
          (a[stepZ] * w00 + b[stepZ] * w10) + (c[stepZ] * w01 + d[stepZ] * w11)
        out[z] = low + wz * (high - low)
      }
    }
  }
}

/// The most frequent label among `samples` points in every target voxel.
private func vote(
  _ source: UnsafePointer<UInt16>, _ from: SIMD3<Int>, _ target: UnsafeMutablePointer<UInt16>,
  _ to: SIMD3<Int>, _ map: Affine, _ samples: SIMD3<Int>, _ outside: UInt16, _ workers: Workers
) {
  let count = samples.x * samples.y * samples.z
  /// Places of the points relative to the voxel's centre, in target voxels.
  var offsets: [SIMD3<Double>] = []
  for y in 0..<samples.y {
    for x in 0..<samples.x {
      for z in 0..<samples.z {
        offsets.append(
          (SIMD3(Double(x), Double(y), Double(z)) + 0.5) / SIMD3<Double>(samples) - 0.5)
      }
    }
  }
  let linear = Affine(columns: map.columns, translation: [0, 0, 0])
  let steps = offsets.map { linear.apply($0) }
  let step = map.columns.z
  let (width, height, depth) = (Double(from.x), Double(from.y), Double(from.z))
  nonisolated(unsafe) let source = source
  nonisolated(unsafe) let target = target
  workers.forEach(to.y) { y in
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: count) { votes in
      let votes = votes.baseAddress!
      steps.withUnsafeBufferPointer { steps in
        for x in 0..<to.x {
          let start = map.apply([Double(x), Double(y), 0])
          for z in 0..<to.z {
            let (px, py) = (start.x + step.x * Double(z), start.y + step.y * Double(z))
            let pz = start.z + step.z * Double(z)
            var areEqual = true
            for i in 0..<count {
              // Half up: a point on the face between two voxels belongs to the upper one. What is
              // not negative is truncated, as `rounded(.down)` would call the C library.
              let qx = px + steps[i].x + (0.5 + 1e-9)
              let qy = py + steps[i].y + (0.5 + 1e-9)
              let qz = pz + steps[i].z + (0.5 + 1e-9)
              if qx >= 0, qy >= 0, qz >= 0, qx < width, qy < height, qz < depth {
                votes[i] = source[(Int(qy) * from.x + Int(qx)) * from.z + Int(qz)]
              } else {
                votes[i] = outside
              }
              areEqual = areEqual && votes[i] == votes[0]
            }
            target[(y * to.x + x) * to.z + z] =
              areEqual ? votes[0] : winner(votes, count)
          }
        }
      }
    }
  }
}

/// The most frequent of the votes, the smallest of equals. Sorts them: there are few.
private func winner(_ votes: UnsafeMutablePointer<UInt16>, _ count: Int) -> UInt16 {
  for i in 1..<count {
    let vote = votes[i]
    var j = i
    while j > 0, votes[j - 1] > vote {
      votes[j] = votes[j - 1]
      j -= 1
    }
    votes[j] = vote
  }
  var (best, most, run) = (votes[0], 0, 0)
  for i in 0..<count {
    run = i > 0 && votes[i] == votes[i - 1] ? run + 1 : 1
    if run > most { (best, most) = (votes[i], run) }
  }
  return best
}
