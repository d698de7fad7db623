public import Volumes

/// A convex solid in any orientation: a quadric cut by planes.
///
///     ConvexSolid.ellipsoid(center: [91, 0, 0], radii: [42, 18, 18]).clipped(along: [1, 0, 0], below: 91)
///
/// With q the place of a point relative to `center`, the point lies inside where
///
///     q A q + 2 b q + c < 0        and        n q < d for every plane
///
/// A is symmetric. Lengths in mm.
public struct ConvexSolid: Equatable, Sendable {
  /// A half-space `n q < d`.
  struct Plane: Equatable, Sendable {
    /// n, of length 1.
    var normal: SIMD3<Double>
    /// d, mm.
    var distance: Double
  }

  /// What the form is relative to: the middle of the uncut solid, mm.
  public private(set) var center: SIMD3<Double>
  /// Half of the box about `center`, with edges along the axes, that holds the solid, mm.
  public let halfWidths: SIMD3<Double>
  /// A, by columns.
  let matrix: Affine.Columns
  /// b.
  let linear: SIMD3<Double>
  /// c.
  let constant: Double
  /// The least and the greatest eigenvalue of A.
  let curvature: ClosedRange<Double>
  private(set) var planes: [Plane]

  /// The solid whose matrix has these eigenvalues along its axes, and `b = linear` along the third.
  private init(
    center: SIMD3<Double>, axes: Affine.Columns, eigenvalues: SIMD3<Double>, linear: Double = 0,
    constant: Double, radii: SIMD3<Double>, ends: Double?
  ) {
    for axis in 0..<3 {
      let next = axes[(axis + 1) % 3]
      precondition(
        abs((axes[axis] * axes[axis]).sum() - 1) < 1e-9 && abs((axes[axis] * next).sum()) < 1e-9,
        "axes are of length 1 and at right angles to each other")
    }
    func column(_ axis: Int) -> SIMD3<Double> {
      axes.x * (eigenvalues.x * axes.x[axis]) + axes.y * (eigenvalues.y * axes.y[axis])
        + axes.z * (eigenvalues.z * axes.z[axis])
    }
    self.center = center
    matrix = .init(x: column(0), y: column(1), z: column(2))
    self.linear = axes.z * linear
    self.constant = constant
    curvature = eigenvalues.min()...eigenvalues.max()
    // An ellipse reaches as far along a direction as the root of the sum of its axes' squares does.
    let squares =
      axes.x * axes.x * (radii.x * radii.x) + axes.y * axes.y * (radii.y * radii.y)
      + axes.z * axes.z * (radii.z * radii.z)
    let round = squares.squareRoot()
    if let ends {
      halfWidths = round + (axes.z * axes.z).squareRoot() * ends
      planes = [
        Plane(normal: axes.z, distance: ends), Plane(normal: -axes.z, distance: ends),
      ]
    } else {
      halfWidths = round
      planes = []
    }
  }

  /// An ellipsoid.
  ///
  /// - Parameters:
  ///   - radii: half axes, all above 0.
  ///   - axes: their directions, of length 1 and at right angles to each other.
  public static func ellipsoid(
    center: SIMD3<Double>, radii: SIMD3<Double>, axes: Affine.Columns = .diagonal([1, 1, 1])
  ) -> ConvexSolid {
    precondition(radii.min() > 0, "half axes are above 0")
    return ConvexSolid(
      center: center, axes: axes, eigenvalues: 1 / (radii * radii), constant: -1, radii: radii,
      ends: nil)
  }

  /// A ball.
  public static func ball(center: SIMD3<Double>, radius: Double) -> ConvexSolid {
    ellipsoid(center: center, radii: [radius, radius, radius])
  }

  /// A cylinder with an ellipse for its base and flat ends.
  ///
  /// - Parameters:
  ///   - center: half-way between the ends.
  ///   - radii: half axes of the ellipse, along the first and the second of `axes`.
  ///   - length: from end to end.
  ///   - axes: the third is the cylinder's; all of length 1 and at right angles to each other.
  public static func ellipticCylinder(
    center: SIMD3<Double>, radii: SIMD2<Double>, length: Double,
    axes: Affine.Columns = .diagonal([1, 1, 1])
  ) -> ConvexSolid {
    precondition(radii.min() > 0 && length > 0, "half axes and length are above 0")
    let inverse = 1 / (radii * radii)
    return ConvexSolid(
      center: center, axes: axes, eigenvalues: [inverse.x, inverse.y, 0], constant: -1,
      radii: [radii.x, radii.y, 0], ends: length / 2)
  }

  /// A round cone with flat ends.
  ///
  /// With h the height along the axis above `center` and m the mean of the radii, its radius is `m + k h`, so that
  /// the squared distance from the axis less `(m + k h)²` is the quadric.
  ///
  /// - Parameters:
  ///   - center: half-way between the ends.
  ///   - radii: at the lower and at the upper end; none below 0, and one above.
  ///   - length: from end to end.
  ///   - axes: the third is the cone's, towards its upper end; all of length 1 and at right angles to each other.
  public static func cone(
    center: SIMD3<Double>, radii: SIMD2<Double>, length: Double,
    axes: Affine.Columns = .diagonal([1, 1, 1])
  ) -> ConvexSolid {
    precondition(
      radii.min() >= 0 && radii.max() > 0 && length > 0, "a cone has a radius and a length")
    let mean = (radii.x + radii.y) / 2
    let slope = (radii.y - radii.x) / length
    return ConvexSolid(
      center: center, axes: axes, eigenvalues: [1, 1, -slope * slope], linear: -mean * slope,
      constant: -mean * mean, radii: [radii.max(), radii.max(), 0], ends: length / 2)
  }

  /// What of the solid lies below a plane: where `normal` times the place is less than `limit`.
  ///
  /// - Parameters:
  ///   - normal: a direction of any length.
  ///   - limit: in mm for a normal of length 1.
  public func clipped(along normal: SIMD3<Double>, below limit: Double) -> ConvexSolid {
    let length = (normal * normal).sum().squareRoot()
    var clipped = self
    clipped.planes.append(
      Plane(normal: normal / length, distance: (limit - (normal * center).sum()) / length))
    return clipped
  }

  /// The solid at another place.
  public func moved(by offset: SIMD3<Double>) -> ConvexSolid {
    var moved = self
    moved.center += offset
    return moved
  }

  /// Whether a point lies inside.
  public func contains(_ point: SIMD3<Double>) -> Bool {
    let q = point - center
    guard abs(q.x) <= halfWidths.x, abs(q.y) <= halfWidths.y, abs(q.z) <= halfWidths.z else {
      return false
    }
    return (q * (times(q) + 2 * linear)).sum() + constant < 0
      && planes.allSatisfy { ($0.normal * q).sum() < $0.distance }
  }

  /// `A q`.
  func times(_ q: SIMD3<Double>) -> SIMD3<Double> {
    matrix.x * q.x + matrix.y * q.y + matrix.z * q.z
  }

  /// Where the ball of radius `margin` about a point lies.
  ///
  /// With g half of the quadric's gradient, a step of length s changes it by `2 s |g|` at most, and by s² times
  /// something between the eigenvalues.
  func side(of point: SIMD3<Double>, margin: Double) -> Side {
    let q = point - center
    let reach = halfWidths + margin
    guard abs(q.x) <= reach.x, abs(q.y) <= reach.y, abs(q.z) <= reach.z else { return .outside }
    let gradient = times(q) + linear
    let value = (q * (gradient + linear)).sum() + constant
    let slope = (gradient * gradient).sum().squareRoot()
    let (least, greatest) = (curvature.lowerBound, curvature.upperBound)
    // The step after which the least possible value rises again.
    let step = least > 0 ? min(margin, slope / least) : margin
    let depth = planes.map { $0.distance - ($0.normal * q).sum() }.min() ?? .infinity
    if depth < -margin || value - 2 * slope * step + least * step * step > 0 { return .outside }
    if depth > margin && value + 2 * slope * margin + greatest * margin * margin < 0 {
      return .inside
    }
    return .edge
  }
}
