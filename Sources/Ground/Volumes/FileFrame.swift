import Support
/// How a volume in memory (canonical RAS+) lies in a file: order and direction of the file's axes
/// and the geometry fields of its header.
///
/// A volume on the frame's own `grid` is written back on exactly the grid of the file that the frame
/// was read from: same axis order, same header numbers. For another canonical grid (cropped, padded,
/// resampled) `adapted(to:)` keeps axis order, directions and format.
public struct FileFrame: Sendable, Equatable {
  /// The canonical grid that the file's voxels form in memory.
  public let grid: Grid
  /// The canonical axis (0 x, 1 y, 2 z) along which each file axis runs.
  public let axes: SIMD3<Int>
  /// +1 where the file axis runs towards right, anterior or superior, -1 where it runs against.
  public let signs: SIMD3<Int>
  /// The geometry fields as they stand in the file.
  private(set) var header: NIfTIHeader

  /// The counts along the file's own axes.
  public var fileShape: SIMD3<Int> { [grid.shape[axes.x], grid.shape[axes.y], grid.shape[axes.z]] }

  /// File voxel index to RAS mm.
  public var fileAffine: Affine { grid.affine.composed(with: fileToCanonical) }

  /// The directions of the file's axes, such as `LPS` or `RAS`.
  public var orientation: String {
    let names: [[Character]] = [["R", "L"], ["A", "P"], ["S", "I"]]
    return String((0..<3).map { names[axes[$0]][signs[$0] > 0 ? 0 : 1] })
  }

  /// The frame of a new file whose axes are the canonical ones (NIfTI-1, RAS+, scanner space).
  public static func canonical(_ grid: Grid) -> FileFrame {
    var header = NIfTIHeader()
    header.sformCode = 1
    header.qformCode = 1
    return FileFrame(grid: grid, axes: [0, 1, 2], signs: [1, 1, 1], template: header)
  }

  /// The frame with this file's axis order and directions for another canonical grid.
  ///
  /// For the frame's own grid it is the frame itself; otherwise the header's geometry is computed
  /// from the grid's affine, in mm. Grids that differ by less than 0.1 micrometres are the same:
  /// cropping and padding back must not change the header's digits.
  public func adapted(to grid: Grid) -> FileFrame {
    grid.matches(self.grid, tolerance: 1e-4)
      ? self : FileFrame(grid: grid, axes: axes, signs: signs, template: header)
  }

  /// The frame of a file with this (checked) header.
  init(header: NIfTIHeader, shape: SIMD3<Int>, affine: Affine) {
    (axes, signs) = Self.closestCanonical(affine)
    var canonicalShape: SIMD3<Int> = [0, 0, 0]
    for axis in 0..<3 { canonicalShape[axes[axis]] = shape[axis] }
    let map = Self.fileToCanonical(shape: canonicalShape, axes: axes, signs: signs)
    // The inverse of a signed permutation with offsets, without rounding.
    var columns = Affine.identity.columns
    var origin: SIMD3<Double> = [0, 0, 0]
    for axis in 0..<3 {
      columns[axes[axis]] = affine.columns[axis] * Double(signs[axis])
      if signs[axis] < 0 { origin[axis] = map.translation[axes[axis]] }
    }
    grid = Grid(
      shape: canonicalShape, affine: Affine(columns: columns, translation: affine.apply(origin)))
    // Only geometry is kept, so that frames of an image and its labels are equal.
    self.header = header
    self.header.mend(affine: affine)
    self.header.isBigEndian = false
    self.header.datatype = 0
    self.header.voxelOffset = 0
    (self.header.slope, self.header.intercept) = (1, 0)
  }

  private init(grid: Grid, axes: SIMD3<Int>, signs: SIMD3<Int>, template: NIfTIHeader) {
    self.grid = grid
    self.axes = axes
    self.signs = signs
    var header = template
    let map = Self.fileToCanonical(shape: grid.shape, axes: axes, signs: signs)
    let affine = grid.affine.composed(with: map)
    let shape: SIMD3<Int> = [grid.shape[axes.x], grid.shape[axes.y], grid.shape[axes.z]]
    header.setGeometry(shape: shape, affine: affine)
    self.header = header
  }

  private var fileToCanonical: Affine {
    Self.fileToCanonical(shape: grid.shape, axes: axes, signs: signs)
  }

  /// File voxel index to canonical voxel index.
  private static func fileToCanonical(
    shape: SIMD3<Int>, axes: SIMD3<Int>, signs: SIMD3<Int>
  ) -> Affine {
    var map = Affine(columns: .diagonal([0, 0, 0]), translation: [0, 0, 0])
    for axis in 0..<3 {
      map.columns[axis][axes[axis]] = Double(signs[axis])
      if signs[axis] < 0 { map.translation[axes[axis]] = Double(shape[axes[axis]] - 1) }
    }
    return map
  }

  /// The signed permutation of axes closest to the affine's rotation: of the six orders the one with
  /// the greatest sum of |cosines| between file axes and patient axes; the first wins a tie.
  private static func closestCanonical(_ affine: Affine) -> (axes: SIMD3<Int>, signs: SIMD3<Int>) {
    let orders: [SIMD3<Int>] = [
      [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
    ]
    let lengths = affine.columnLengths
    func cosine(_ axis: Int, _ order: SIMD3<Int>) -> Double {
      affine.columns[axis][order[axis]] / lengths[axis]
    }
    var best = orders[0]
    var greatest = -1.0
    for order in orders {
      let sum = (0..<3).reduce(0) { $0 + abs(cosine($1, order)) }
      if sum > greatest + 1e-9 { (best, greatest) = (order, sum) }
    }
    var signs: SIMD3<Int> = [1, 1, 1]
    for axis in 0..<3 where cosine(axis, best) < 0 { signs[axis] = -1 }
    return (best, signs)
  }
}
