import Support
import Volumes

/// Where the pixels of a scan lie: the periodic planes of its transforms around the image's, and its slices.
///
/// Pixels of the scan are those of the image, or an odd fraction of them where the image's are too coarse for the
/// resolution that is acquired; the plane reaches as far as the body, so that nothing folds back.
struct ScanGeometry: Sendable {
  /// One direction of the plane.
  struct Axis: Equatable, Sendable {
    /// Pixels of the scan per voxel of the image.
    var division: Int
    /// Pixels.
    var count: Int
    /// The pixel at the middle of the image's first voxel.
    var origin: Int
    /// Size of a pixel, mm.
    var spacing: Double
    /// The body's voxel (continuous) at pixel i: `scale i + offset`.
    var scale: Double
    var offset: Double

    /// Length of the transform.
    var length: Int {
      var n = 16
      while n < count { n *= 2 }
      return n
    }

    /// Half the samples of k-space for voxels of a size (mm).
    func half(voxel: Double) -> Int {
      let half = Int((Double(length) * spacing / (2 * voxel)).rounded())
      return min(length / 2, max(2, half))
    }
  }

  let x: Axis
  let y: Axis
  /// Middles of the slices as continuous voxels of the body's z.
  let slices: [Double]
  /// Distance between slices, voxels of the image.
  let sliceStep: Double
  /// The first slice, voxels of the image.
  let firstSlice: Double
  /// Spacing of the body along z, mm.
  let bodySpacing: Double

  init(body: Grid, image: Grid, scanProtocol: MRProtocol) throws(MaskCTError) {
    let map = body.affine.inverse.composed(with: image.affine)
    for axis in 0..<3 {
      for other in 0..<3 where other != axis {
        guard abs(map.columns[axis][other]) * Double(image.shape[axis]) < 0.1 else {
          throw MaskCTError(
            .input, "the axes of the body and of the image are not parallel",
            remedy: "give both with the same orientation")
        }
      }
    }
    let readsX = scanProtocol.readout != .frontBack
    func axis(_ axis: Int) -> Axis {
      let voxel = scanProtocol.voxel[(axis == 0) == readsX ? 0 : 1]
      let spacing = image.spacing[axis]
      let wanted = min(voxel, 1.15 * body.spacing[axis])
      var division = max(1, Int((spacing / wanted - 1e-6).rounded(.up)))
      // Odd, so that the middle of a voxel of the image is the middle of a pixel.
      if division % 2 == 0 { division += 1 }
      let step = map.columns[axis][axis]
      let (scale, zero) = (step / Double(division), map.translation[axis])
      // From the body's first voxel to its last, or the image where it is larger.
      let ends = [-0.5, Double(body.shape[axis]) - 0.5].map { ($0 - zero) / scale }
      let low = min(0, Int(ends.min()!.rounded(.down)))
      let high = max((image.shape[axis] - 1) * division, Int(ends.max()!.rounded(.up)))
      return Axis(
        division: division, count: high - low + 1, origin: -low,
        spacing: spacing / Double(division), scale: scale,
        offset: zero + scale * Double(low))
    }
    x = axis(0)
    y = axis(1)
    let step = map.columns[2][2]
    let spacing =
      scanProtocol.sliceSpacing
      ?? (scanProtocol.dimensions == 3
        ? max(image.spacing.z, scanProtocol.sliceThickness) : image.spacing.z)
    let extent = Double(image.shape.z - 1) * image.spacing.z
    let count =
      abs(spacing - image.spacing.z) < 1e-3
      ? image.shape.z : Int((extent / spacing - 1e-6).rounded(.up)) + 1
    sliceStep = abs(spacing - image.spacing.z) < 1e-3 ? 1 : spacing / image.spacing.z
    firstSlice = (Double(image.shape.z - 1) - Double(count - 1) * sliceStep) / 2
    let first = firstSlice, distance = sliceStep
    slices = (0..<count).map { map.translation[2] + step * (first + Double($0) * distance) }
    bodySpacing = body.spacing.z
  }

  /// The two slices that a slice of the image lies between, and the part of the way to the second.
  func neighbours(of z: Int) -> (Int, Int, Float) {
    let place = (Double(z) - firstSlice) / sliceStep
    let below = min(slices.count - 1, max(0, Int(place.rounded(.down))))
    let above = min(slices.count - 1, below + 1)
    return (below, above, Float(min(1, max(0, place - Double(below)))))
  }
}
