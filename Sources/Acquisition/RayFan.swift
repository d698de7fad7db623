import Volumes

/// A convex solid as rays see it that share their start and their path in the plane and rise differently.
///
/// A ray is at `start + t (direction, slope)`. Put into the solid's quadric it makes `a t² + 2 b t + c`, where a is
/// a polynomial of second and b one of first order in the slope, and c the same for all.
struct RayFan {
  private let a: SIMD3<Double>
  private let b: SIMD2<Double>
  private let c: Double
  /// Of every plane: `(rate + rise * slope) t < room`.
  private let planes: [(rate: Double, rise: Double, room: Double)]

  /// - Parameter direction: in the plane, of any length.
  init(_ solid: ConvexSolid, start: SIMD3<Double>, direction: SIMD2<Double>) {
    let offset = start - solid.center
    let flat = SIMD3(direction.x, direction.y, 0)
    let image = solid.times(flat)
    let gradient = solid.times(offset) + solid.linear
    a = [(flat * image).sum(), 2 * image.z, solid.matrix.z.z]
    b = [(flat * gradient).sum(), gradient.z]
    c = (offset * (gradient + solid.linear)).sum() + solid.constant
    planes = solid.planes.map {
      (($0.normal * flat).sum(), $0.normal.z, $0.distance - ($0.normal * offset).sum())
    }
  }

  /// The part of a ray inside, as distances t.
  func intersection(slope: Double) -> (enter: Double, leave: Double)? {
    var (enter, leave) = (-Double.infinity, Double.infinity)
    for plane in planes {
      let rate = plane.rate + plane.rise * slope
      if rate > 0 {
        leave = min(leave, plane.room / rate)
      } else if rate < 0 {
        enter = max(enter, plane.room / rate)
      } else if plane.room <= 0 {
        return nil
      }
    }
    let a = a.x + slope * (a.y + slope * a.z)
    let b = b.x + slope * b.y
    let discriminant = b * b - a * c
    if discriminant > 0 {
      // Both roots without a difference of equals.
      let sum = -(b + (b < 0 ? -1 : 1) * discriminant.squareRoot())
      let (one, other) = (sum / a, c / sum)
      let (first, second) = (min(one, other), max(one, other))
      if a >= 0 {
        enter = max(enter, first)
        leave = min(leave, second)
      } else if enter < first {
        // Steeper than a cone, the ray is inside before the first root and beyond the second one, which is in the
        // part of the cone that the planes have cut off.
        leave = min(leave, first)
      } else {
        enter = max(enter, second)
      }
    } else if c >= 0 {
      return nil
    }
    return enter < leave ? (enter, leave) : nil
  }
}
