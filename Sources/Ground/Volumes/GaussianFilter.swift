public import Support
extension Volume where Element == Float {
  /// The volume smoothed by a Gaussian of standard deviation `sigma`, mm along x, y and z.
  ///
  /// Separable; weights `exp(-(i step)^2 / (2 sigma^2))`, cut at 4 sigma and normalised to sum 1.
  /// Beyond the border the nearest voxel's value goes on. An axis with sigma 0 is left as it is.
  public func gaussianFiltered(sigma: SIMD3<Double>, workers: Workers) -> Volume<Float> {
    var result = self
    let (shape, spacing) = (grid.shape, grid.spacing)
    let row = shape.x * shape.z
    let weights = (0..<3).map { gaussianWeights(sigma: sigma[$0] / spacing[$0]) }
    result.values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer.baseAddress!
      if weights[2].count > 1 {
        weights[2].withUnsafeBufferPointer { weights in
          nonisolated(unsafe) let weights = weights
          workers.forEachRange(shape.x * shape.y, chunk: 256) { range in
            convolveColumns(base, columns: range, depth: shape.z, weights)
          }
        }
      }
      if weights[0].count > 1 {
        weights[0].withUnsafeBufferPointer { weights in
          nonisolated(unsafe) let weights = weights
          workers.forEach(shape.y) { y in
            convolveLines(
              base + y * row, lines: shape.z, count: shape.x, stride: shape.z, weights)
          }
        }
      }
      if weights[1].count > 1 {
        weights[1].withUnsafeBufferPointer { weights in
          nonisolated(unsafe) let weights = weights
          workers.forEachRange(row, chunk: 512) { range in
            convolveLines(
              base + range.lowerBound, lines: range.count, count: shape.y, stride: row, weights)
          }
        }
      }
    }
    return result
  }

  /// The volume smoothed by a Gaussian of the same standard deviation (mm) along every axis.
  public func gaussianFiltered(sigma: Double, workers: Workers) -> Volume<Float> {
    gaussianFiltered(sigma: [sigma, sigma, sigma], workers: workers)
  }
}

/// The weights at 0, 1, 2, ... voxels from the centre; `sigma` in voxels.
private func gaussianWeights(sigma: Double) -> [Float] {
  guard sigma > 0 else { return [1] }
  let radius = Int(4 * sigma + 0.5)
  let half = gaussianTaps(variance: sigma * sigma, radius: radius)
  let sum = 2 * half.reduce(0, +) - half[0]
  return half.map { Float($0 / sum) }
}

/// Convolution along z, in place: every column is copied with its ends repeated.
private func convolveColumns(
  _ base: UnsafeMutablePointer<Float>, columns: Range<Int>, depth: Int,
  _ weights: UnsafeBufferPointer<Float>
) {
  let radius = weights.count - 1
  withUnsafeTemporaryAllocation(of: Float.self, capacity: depth + 2 * radius) { padded in
    let padded = padded.baseAddress!
    for column in columns {
      let values = base + column * depth
      for i in 0..<radius {
        padded[i] = values[0]
        padded[radius + depth + i] = values[depth - 1]
      }
      (padded + radius).update(from: values, count: depth)
      let center = padded + radius
      for z in 0..<depth { values[z] = weights[0] * center[z] }
      for k in 1...radius {
        let weight = weights[k]
        for z in 0..<depth { values[z] += weight * (center[z - k] + center[z + k]) }
      }
    }
  }
}

/// Convolution along an axis across z, in place: element `i` of line `k` lies at
/// `base[k + i * stride]`; lines are taken 32 at a time, two cache lines of neighbours.
private func convolveLines(
  _ base: UnsafeMutablePointer<Float>, lines: Int, count: Int, stride: Int,
  _ weights: UnsafeBufferPointer<Float>
) {
  let radius = weights.count - 1
  let lanes = 32
  withUnsafeTemporaryAllocation(of: Float.self, capacity: lanes * (count + 2 * radius)) { block in
    withUnsafeTemporaryAllocation(of: Float.self, capacity: lanes) { sums in
      let (block, sums) = (block.baseAddress!, sums.baseAddress!)
      for first in Swift.stride(from: 0, to: lines, by: lanes) {
        let width = min(lanes, lines - first)
        for i in 0..<count + 2 * radius {
          let source = base + (first + min(max(i - radius, 0), count - 1) * stride)
          let row = block + i * lanes
          for k in 0..<width { row[k] = source[k] }
          for k in width..<lanes { row[k] = 0 }
        }
        for i in 0..<count {
          let center = block + (i + radius) * lanes
          for k in 0..<lanes { sums[k] = weights[0] * center[k] }
          for step in 1...radius {
            let weight = weights[step]
            let (before, after) = (center - step * lanes, center + step * lanes)
            for k in 0..<lanes { sums[k] += weight * (before[k] + after[k]) }
          }
          let target = base + (first + i * stride)
          for k in 0..<width { target[k] = sums[k] }
        }
      }
    }
  }
}
