#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

internal import Textures
import Volumes

/// A cylinder of texture along z; its cross-section is a superellipse, `|x/a|^n + |y/b|^n = 1`.
struct PaintedCylinder: Sendable {
  /// Centre in the plane, painting voxels.
  var center: SIMD2<Double>
  /// Half-axes along x and y, painting voxels.
  var radii: SIMD2<Double>
  /// The exponent n: 2 for an ellipse, more for a body with flatter sides.
  var exponent: Double
  var field: TextureField
  var match: HistogramMatch
  /// The painting voxel at the origin of the field.
  var origin: SIMD3<Int>

  /// How much of voxel column `(x, y)` lies inside, 0...1: an edge one voxel wide.
  func membership(_ x: Int, _ y: Int) -> Double {
    let u = abs(Double(x) - center.x) / radii.x
    let v = abs(Double(y) - center.y) / radii.y
    let rho = pow(pow(u, exponent) + pow(v, exponent), 1 / exponent)
    if rho < 0.5 { return 1 }
    // Distance to the edge to first order: (rho - 1) / |grad rho|.
    let gx = pow(u / rho, exponent - 1) / radii.x
    let gy = pow(v / rho, exponent - 1) / radii.y
    let distance = (rho - 1) / max((gx * gx + gy * gy).squareRoot(), 1e-12)
    return min(1, max(0, 0.5 - distance))
  }

  /// Fills rows of a painting grid.
  func paint(
    _ slab: UnsafeMutablePointer<Float>, rows: Range<Int>, grid: Grid, outside: Float
  ) {
    let height = grid.shape.z
    let z = -origin.z..<height - origin.z
    var columns = TextureColumns(field, z: z)
    for y in rows {
      for x in 0..<grid.shape.x {
        let out = slab + ((y - rows.lowerBound) * grid.shape.x + x) * height
        let inside = Float(membership(x, y))
        if inside == 0 {
          out.update(repeating: outside, count: height)
          continue
        }
        columns.fill(out, x: x - origin.x, y: y - origin.y)
        match.apply(UnsafeMutableBufferPointer(start: out, count: height))
        if inside < 1 {
          for k in 0..<height { out[k] = outside + inside * (out[k] - outside) }
        }
      }
    }
  }
}
