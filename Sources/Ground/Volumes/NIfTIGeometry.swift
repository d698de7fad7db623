import Support
// What a NIfTI header says about the place of its voxels, checked on the way in and computed on the
// way out. The rules are those of nifti1.h: the matrix (sform) is preferred to the quaternion
// (qform), which is preferred to bare spacings.

extension NIfTIHeader {
  /// The counts along the file's three axes.
  ///
  /// - Throws: `MaskCTError` of kind `.input` for counts that are no 2D or 3D volume.
  func shape(path: String) throws -> SIMD3<Int> {
    let remedy = "export the file again"
    guard (2...7).contains(dim[0]) else {
      throw MaskCTError(
        .input, path: path, "has \(dim[0]) axes in its NIfTI header, not 2 or 3", remedy: remedy)
    }
    for axis in 1...dim[0] where dim[axis] < 1 {
      throw MaskCTError(
        .input, path: path, "has a count of \(dim[axis]) along axis \(axis)", remedy: remedy)
    }
    let frames = dim[0] > 3 ? dim[4...dim[0]].max() ?? 1 : 1
    if frames > 1 {
      throw MaskCTError(
        .input, path: path, "holds \(frames) frames, not one volume",
        remedy: "save the frame you want as a 3D file")
    }
    return [dim[1], dim[2], dim[0] > 2 ? dim[3] : 1]
  }

  /// How the voxels are stored.
  ///
  /// - Throws: `MaskCTError` of kind `.input` for types that are not one real number a voxel.
  func voxelType(path: String) throws -> VoxelType {
    if let type = VoxelType(niftiCode: datatype) { return type }
    let names = [
      1: "1-bit", 32: "complex", 128: "RGB colour", 1536: "128-bit float", 1792: "complex",
      2048: "complex", 2304: "RGBA colour",
    ]
    let name = names[datatype].map { "\($0) voxels" } ?? "voxels of unknown type \(datatype)"
    throw MaskCTError(
      .input, path: path, "holds \(name), not one real number a voxel",
      remedy: "convert it to int16 or float32")
  }

  /// Factor and summand of the stored values; nil where they are to be taken as they are.
  ///
  /// - Throws: `MaskCTError` of kind `.input` for a slope without a summand.
  func scaling(path: String) throws -> (slope: Double, intercept: Double)? {
    if slope == 0 || slope.isNaN || (slope == 1 && intercept == 0) { return nil }
    guard slope.isFinite, intercept.isFinite else {
      throw MaskCTError(
        .input, path: path, "has scl_slope \(slope) and scl_inter \(intercept)",
        remedy: "set them to 1 and 0 or to what was meant")
    }
    return (slope, intercept)
  }

  /// File voxel index to RAS mm.
  ///
  /// - Throws: `MaskCTError` of kind `.input` for numbers that are not finite or a map that squeezes
  ///   the volume flat.
  func affine(path: String) throws -> Affine {
    var affine =
      sformCode > 0
      ? sform
      : qformCode > 0
        ? try qform(path: path)
        : Affine(
          columns: .diagonal(spacings), translation: [0, 0, 0])
    // A single slice may leave its third axis empty.
    if dim[0] == 2 || dim[3] == 1, affine.columns.z == [0, 0, 0] {
      let normal = cross(affine.columns.x, affine.columns.y)
      let length = (normal * normal).sum().squareRoot()
      if length > 0 { affine.columns.z = normal / length }
    }
    affine = Affine(
      columns: affine.scaled(by: .init(repeating: millimetres)).columns,
      translation: affine.translation * millimetres)
    for axis in 1...min(dim[0], 3) where !pixdim[axis].isFinite {
      throw MaskCTError(
        .input, path: path, "has a spacing (pixdim) of \(pixdim[axis]) along axis \(axis)",
        remedy: "set the spacing, for example in 3D Slicer, and save it again")
    }
    let numbers = (0..<3).flatMap { axis in (0..<3).map { affine.columns[axis][$0] } }
    let isFinite = (numbers + (0..<3).map { affine.translation[$0] }).allSatisfy(\.isFinite)
    let lengths = affine.columnLengths
    // Below a millionth of the box that the three steps could span, the axes lie in one plane.
    let isFlat = !(abs(affine.determinant) > 1e-6 * lengths.x * lengths.y * lengths.z)
    guard isFinite, !isFlat else {
      let source = sformCode > 0 ? "sform" : qformCode > 0 ? "qform" : "pixdim"
      throw MaskCTError(
        .input, path: path,
        isFinite
          ? "has an affine (\(source)) that cannot be inverted"
          : "has an affine (\(source)) that is not finite",
        remedy: "set spacing and orientation, for example in 3D Slicer, and save it again")
    }
    // No CT has voxels below a tenth of a micrometre or above a metre, or lies kilometres away.
    let isPlausible =
      min(lengths.x, lengths.y, lengths.z) >= 1e-4 && max(lengths.x, lengths.y, lengths.z) <= 1e3
      && (0..<3).allSatisfy { abs(affine.translation[$0]) <= 1e6 }
    guard isPlausible else {
      throw MaskCTError(
        .input, path: path,
        "has voxels of \(lengths.x) x \(lengths.y) x \(lengths.z) mm at \(affine.translation.x), "
          + "\(affine.translation.y), \(affine.translation.z) mm, which cannot be",
        remedy: "set spacing and origin, for example in 3D Slicer, and save it again")
    }
    return affine
  }

  /// Sets counts, spacings and affine; NIfTI-2 where a count exceeds what NIfTI-1 can hold.
  mutating func setGeometry(shape: SIMD3<Int>, affine: Affine) {
    if max(shape.x, shape.y, shape.z) > Int(Int16.max) { version = 2 }
    dim = [3, shape.x, shape.y, shape.z, 1, 1, 1, 1]
    units = 2
    let lengths = affine.columnLengths
    pixdim = [1, lengths.x, lengths.y, lengths.z, 1, 1, 1, 1]
    if sformCode <= 0, qformCode <= 0 { (sformCode, qformCode) = (1, 1) }
    if let (quaternion, qfac) = Self.quaternion(of: affine) {
      self.quaternion = quaternion
      quaternionOffset = affine.translation
      pixdim[0] = qfac
    } else {
      // Sheared axes have no quaternion; the matrix alone tells them.
      (quaternion, quaternionOffset) = ([0, 0, 0], [0, 0, 0])
      sformCode = max(sformCode, 1)
      qformCode = 0
    }
    for row in 0..<3 {
      rows[row] = [
        affine.columns.x[row], affine.columns.y[row], affine.columns.z[row],
        affine.translation[row],
      ]
    }
  }

  /// Repairs what an unused part of the header may have wrong, so that it is not handed on.
  mutating func mend(affine: Affine) {
    for axis in 1...3 where !(pixdim[axis] > 0) {
      pixdim[axis] = affine.columnLengths[axis - 1] / millimetres
    }
    let parts = [quaternion, quaternionOffset].flatMap { q in (0..<3).map { q[$0] } }
    if !parts.allSatisfy(\.isFinite) {
      (quaternion, quaternionOffset, qformCode) = ([0, 0, 0], [0, 0, 0], 0)
    }
    if sformCode <= 0 {
      for row in 0..<3 where !rows[row].x.isFinite || !rows[row].sum().isFinite {
        rows[row] = [0, 0, 0, 0]
      }
    }
  }

  /// Millimetres in the file's unit of length; an unknown unit is taken for mm.
  private var millimetres: Double {
    switch units & 7 {
    case 1: 1000
    case 3: 0.001
    default: 1
    }
  }

  /// The spacings, 1 where a single slice has none.
  private var spacings: SIMD3<Double> {
    let isFlat = dim[0] == 2 || dim[3] == 1
    return [pixdim[1], pixdim[2], isFlat && pixdim[3] == 0 ? 1 : pixdim[3]]
  }

  private var sform: Affine {
    func column(_ index: Int) -> SIMD3<Double> {
      [rows[0][index], rows[1][index], rows[2][index]]
    }
    return Affine(
      columns: .init(x: column(0), y: column(1), z: column(2)), translation: column(3))
  }

  /// The map of the quaternion (nifti1.h, method 2): rotation, spacings, `qfac` on the third axis.
  private func qform(path: String) throws -> Affine {
    let (b, c, d) = (quaternion.x, quaternion.y, quaternion.z)
    let rest = 1 - (b * b + c * c + d * d)
    guard rest > -1e-5 else {
      throw MaskCTError(
        .input, path: path, "has a qform quaternion longer than 1",
        remedy: "set the orientation again, for example in 3D Slicer, and save it")
    }
    // b, c and d of a rotation by half a turn are known to float rounding only: a rest of that size
    // is nothing, else its root would turn the volume by up to 0.07 degrees.
    let a = rest < 3 * Double(Float.ulpOfOne) ? 0 : rest.squareRoot()
    let norm = (a * a + b * b + c * c + d * d).squareRoot()
    let rotation = Self.rotation(a / norm, b / norm, c / norm, d / norm)
    let qfac: Double = pixdim[0] < 0 ? -1 : 1
    let steps = spacings * [1, 1, qfac]
    return Affine(
      columns: Affine(columns: rotation, translation: [0, 0, 0]).scaled(by: steps).columns,
      translation: quaternionOffset)
  }

  private static func rotation(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double
  ) -> Affine.Columns {
    .init(
      x: [a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)],
      y: [2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)],
      z: [2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c])
  }

  /// The quaternion of the affine's rotation, its real part not negative, and `qfac`; nil if the
  /// axes are not at right angles.
  private static func quaternion(
    of affine: Affine
  ) -> (quaternion: SIMD3<Double>, qfac: Double)? {
    let lengths = affine.columnLengths
    var r = affine.scaled(by: 1 / lengths).columns
    let skew = max(abs((r.x * r.y).sum()), abs((r.x * r.z).sum()), abs((r.y * r.z).sum()))
    guard skew < 1e-4 else { return nil }
    let qfac: Double = affine.determinant < 0 ? -1 : 1
    r.z *= qfac
    // Shepperd's method: 4 times the square of each part; divide by the greatest for its digits.
    let squares = [
      1 + r.x.x + r.y.y + r.z.z, 1 + r.x.x - r.y.y - r.z.z, 1 - r.x.x + r.y.y - r.z.z,
      1 - r.x.x - r.y.y + r.z.z,
    ]
    let greatest = squares.indices.max { squares[$0] < squares[$1] }!
    let s = 2 * squares[greatest].squareRoot()
    var q: SIMD4<Double> =
      switch greatest {
      case 0: [s / 4, (r.y.z - r.z.y) / s, (r.z.x - r.x.z) / s, (r.x.y - r.y.x) / s]
      case 1: [(r.y.z - r.z.y) / s, s / 4, (r.y.x + r.x.y) / s, (r.z.x + r.x.z) / s]
      case 2: [(r.z.x - r.x.z) / s, (r.y.x + r.x.y) / s, s / 4, (r.z.y + r.y.z) / s]
      default: [(r.x.y - r.y.x) / s, (r.z.x + r.x.z) / s, (r.z.y + r.y.z) / s, s / 4]
      }
    if q.x < 0 { q *= -1 }
    q /= (q * q).sum().squareRoot()
    return ([q.y, q.z, q.w], qfac)
  }
}
