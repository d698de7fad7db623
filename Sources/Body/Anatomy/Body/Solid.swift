import Support
import Volumes

/// A superellipsoid: `(x/a)^n + (y/b)^n + (z/c)^n = 1` in its own rotated axes, n from 2 to 4.
struct Ellipsoid: Sendable {
  /// Centre, mm.
  var center: SIMD3<Float>
  /// Semi-axes, mm.
  var radii: SIMD3<Float>
  /// 0: an ellipsoid (n = 2); 1: close to a rounded box (n = 4).
  var squareness: Float = 0
  /// Rotation by yaw (about z), pitch (about x) and roll (about y), radians, applied in that order.
  var rotation: SIMD3<Double> = [0, 0, 0]

  /// The rows of the matrix that turns a direction into the body's own axes.
  var rows: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>) {
    let (a, b, c) = Rotation.axes(yaw: rotation.x, pitch: rotation.y, roll: rotation.z)
    return (SIMD3<Float>(a), SIMD3<Float>(b), SIMD3<Float>(c))
  }

  /// Half the extent along each axis of the canvas, mm.
  var reach: SIMD3<Float> {
    let (a, b, c) = rows
    var reach = SIMD3<Float>()
    for axis in 0..<3 {
      let terms = SIMD3(a[axis] * radii.x, b[axis] * radii.y, c[axis] * radii.z)
      // Exact for n = 2; a box's extent for the square ones.
      let round = (terms * terms).sum().squareRoot()
      let box = abs(terms.x) + abs(terms.y) + abs(terms.z)
      reach[axis] = round + squareness * (box - round)
    }
    return reach
  }
}

/// An organ: superellipsoids melted together, with others cut out of it, bent by a warp.
struct Solid: Sendable {
  /// What it is made of.
  var adds: [Ellipsoid]
  /// What is taken out of it.
  var cuts: [Ellipsoid] = []
  /// How far parts melt into one another, mm.
  var blend: Float = 8
  /// The rounding of the edges of cuts, mm.
  var cutBlend: Float = 5
  /// Its deformation.
  var warp: Warp = .none
}

/// The distance functions of a solid along a column, `z` running fastest.
///
/// Shapes: `px, py, pz, out` hold n places (mm) each. The value is about the distance to the surface
/// in mm, negative inside: `(|q| - 1) r` with `q` the place in units of the semi-axes and `r` their
/// geometric mean, which is enough for melting parts together.
private struct EllipsoidKernel {
  let c: SIMD3<Float>
  let a: SIMD3<Float>
  let b: SIMD3<Float>
  let d: SIMD3<Float>
  let squareness: Float
  let scale: Float

  init(_ e: Ellipsoid) {
    let (ra, rb, rc) = e.rows
    c = e.center
    a = ra / e.radii.x
    b = rb / e.radii.y
    d = rc / e.radii.z
    squareness = e.squareness
    scale = Float(power(Double(e.radii.x * e.radii.y * e.radii.z), 1.0 / 3.0))
  }

  func evaluate(
    _ n: Int, _ px: UnsafePointer<Float>, _ py: UnsafePointer<Float>, _ pz: UnsafePointer<Float>,
    _ out: UnsafeMutablePointer<Float>
  ) {
    let (cx, cy, cz) = (c.x, c.y, c.z)
    let (ax, ay, az) = (a.x, a.y, a.z)
    let (bx, by, bz) = (b.x, b.y, b.z)
    let (dx, dy, dz) = (d.x, d.y, d.z)
    let m = squareness
    let scale = scale
    for i in 0..<n {
      let x = px[i] - cx
      let y = py[i] - cy
      let z = pz[i] - cz
      let u = ax * x + ay * y + az * z
      let v = bx * x + by * y + bz * z
      let w = dx * x + dy * y + dz * z
      let uu = u * u
      let vv = v * v
      let ww = w * w
      let round = (uu + vv + ww).squareRoot()
      let square = (uu * uu + vv * vv + ww * ww).squareRoot().squareRoot()
      out[i] = (round + m * (square - round) - 1) * scale
    }
  }
}

extension Canvas {
  /// Paints a solid over the values that `onto` allows.
  ///
  /// - Parameters:
  ///   - floor: nothing is painted behind this y, mm.
  ///   - ceiling: for every column the highest place (mm) that may be painted.
  ///   - inset: how far inside its surface it is painted, mm (about: see `EllipsoidKernel`).
  mutating func paint(
    _ solid: Solid, as value: UInt8, onto: [Bool], floor: Float = -.infinity,
    ceiling: [Float]? = nil, inset: Float = 0
  ) {
    let pad = solid.warp.reach + solid.blend / 4
    var low = SIMD3<Float>(repeating: .infinity)
    var high = SIMD3<Float>(repeating: -.infinity)
    for part in solid.adds {
      low = pointwiseMin(low, part.center - part.reach - pad)
      high = pointwiseMax(high, part.center + part.reach + pad)
    }
    let xs = range(0, from: low.x, to: high.x)
    let ys = range(1, from: max(low.y, floor), to: high.y)
    let zs = range(2, from: low.z, to: high.z)
    if xs.isEmpty || ys.isEmpty || zs.isEmpty { return }
    let places = (0..<3).map { axis in
      [xs, ys, zs][axis].map { place(axis, $0) }
    }
    let warp = solid.warp
    let tables = [
      warp.table(0, places: places[1]), warp.table(1, places: places[2]),
      warp.table(2, places: places[0]), warp.table(3, places: places[2]),
      warp.table(4, places: places[0]), warp.table(5, places: places[1]),
    ]
    let adds = solid.adds.map(EllipsoidKernel.init)
    let cuts = solid.cuts.map(EllipsoidKernel.init)
    let (blend, cutBlend) = (max(solid.blend, 0.01), max(solid.cutBlend, 0.01))
    let n = zs.count
    let (nx, dz, z0) = (shape.x, spacing.z, origin.z)
    forEachColumn(x: xs, y: ys, z: zs) { x, y, column in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 5 * n) { scratch in
        let px = scratch.baseAddress!
        let py = px + n
        let pz = py + n
        let field = pz + n
        let other = field + n
        let i = x - xs.lowerBound
        let j = y - ys.lowerBound
        let (bx, by, bz) = (
          places[0][i] + tables[0][j], places[1][j] + tables[2][i], tables[4][i] + tables[5][j]
        )
        tables[1].withUnsafeBufferPointer { xz in
          tables[3].withUnsafeBufferPointer { yz in
            places[2].withUnsafeBufferPointer { z in
              for k in 0..<n {
                px[k] = bx + xz[k]
                py[k] = by + yz[k]
                pz[k] = bz + z[k]
              }
            }
          }
        }
        adds[0].evaluate(n, px, py, pz, field)
        for part in adds.dropFirst() {
          part.evaluate(n, px, py, pz, other)
          for k in 0..<n {
            // Polynomial smooth minimum: rounds the seam over `blend` mm.
            let h = max(blend - abs(field[k] - other[k]), 0)
            field[k] = min(field[k], other[k]) - h * h / (4 * blend)
          }
        }
        for part in cuts {
          part.evaluate(n, px, py, pz, other)
          for k in 0..<n {
            let h = max(cutBlend - abs(field[k] + other[k]), 0)
            field[k] = max(field[k], -other[k]) + h * h / (4 * cutBlend)
          }
        }
        var top = n
        if let ceiling {
          top = max(
            0, min(n, Int(((ceiling[y * nx + x] - z0) / dz).rounded(.down)) + 1 - zs.lowerBound))
        }
        for k in 0..<top where field[k] < -inset && onto[Int(column[k])] { column[k] = value }
      }
    }
  }
}
