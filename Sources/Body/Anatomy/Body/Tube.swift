/// A round cone between two balls; chains of them make vessels, ribs, bowel and muscles.
struct Capsule: Sendable {
  var a: SIMD3<Float>
  var b: SIMD3<Float>
  var radiusA: Float
  var radiusB: Float
}

/// A chain of capsules through points, with the radius at each point.
struct Tube: Sendable {
  var points: [SIMD3<Float>]
  var radii: [Float]
  /// How much taller along z than wide the cross-section is.
  var stretch: Float = 1

  /// The chain through control points, rounded by a Catmull-Rom spline of about `step` mm.
  static func smooth(
    _ points: [SIMD3<Float>], _ radii: [Float], step: Float = 6, stretch: Float = 1
  )
    -> Tube
  {
    var fine: [SIMD3<Float>] = []
    var width: [Float] = []
    for i in 0..<max(points.count - 1, 0) {
      let p0 = points[max(i - 1, 0)]
      let (p1, p2) = (points[i], points[i + 1])
      let p3 = points[min(i + 2, points.count - 1)]
      let d = p2 - p1
      let count = max(1, Int(((d * d).sum().squareRoot() / step).rounded(.up)))
      for k in 0..<count {
        let t = Float(k) / Float(count)
        let a = 2 * p1 + (p2 - p0) * t
        let b = (2 * p0 - 5 * p1 + 4 * p2 - p3) * (t * t)
        let c = (3 * p1 - p0 - 3 * p2 + p3) * (t * t * t)
        fine.append((a + b + c) * 0.5)
        width.append(radii[i] + (radii[i + 1] - radii[i]) * t)
      }
    }
    if let last = points.last {
      fine.append(last)
      width.append(radii[radii.count - 1])
    }
    return Tube(points: fine, radii: width, stretch: stretch)
  }
}

extension Canvas {
  /// Paints a tube over the values that `onto` allows.
  ///
  /// - Parameter floor: a plane of constant y (mm) below which nothing is painted: the surface of a
  ///   fluid level with gas above it, as the patient lies on the back.
  mutating func paint(
    _ tube: Tube, as value: UInt8, onto: [Bool], floor: Float = -.infinity, ceiling: [Float]? = nil
  ) {
    if tube.points.count == 1 {
      paint(
        tube.points[0], tube.points[0], tube.radii[0], tube.radii[0], tube.stretch, value, onto,
        floor, ceiling)
    }
    for i in 0..<max(tube.points.count - 1, 0) {
      paint(
        tube.points[i], tube.points[i + 1], tube.radii[i], tube.radii[i + 1], tube.stretch, value,
        onto, floor, ceiling)
    }
  }

  private mutating func paint(
    _ a: SIMD3<Float>, _ b: SIMD3<Float>, _ ra: Float, _ rb: Float, _ stretch: Float,
    _ value: UInt8, _ onto: [Bool], _ floor: Float, _ ceiling: [Float]?
  ) {
    let reach = max(ra, rb)
    let low = pointwiseMin(a, b) - SIMD3(reach, reach, reach * stretch)
    let high = pointwiseMax(a, b) + SIMD3(reach, reach, reach * stretch)
    let xs = range(0, from: low.x, to: high.x)
    let ys = range(1, from: max(low.y, floor), to: high.y)
    let zs = range(2, from: low.z, to: high.z)
    // Distances are measured in a space where z is shrunk by `stretch`.
    let squeeze = 1 / stretch
    let d = SIMD3(b.x - a.x, b.y - a.y, (b.z - a.z) * squeeze)
    let length = max((d * d).sum(), 1e-6)
    let (ox, oy, oz) = (origin.x, origin.y, origin.z)
    let (sx, sy, sz) = (spacing.x, spacing.y, spacing.z)
    let nx = shape.x
    forEachColumn(x: xs, y: ys, z: zs) { x, y, column in
      let px = ox + sx * Float(x) - a.x
      let py = oy + sy * Float(y) - a.y
      let along = px * d.x + py * d.y
      let top = ceiling.map { $0[y * nx + x] } ?? .infinity
      for k in 0..<zs.count {
        let z = oz + sz * Float(zs.lowerBound + k)
        let pz = (z - a.z) * squeeze
        let t = min(max((along + pz * d.z) / length, 0), 1)
        let (ex, ey, ez) = (px - t * d.x, py - t * d.y, pz - t * d.z)
        let r = ra + (rb - ra) * t
        if ex * ex + ey * ey + ez * ez < r * r, z <= top, onto[Int(column[k])] { column[k] = value }
      }
    }
  }
}
