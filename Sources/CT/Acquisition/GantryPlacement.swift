public import Support
public import Volumes

/// Where the voxels of a grid lie in the gantry frame.
///
/// The gantry's axis runs along the grid's z through the in-plane centre of a *reference grid* (the
/// one that is reconstructed); height 0 is that grid's first slice. The gantry frame's axes are the
/// grid's own: a tilted affine means a patient lying tilted, not a tilted gantry.
public struct GantryPlacement: Equatable, Sendable {
  /// Position of voxel (0, 0, 0), mm.
  public var first: SIMD3<Double>
  /// Distance between neighbouring voxels, mm.
  public var spacing: SIMD3<Double>

  /// Creates a placement from its values.
  public init(first: SIMD3<Double>, spacing: SIMD3<Double>) {
    self.first = first
    self.spacing = spacing
  }

  /// The placement of `grid` in the gantry frame of `reference`.
  ///
  /// - Throws: `MaskCTError` if the two grids' axes are not parallel.
  public init(of grid: Grid, reference: Grid) throws(MaskCTError) {
    let spacing = reference.spacing
    let toReference = reference.affine.inverse.composed(with: grid.affine)
    for axis in 0..<3 {
      var column = toReference.columns[axis] * spacing
      let along = column[axis]
      column[axis] = 0
      guard along > 0, (column * column).sum().squareRoot() < 1e-3 * along else {
        throw MaskCTError(
          .input, "the volume to scan and the grid to reconstruct are not parallel",
          remedy: "resample one onto the axes of the other")
      }
    }
    let origin = toReference.apply([0, 0, 0]) * spacing
    let middle = SIMD3<Double>(reference.shape &- 1) * spacing * 0.5
    first = origin - SIMD3(middle.x, middle.y, 0)
    self.spacing = grid.spacing
  }
}
