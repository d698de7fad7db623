/// A regular grid of voxels in the patient frame: shape (counts), spacing (mm) and affine.
///
/// Index axes are `x` towards the patient's right, `y` towards anterior and `z` towards superior:
/// every grid inside MaskCT is RAS+ ("closest canonical"), so a liver lies at high `x` and a spine at
/// low `y`; readers bring files of any orientation to it and writers bring them back.
///
/// Memory order is **z fastest, then x, then y**: voxel `(x, y, z)` lies at
/// `(y * shape.x + x) * shape.z + z`. One `(x, y)` *column* is contiguous, because the scanner's
/// rows, the projector and the back-projector all run along z.
public struct Grid: Equatable, Sendable, Codable {
  /// Number of voxels along x, y and z.
  public var shape: SIMD3<Int>
  /// Voxel index (continuous, voxel centres at integers) to patient coordinates, RAS+ mm.
  public var affine: Affine

  /// Creates a grid from its shape and the affine of its voxel centres.
  public init(shape: SIMD3<Int>, affine: Affine) {
    precondition(shape.x > 0 && shape.y > 0 && shape.z > 0, "a grid has at least one voxel an axis")
    self.shape = shape
    self.affine = affine
  }

  /// Creates an axis-aligned grid with the given spacing (mm), centred on `center` (RAS mm).
  public init(shape: SIMD3<Int>, spacing: SIMD3<Double>, center: SIMD3<Double> = [0, 0, 0]) {
    let half = SIMD3<Double>(shape &- 1) * 0.5
    self.init(
      shape: shape,
      affine: Affine(columns: .diagonal(spacing), translation: center - half * spacing))
  }

  /// Distance in mm between neighbouring voxel centres along x, y and z.
  public var spacing: SIMD3<Double> { affine.columnLengths }

  /// Number of voxels.
  public var count: Int { shape.x * shape.y * shape.z }

  /// Number of `(x, y)` columns.
  public var columns: Int { shape.x * shape.y }

  /// Physical extent in mm, `shape * spacing`.
  public var extent: SIMD3<Double> { SIMD3<Double>(shape) * spacing }

  /// Offset of voxel `(x, y, z)` in memory: `(y * shape.x + x) * shape.z + z`.
  @inlinable
  public func offset(_ x: Int, _ y: Int, _ z: Int) -> Int { (y * shape.x + x) * shape.z + z }

  /// Whether the voxel index lies inside the grid.
  @inlinable
  public func contains(_ x: Int, _ y: Int, _ z: Int) -> Bool {
    x >= 0 && y >= 0 && z >= 0 && x < shape.x && y < shape.y && z < shape.z
  }

  /// The same shape and, within `tolerance` mm at every corner, the same place.
  public func matches(_ other: Grid, tolerance: Double = 1e-2) -> Bool {
    guard shape == other.shape else { return false }
    let last = SIMD3<Double>(shape &- 1)
    for corner in 0..<8 {
      let index = SIMD3<Double>(
        corner & 1 == 0 ? 0 : last.x, corner & 2 == 0 ? 0 : last.y, corner & 4 == 0 ? 0 : last.z)
      let gap = affine.apply(index) - other.affine.apply(index)
      if (gap * gap).sum().squareRoot() > tolerance { return false }
    }
    return true
  }

  /// The grid that covers the same box with another spacing (mm).
  ///
  /// Voxel edges of the first voxel coincide; the shape is rounded so that the extents differ by
  /// at most half a voxel an axis.
  public func resampled(spacing target: SIMD3<Double>) -> Grid {
    let ratio = target / spacing
    var shape = SIMD3<Int>()
    for axis in 0..<3 {
      shape[axis] = max(1, Int((Double(self.shape[axis]) / ratio[axis]).rounded()))
    }
    let first = (ratio - 1) * 0.5
    return Grid(shape: shape, affine: affine.scaled(by: ratio).translated(to: affine.apply(first)))
  }

  /// The grid with `before` and `after` voxels added along each axis (negative values crop).
  public func padded(before: SIMD3<Int>, after: SIMD3<Int>) -> Grid {
    Grid(
      shape: shape &+ before &+ after,
      affine: affine.translated(to: affine.apply(SIMD3<Double>(before) * -1)))
  }
}

extension Grid: CustomStringConvertible {
  /// `512 x 512 x 179 of 0.70 x 0.70 x 1.00 mm`.
  public var description: String {
    "\(shape.x) x \(shape.y) x \(shape.z) of \(format(spacing.x)) x \(format(spacing.y)) x \(format(spacing.z)) mm"
  }

  private func format(_ value: Double) -> String {
    guard abs(value) < 1e12 else { return "\(value)" }
    let hundredths = Int((value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
