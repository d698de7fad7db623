internal import Kernels

extension mct_convex {
  /// A convex solid as rays see it that share their start and their path in the plane and rise differently.
  ///
  /// A ray is at `start + t (direction, slope)`. Put into the solid's quadric it makes `a t² + 2 b t + c`, where a is
  /// a polynomial of second and b one of first order in the slope, and c the same for all.
  ///
  /// - Parameters:
  ///   - direction: in the plane, of any length.
  ///   - planes: those of all solids so far; the solid's are appended.
  init(
    _ solid: ConvexSolid, start: SIMD3<Double>, direction: SIMD2<Double>,
    planes: inout [mct_plane]
  ) {
    let offset = start - solid.center
    let flat = SIMD3(direction.x, direction.y, 0)
    let image = solid.times(flat)
    let gradient = solid.times(offset) + solid.linear
    self.init(
      a: ((flat * image).sum(), 2 * image.z, solid.matrix.z.z),
      b: ((flat * gradient).sum(), gradient.z),
      c: (offset * (gradient + solid.linear)).sum() + solid.constant,
      first_plane: Int32(planes.count), plane_count: Int32(solid.planes.count))
    for plane in solid.planes {
      planes.append(
        mct_plane(
          rate: (plane.normal * flat).sum(), rise: plane.normal.z,
          room: plane.distance - (plane.normal * offset).sum()))
    }
  }
}

extension ConvexSolid {
  /// The part of a ray inside: distances t of the points `start + t direction`, in lengths of `direction`.
  public func intersection(
    start: SIMD3<Double>, direction: SIMD3<Double>
  ) -> (enter: Double, leave: Double)? {
    var planes: [mct_plane] = []
    var form = mct_convex(
      self, start: start, direction: [direction.x, direction.y], planes: &planes)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 24) {
      $0.initialize(repeating: direction.z)
      let lane = $0.baseAddress!
      kernels.intersect(&form, planes, lane, 1, lane + 8, lane + 16)
      return lane[8] < lane[16] ? (lane[8], lane[16]) : nil
    }
  }
}
