public import Acquisition
public import Support
public import Volumes

/// Which grid a sinogram is brought back to, where the sinogram does not say it or says another.
public struct ReconstructionGrid: Equatable, Sendable {
  /// Voxel spacing, mm; `nil` for that of the planned image, or a 512th of the field of view and a row.
  public var spacing: SIMD3<Double>?
  /// Voxels along x, y and z; `nil` for as many as fill the planned image, or all that the scan sees.
  public var shape: SIMD3<Int>?

  /// Creates a choice; see the properties for units.
  public init(spacing: SIMD3<Double>? = nil, shape: SIMD3<Int>? = nil) {
    self.spacing = spacing
    self.shape = shape
  }

  /// The grid of a scan.
  ///
  /// - Parameters:
  ///   - planned: the grid that the scan was planned for, if it is known: kept as it is unless spacing or
  ///     shape are given, and then its middle is kept.
  ///   - scan: what was read.
  /// - Returns: a grid with the axes of `planned`, or axes along the gantry's with z as height.
  /// - Throws: `MaskCTError` for a scan too short for any slice, or more voxels than memory could take.
  public func grid(planned: Grid?, scan: HelicalScan) throws(MaskCTError) -> Grid {
    if spacing == nil, shape == nil, let planned { return planned }
    let base: Grid
    if let planned { base = planned } else { base = try Self.everything(scan) }
    let spacing = spacing ?? base.spacing
    let counts = base.extent / spacing
    // At least a voxel, and within `counts` but for rounding in the division.
    let fitting = SIMD3<Int>(
      Int(max(1, counts.x + 1e-6)), Int(max(1, counts.y + 1e-6)), Int(max(1, counts.z + 1e-6)))
    let shape = shape ?? fitting
    guard (0..<3).allSatisfy({ (1...8192).contains(shape[$0]) }),
      Double(shape.x) * Double(shape.y) * Double(shape.z) <= 0x1p31
    else {
      throw MaskCTError(
        .usage, "an image of \(shape.x) x \(shape.y) x \(shape.z) voxels is too large",
        remedy: "give --spacing or --shape for at most 8192 voxels an axis")
    }
    let ratio = spacing / base.spacing
    let middle = SIMD3<Double>(base.shape &- 1) * 0.5
    let first = middle - SIMD3<Double>(shape &- 1) * 0.5 * ratio
    return Grid(
      shape: shape,
      affine: base.affine.scaled(by: ratio).translated(to: base.affine.apply(first)))
  }

  /// All that the scan sees from all sides.
  private static func everything(_ scan: HelicalScan) throws(MaskCTError) -> Grid {
    let radius = scan.scanner.fieldOfViewRadius
    guard let heights = scan.coveredHeights(radius: radius) else {
      throw MaskCTError(
        .input, "the scan is too short: it sees no slice from all sides",
        remedy: "scan at least a rotation before and after the slices")
    }
    let spacing = SIMD3(radius / 256, radius / 256, scan.scanner.rowHeight)
    let slices = Int((heights.upperBound - heights.lowerBound) / spacing.z) + 1
    return Grid(
      shape: [512, 512, slices],
      affine: Affine(
        columns: .diagonal(spacing),
        translation: [-255.5 * spacing.x, -255.5 * spacing.y, heights.lowerBound]))
  }
}
