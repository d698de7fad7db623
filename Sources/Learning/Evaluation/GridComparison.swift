import Volumes

extension Grid {
  /// Whether two label maps may be compared voxel by voxel: the same shape, and every corner within
  /// a tenth of the smallest spacing.
  ///
  /// Less than `matches` asks for, because files written by different programs round spacing and
  /// origin differently, and 0.01 mm off over 512 voxels does not move a label.
  func isSameGrid(as other: Grid) -> Bool {
    matches(other, tolerance: 0.1 * min(spacing.min(), other.spacing.min()))
  }

  /// In what two grids differ, for a person: shape, spacing, or place.
  func difference(from other: Grid) -> String {
    if shape != other.shape {
      return "\(shape.x) x \(shape.y) x \(shape.z) instead of "
        + "\(other.shape.x) x \(other.shape.y) x \(other.shape.z) voxels"
    }
    if description != other.description { return "\(self) instead of \(other)" }
    let gap = affine.apply([0, 0, 0]) - other.affine.apply([0, 0, 0])
    let distance = (gap * gap).sum().squareRoot()
    return distance < 0.05
      ? "turned against it" : "first voxel \(fixed(distance, digits: 1)) mm away"
  }

  /// Whether the bounding boxes of two grids share space.
  func overlaps(_ other: Grid) -> Bool {
    let (a, b) = (bounds, other.bounds)
    return (0..<3).allSatisfy { a.lower[$0] < b.upper[$0] && b.lower[$0] < a.upper[$0] }
  }

  /// The box around all voxels, RAS mm.
  private var bounds: (lower: SIMD3<Double>, upper: SIMD3<Double>) {
    var lower = SIMD3<Double>(repeating: .infinity)
    var upper = -lower
    for corner in 0..<8 {
      let index = SIMD3<Double>(
        corner & 1 == 0 ? -0.5 : Double(shape.x) - 0.5,
        corner & 2 == 0 ? -0.5 : Double(shape.y) - 0.5,
        corner & 4 == 0 ? -0.5 : Double(shape.z) - 0.5)
      let point = affine.apply(index)
      lower = pointwiseMin(lower, point)
      upper = pointwiseMax(upper, point)
    }
    return (lower, upper)
  }
}
