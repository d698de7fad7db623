import Support
import Volumes

/// How deep every voxel of a structure lies below its surface, mm.
///
/// Measured on the label map (`DistanceTransform`) and interpolated linearly to the painting grid: a label map is too
/// coarse to show a thin layer, its surface is not. Kept to an eighth of a millimetre; beyond 31 mm all is
/// equally deep.
///
/// The nearest voxel outside lies half a voxel behind a surface along the grid, and less behind one across it, which
/// offers voxels at all distances: a quarter of a voxel in a ball. Three tenths are taken off everywhere.
struct DepthField: Sendable {
  /// Levels a mm in which distance is kept.
  private static let levels: Float = 8

  /// Distance to the nearest voxel outside, `levels` a mm; 0 outside.
  private let distance: Volume<UInt8>
  private let corner: SIMD3<Int>
  private let layer: LabelLayer
  /// What is added to the distance: the surface lies before the nearest voxel outside.
  private let shift: Float

  /// Measures a structure.
  ///
  /// - Parameter offset: how far the structure's surface lies outside that of its label, mm.
  init(
    ids: [UInt16], box: BoundingBox, layer: LabelLayer, offset: Double = 0, workers: Workers
  ) {
    // A voxel more on every side is outside, except where the map ends: there the structure continues.
    let last = layer.labels.grid.shape &- 1
    var (low, high) = (box.lower, box.last)
    for axis in 0..<3 {
      low[axis] = max(0, low[axis] - 1)
      high[axis] = min(last[axis], high[axis] + 1)
    }
    let part = layer.labels.cropped(to: BoundingBox(lower: low, upper: high &+ 1))
    let outside = part.mask(of: ids, workers: workers).inverted
    distance = DistanceTransform.distance(to: outside, workers: workers)
      .map { UInt8(min(255, ($0 * Self.levels).rounded())) }
    corner = low
    self.layer = layer
    let spacing = part.grid.spacing
    shift = Float(offset - 0.3 * min(spacing.x, spacing.y, spacing.z))
  }

  /// The depth of a label voxel, mm.
  func depth(x: Int, y: Int, z: Int) -> Float {
    Float(distance[x - corner.x, y - corner.y, z - corner.z]) / Self.levels + shift
  }

  /// Writes the depth of a part of a column of the painting grid, mm; negative outside.
  func fill(_ out: UnsafeMutablePointer<Float>, x: Int, y: Int, z: Range<Int>) {
    let shape = distance.grid.shape
    func place(_ axis: Int, _ index: Int) -> (low: Int, high: Int, fraction: Float) {
      let position = layer.axes[axis](index) - Double(corner[axis])
      let below = position.rounded(.down)
      let last = shape[axis] - 1
      return (
        min(last, max(0, Int(below))), min(last, max(0, Int(below) + 1)), Float(position - below)
      )
    }
    let (column, row) = (place(0, x), place(1, y))
    let slices = layer.labels.grid.shape.z
    let scale = 1 / Self.levels
    let w00 = (1 - row.fraction) * (1 - column.fraction) * scale
    let w01 = (1 - row.fraction) * column.fraction * scale
    let w10 = row.fraction * (1 - column.fraction) * scale
    let w11 = row.fraction * column.fraction * scale
    distance.values.withUnsafeBufferPointer { distance in
      let base = distance.baseAddress!
      let a = base + (row.low * shape.x + column.low) * shape.z
      let b = base + (row.low * shape.x + column.high) * shape.z
      let c = base + (row.high * shape.x + column.low) * shape.z
      let d = base + (row.high * shape.x + column.high) * shape.z
      @inline(__always) func across(_ e: Int) -> Float {
        w00 * Float(a[e]) + w01 * Float(b[e]) + w10 * Float(c[e]) + w11 * Float(d[e])
      }
      for k in z {
        let below = Int(layer.below[k])
        let low = min(shape.z - 1, max(0, Mirror.slice(below, slices) - corner.z))
        let high = min(shape.z - 1, max(0, Mirror.slice(below + 1, slices) - corner.z))
        let (l, h) = (across(low), across(high))
        out[k - z.lowerBound] = l + layer.fraction[k] * (h - l) + shift
      }
    }
  }
}
