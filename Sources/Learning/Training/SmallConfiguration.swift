import Support

/// The configuration `small`: the structures and what lies about them at once, coarsely, so that two CPU
/// cores learn it in minutes.
///
/// It inherits everything from `3d_fullres` and changes only sizes: the spacing at which the region of the
/// structures fills about `voxels` voxels, a patch that holds that region, a U-Net with 16 features, and
/// linear instead of cubic resampling (cheaper, and samples of a noisy image taken at several
/// times its spacing carry less noise). Axes are in nnU-Net's transposed order.
public struct SmallConfiguration: Encodable, Equatable, Sendable {
  /// The name of the configuration in the plans.
  public static let name = "small"

  /// Spacing of the resampled volumes, mm, the same along all axes.
  public var spacing: Double
  /// Voxels of a patch along each axis.
  public var patch: [Int]
  /// Median shape of the resampled volumes.
  public var medianShape: [Int]
  /// For every stage of the encoder the steps along each axis.
  public var strides: [[Int]]
  /// Features of every stage.
  public var features: [Int]

  /// How many voxels the region should have: between 48^3 and 64^3.
  public static let voxels = 160_000

  /// The part of the epochs, the first ones, that see patches at half their resolution.
  public static let coarsePart = 0.6

  /// What such an epoch costs of one at full resolution: an eighth of the voxels, but as much augmentation.
  public static let coarseCost = 0.2

  /// The region is so many times as long as the box about all structures of a median case, along every
  /// axis, but never longer than the case: a quarter of it on either side shows where the box is.
  public static let surroundings = 1.5

  /// Chooses sizes for the cases of a fingerprint.
  ///
  /// - Parameters:
  ///   - spacings: Spacing of every case, mm, three an axis.
  ///   - shapes: Voxels of every case along each axis.
  ///   - structures: Extent of the box about all structures of every case, mm, axes as in `spacings`; empty
  ///     where it is not known, and the region is the whole case.
  ///   - transpose: nnU-Net's `transpose_forward`.
  ///   - voxels: The number of voxels wanted for the region.
  public init(
    spacings: [[Double]], shapes: [[Double]], structures: [[Double]] = [], transpose: [Int],
    voxels: Int = Self.voxels
  ) throws {
    guard !spacings.isEmpty, spacings.count == shapes.count, transpose.sorted() == [0, 1, 2],
      (spacings + shapes).allSatisfy({ $0.count == 3 && $0.allSatisfy { $0 > 0 } })
    else {
      throw MaskCTError(
        .input, "the fingerprint has no three-dimensional cases",
        remedy: "the configuration small needs volumes; use 2d for single slices")
    }
    let image = transpose.map { axis in
      Self.median(zip(spacings, shapes).map { $0[axis] * $1[axis] })
    }
    let extent =
      structures.isEmpty
      ? image
      : zip(transpose, image).map { axis, whole in
        min(whole, Self.surroundings * Self.median(structures.map { $0[axis] }))
      }
    let native = (0..<3).map { axis in Self.median(spacings.map { $0[axis] }) }
    let wanted = cubeRoot(extent.reduce(1, *) / Double(voxels))
    // Finer than the data would only blow it up.
    let finest = cubeRoot(native.reduce(1, *))
    func shape(_ spacing: Double) -> [Int] {
      extent.map { max(1, Int(($0 / spacing).rounded())) }
    }
    // Patches are multiples of what pooling divides by, so near the spacing wanted there are some
    // that fill their patch and some that leave a third of it empty. Hundredths of a millimetre:
    // the same for data that differ in the last digits.
    let least = (max(wanted * 0.95, finest) * 100).rounded() / 100
    let candidates = (0...24).map { least * (1 + 0.01 * Double($0)) }.map {
      ($0 * 100).rounded() / 100
    }
    func fill(_ spacing: Double) -> Double {
      Double(Self.patch(for: shape(spacing)).reduce(1, *))
        / extent.map { $0 / spacing }.reduce(1, *)
    }
    // Coarser costs detail: a patch must be fuller by as much as a voxel grows to make up for it.
    spacing = candidates.min { fill($0) * $0 < fill($1) * $1 }!
    let chosen = spacing
    medianShape = image.map { max(1, Int(($0 / chosen).rounded())) }
    patch = Self.patch(for: shape(spacing))
    let pools = patch.map { size in size >= 32 ? 3 : 2 }
    let stages = pools.max()! + 1
    strides = (0..<stages).map { stage in
      pools.map { stage > 0 && stage <= $0 ? 2 : 1 }
    }
    features = (0..<stages).map { min(256, 16 << $0) }
  }

  /// The smallest patch that holds a shape, of at least 16 voxels an axis.
  private static func patch(for shape: [Int]) -> [Int] {
    shape.map { max(16, ($0 + 7) / 8 * 8) }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
