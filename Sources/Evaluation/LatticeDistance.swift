import Volumes

/// The exact squared Euclidean distance transform of a set of lattice points.
///
/// Felzenszwalb and Huttenlocher, *Distance transforms of sampled functions* (Theory of Computing 8,
/// 2012): one axis after the other, each line the lower envelope of parabolas.
enum LatticeDistance {
  /// The squared distance in mm^2 of every lattice point to the nearest of `points` (offsets, z
  /// fastest); infinite where there is no point.
  static func squared(
    to points: [Int], shape: SIMD3<Int>, spacing: SIMD3<Double>, workers: Workers
  ) -> [Float] {
    var field = [Float](repeating: .infinity, count: shape.x * shape.y * shape.z)
    for point in points { field[point] = 0 }
    field.withUnsafeMutableBufferPointer { buffer in
      let field = Shared(buffer)
      let lines = Lines(field: field, shape: shape)
      // (count, stride) of the lines along z, x and y.
      lines.transform(axis: 2, spacing: spacing.z, workers: workers)
      lines.transform(axis: 0, spacing: spacing.x, workers: workers)
      lines.transform(axis: 1, spacing: spacing.y, workers: workers)
    }
    return field
  }

  private struct Lines: Sendable {
    let field: Shared<UnsafeMutableBufferPointer<Float>>
    let shape: SIMD3<Int>

    func transform(axis: Int, spacing: Double, workers: Workers) {
      let length = shape[axis]
      let stride = axis == 2 ? 1 : axis == 0 ? shape.z : shape.z * shape.x
      let outer = axis == 1 ? shape.x : shape.y
      let inner = axis == 2 ? shape.x : shape.z
      let innerStride = axis == 2 ? shape.z : 1
      let outerStride = axis == 1 ? shape.z : shape.x * shape.z
      workers.forEach(outer) { o in
        var line = [Double](repeating: 0, count: length)
        var vertex = [Int](repeating: 0, count: length)
        var bound = [Double](repeating: 0, count: length + 1)
        for i in 0..<inner {
          let base = field.value.baseAddress! + o * outerStride + i * innerStride
          for k in 0..<length { line[k] = Double(base[k * stride]) }
          var count = 0
          let square = spacing * spacing
          for k in 0..<length where line[k].isFinite {
            var start = -Double.infinity
            while count > 0 {
              let v = vertex[count - 1]
              start =
                (line[k] - line[v] + square * Double(k * k - v * v)) / (2 * square * Double(k - v))
              if start > bound[count - 1] { break }
              count -= 1
              start = -.infinity
            }
            vertex[count] = k
            bound[count] = start
            count += 1
          }
          if count == 0 { continue }
          var current = 0
          for k in 0..<length {
            while current + 1 < count && bound[current + 1] < Double(k) { current += 1 }
            let d = Double(k - vertex[current]) * spacing
            base[k * stride] = Float(line[vertex[current]] + d * d)
          }
        }
      }
    }
  }
}
