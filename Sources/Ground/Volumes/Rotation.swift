import Support

/// Rotations from three angles, in the two orders that are used.
public enum Rotation {
  /// A turn about x, then y, then z: right-handed, angles in radians.
  public static func aboutXYZ(_ angles: SIMD3<Double>) -> Affine {
    var turn = Affine.identity
    for (axis, (i, j)) in [(1, 2), (2, 0), (0, 1)].enumerated() {
      let (c, s) = (cosine(angles[axis]), sine(angles[axis]))
      var step = Affine.identity
      step.columns[i][i] = c
      step.columns[i][j] = s
      step.columns[j][i] = -s
      step.columns[j][j] = c
      turn = step.composed(with: turn)
    }
    return turn
  }

  /// The axes of a body that is turned by yaw (about z), pitch (about x) and roll (about y), radians: the columns
  /// of `Rz Rx Ry`.
  public static func axes(
    yaw: Double, pitch: Double, roll: Double
  ) -> (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>) {
    let (cz, sz) = (cosine(yaw), sine(yaw))
    let (cx, sx) = (cosine(pitch), sine(pitch))
    let (cy, sy) = (cosine(roll), sine(roll))
    return (
      [cz * cy - sz * sx * sy, sz * cy + cz * sx * sy, -cx * sy],
      [-sz * cx, cz * cx, sx],
      [cz * sy + sz * sx * cy, sz * sy - cz * sx * cy, cx * cy]
    )
  }
}
