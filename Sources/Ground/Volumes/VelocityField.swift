import Support
/// Displacements on the nodes of a coarse grid about an origin: how far a smooth map moves a point.
///
/// Places and displacements in mm. Between nodes displacements are linear, beyond the outermost nodes
/// those of the edge go on.
struct DisplacementField: Sendable {
  /// Nodes along each axis; their middle is the origin.
  let shape: SIMD3<Int>
  /// Distance between nodes, mm.
  let step: Float
  /// One displacement a node; memory order as in `Grid`: z fastest, then x, then y.
  var values: [SIMD3<Float>]

  /// The node coordinates (0 at the first node) of a place.
  @inline(__always)
  func node(_ place: SIMD3<Float>) -> SIMD3<Float> {
    place / step + (SIMD3<Float>(shape) - 1) * 0.5
  }

  /// The displacement of a place.
  func callAsFunction(_ place: SIMD3<Float>) -> SIMD3<Float> {
    values.withUnsafeBufferPointer { sample($0.baseAddress!, node(place)) }
  }

  /// Trilinear interpolation at node coordinates.
  @inline(__always)
  fileprivate func sample(
    _ values: UnsafePointer<SIMD3<Float>>, _ node: SIMD3<Float>
  ) -> SIMD3<Float> {
    let n = pointwiseMin(pointwiseMax(node, .zero), SIMD3<Float>(shape &- 1))
    let (i, j, k) = (
      min(Int(n.x), shape.x - 2), min(Int(n.y), shape.y - 2), min(Int(n.z), shape.z - 2)
    )
    let (u, v, w) = (n.x - Float(i), n.y - Float(j), n.z - Float(k))
    let row = shape.x * shape.z
    let a = values + (j * row + i * shape.z + k)
    let b = a + shape.z
    let near = Self.blend(Self.blend(a[0], a[1], w), Self.blend(b[0], b[1], w), u)
    let (c, d) = (a + row, b + row)
    let far = Self.blend(Self.blend(c[0], c[1], w), Self.blend(d[0], d[1], w), u)
    return Self.blend(near, far, v)
  }

  @inline(__always)
  static func blend(_ a: SIMD3<Float>, _ b: SIMD3<Float>, _ t: Float) -> SIMD3<Float> {
    a + t * (b - a)
  }

  /// The displacement of doing this map twice: `u(p) + u(p + u(p))`.
  func doubled(workers: Workers) -> DisplacementField {
    var result = self
    let row = shape.x * shape.z
    values.withUnsafeBufferPointer { old in
      result.values.withUnsafeMutableBufferPointer { new in
        nonisolated(unsafe) let old = old.baseAddress!
        nonisolated(unsafe) let new = new.baseAddress!
        workers.forEach(shape.y) { y in
          for x in 0..<shape.x {
            for z in 0..<shape.z {
              let index = y * row + x * shape.z + z
              let u = old[index]
              let moved = SIMD3<Float>(Float(x), Float(y), Float(z)) + u / step
              new[index] = u + sample(old, moved)
            }
          }
        }
      }
    }
    return result
  }
}

/// A random stationary velocity field: smooth, and so is every flow along it.
///
/// White noise on a coarse grid, smoothed by a Gaussian of standard deviation `smoothness`. Following
/// it for a unit of time is a diffeomorphism: smooth, invertible (back along the same field), without
/// folds or tears (Arsigny et al., *A log-Euclidean framework for statistics on diffeomorphisms*, MICCAI
/// 2006).
struct VelocityField: Sendable {
  private let velocities: DisplacementField

  /// Nodes a standard deviation of the Gaussian: linear interpolation between them is wrong by less than
  /// 1 % of the field.
  private static let nodes = 4.0
  /// Halvings before the flow is followed: at 2^-6 of the way the field is straight.
  private static let halvings = 6

  /// Draws a field that covers a box.
  ///
  /// - Parameters:
  ///   - extent: the box about the origin, mm.
  ///   - smoothness: standard deviation of the Gaussian, mm.
  ///   - amplitude: root mean square length of the velocity, mm a unit of time.
  init(
    extent: SIMD3<Double>, smoothness: Double, amplitude: Double, stream: RandomStream,
    workers: Workers
  ) {
    let step = smoothness / Self.nodes
    var shape = SIMD3<Int>()
    for axis in 0..<3 {
      // Three standard deviations around: what the Gaussian does at its edges stays outside.
      shape[axis] = Int((extent[axis] / step).rounded(.up)) + 1 + 2 * Int(3 * Self.nodes)
    }
    let grid = Grid(shape: shape, spacing: [step, step, step])
    // Smoothing leaves white noise of variance 1 with (2 sqrt(pi) sigma)^-3, sigma in nodes.
    let left = power(2 * Double.pi.squareRoot() * Self.nodes, -1.5)
    // Uniform noise in -sqrt(3)...sqrt(3) has variance 1; sums of thousands of it are Gaussian. Three
    // components share the amplitude.
    let scale = Float(amplitude / 3.0.squareRoot() / left * 2 * 3.0.squareRoot())
    let components = ["x", "y", "z"].map { name in
      var stream = stream.split(name)
      var noise = Volume<Float>(grid: grid, repeating: 0)
      for index in noise.values.indices {
        noise.values[index] = (Float(stream.uniform()) - 0.5) * scale
      }
      return noise.gaussianFiltered(sigma: smoothness, workers: workers).values
    }
    velocities = DisplacementField(
      shape: shape, step: Float(step),
      values: components[0].indices.map {
        [components[0][$0], components[1][$0], components[2][$0]]
      })
  }

  /// How far points move that follow the field for `time`; negative times lead back.
  ///
  /// By scaling and squaring: a 64th of the way is a straight step, and is doubled six times.
  func flow(time: Double, workers: Workers) -> DisplacementField {
    var field = velocities
    let part = Float(time / Double(1 << Self.halvings))
    for index in field.values.indices { field.values[index] *= part }
    for _ in 0..<Self.halvings { field = field.doubled(workers: workers) }
    return field
  }
}
