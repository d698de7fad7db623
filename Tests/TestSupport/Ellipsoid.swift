public import Volumes

/// An ellipsoid of one attenuation, with exact line integrals and an anti-aliased voxel twin.
public struct Ellipsoid: Sendable {
  /// Centre, mm.
  public var center: SIMD3<Double>
  /// Half axes, mm.
  public var radii: SIMD3<Double>
  /// What it adds to the volume inside.
  public var value: Double

  /// Creates an ellipsoid with axes along x, y and z.
  public init(center: SIMD3<Double>, radii: SIMD3<Double>, value: Double) {
    self.center = center
    self.radii = radii
    self.value = value
  }

  /// The integral of `value` along the infinite line through `point` in `direction` (any length).
  public func lineIntegral(point: SIMD3<Double>, direction: SIMD3<Double>) -> Double {
    let length = (direction * direction).sum().squareRoot()
    let o = (point - center) / radii
    let d = direction / (radii * length)
    let (a, b, c) = ((d * d).sum(), (o * d).sum(), (o * o).sum() - 1)
    let discriminant = b * b - a * c
    return discriminant > 0 ? value * 2 * discriminant.squareRoot() / a : 0
  }

  /// Samples the sum of ellipsoids, `samples`³ points a voxel, in mm relative to `origin` of voxel 0.
  public static func sampled(
    _ bodies: [Ellipsoid], shape: SIMD3<Int>, spacing: SIMD3<Double>, first: SIMD3<Double>,
    samples: Int = 4, background: Float = 0
  ) -> Volume<Float> {
    let grid = Grid(shape: shape, affine: Affine(columns: .diagonal(spacing), translation: first))
    var volume = Volume<Float>(grid: grid, repeating: background)
    let offsets = (0..<samples).map { ((Double($0) + 0.5) / Double(samples) - 0.5) }
    for body in bodies {
      let low = (body.center - body.radii - first) / spacing
      let high = (body.center + body.radii - first) / spacing
      for y in max(0, Int(low.y) - 1)...min(shape.y - 1, max(0, Int(high.y) + 2)) {
        for x in max(0, Int(low.x) - 1)...min(shape.x - 1, max(0, Int(high.x) + 2)) {
          for z in max(0, Int(low.z) - 1)...min(shape.z - 1, max(0, Int(high.z) + 2)) {
            let middle = first + SIMD3(Double(x), Double(y), Double(z)) * spacing
            let distance = (middle - body.center) / body.radii
            let norm = (distance * distance).sum().squareRoot()
            let slack = (spacing / body.radii).max()
            var share = 0.0
            if norm < 1 - slack {
              share = 1
            } else if norm < 1 + slack {
              var hits = 0
              for dy in offsets {
                for dx in offsets {
                  for dz in offsets {
                    let q = (middle + SIMD3(dx, dy, dz) * spacing - body.center) / body.radii
                    if (q * q).sum() < 1 { hits += 1 }
                  }
                }
              }
              share = Double(hits) / Double(samples * samples * samples)
            }
            volume[x, y, z] += Float(share * body.value)
          }
        }
      }
    }
    return volume
  }
}
