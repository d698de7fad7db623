import Support
internal import Textures
import Volumes

/// The texture of a bone by depth: a bright shell (cortex) around a dark core (marrow).
///
/// With texture luminance `L` (0...255), depth `d` below the label's surface and thickness `t`,
///
///     L' = (1 - k) L + k 255 clamp(3/2 - d / t, 0, 1)
///
/// Histogram matching follows, to two kinds of bone with the mean and the deviation that were drawn for
/// the whole (`distribution`): marrow of a single Gaussian would reach down to air. Depth comes from the label map (`DistanceTransform`),
/// interpolated linearly to the painting grid; a label map is too coarse to show a thin cortex, its
/// surface is not.
struct Cortex: Sendable {
  /// Levels a mm in which depth is kept; beyond 12 mm all is core.
  private static let levels: Float = 20

  /// Depth below the surface, `levels` a mm; 0 outside.
  private let depth: Volume<UInt8>
  private let corner: SIMD3<Int>
  private let layer: LabelLayer
  private let thickness: Float
  private let share: Float
  private let offset: Float

  /// Measures the depth of a structure.
  ///
  /// - Parameters:
  ///   - thickness: of the shell, mm; at half of it luminance begins to fall, at one and a half times
  ///     it the core begins.
  ///   - share: the part `k` of the luminance that follows depth; the rest stays texture.
  ///   - offset: how far the bone's surface lies outside that of its label, mm.
  init(
    ids: [UInt16], box: BoundingBox, layer: LabelLayer, thickness: Double, share: Double,
    offset: Double = 0, workers: Workers
  ) {
    // A voxel more on every side is outside, except where the map ends: there the bone goes on.
    let last = layer.labels.grid.shape &- 1
    var (low, high) = (box.lower, box.last)
    for axis in 0..<3 {
      low[axis] = max(0, low[axis] - 1)
      high[axis] = min(last[axis], high[axis] + 1)
    }
    let part = layer.labels.cropped(to: BoundingBox(lower: low, upper: high &+ 1))
    let outside = part.mask(of: ids, workers: workers).inverted
    let distance = DistanceTransform.distance(to: outside, workers: workers)
    let spacing = part.grid.spacing
    let half = Float(min(spacing.x, spacing.y, spacing.z) / 2)
    depth = distance.map { UInt8(min(255, max(0, ($0 - half) * Self.levels))) }
    corner = low
    self.layer = layer
    self.thickness = Float(thickness)
    self.share = Float(share)
    self.offset = Float(offset) * Self.levels
  }

  /// The distribution of a bone whose shell is a part `s` of it, with the mean `m` and the deviation `sd`
  /// of the whole.
  ///
  /// Two Gaussians, at `m + a sd sqrt((1 - s) / s)` and `m - a sd sqrt(s / (1 - s))`, with `a² = 0.9`
  /// and the rest of the variance inside them. A mandible (790 +- 420 HU, two fifths of it cortex) has
  /// cortex of 1280 and marrow of 465 HU that way. Beyond a quarter and three fifths `s` counts as these:
  /// thinner shells would be denser than bone.
  static func distribution(mean: Double, deviation: Double, shell: Double) -> TargetDistribution {
    let s = min(0.6, max(0.25, shell))
    let between = (0.9 as Double).squareRoot() * deviation
    let within = (0.1 as Double).squareRoot() * deviation
    return .mixture([
      .init(weight: 1 - s, mean: mean - between * (s / (1 - s)).squareRoot(), deviation: within),
      .init(weight: s, mean: mean + between * ((1 - s) / s).squareRoot(), deviation: within),
    ])
  }

  /// Lays the luminance of a part of a column of the painting grid out by depth.
  func blend(_ values: UnsafeMutablePointer<Float>, x: Int, y: Int, z: Range<Int>) {
    let shape = depth.grid.shape
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
    let slope = -1 / (Self.levels * thickness)
    depth.values.withUnsafeBufferPointer { depth in
      let base = depth.baseAddress!
      let lines = [
        (
          base + (row.low * shape.x + column.low) * shape.z,
          (1 - row.fraction) * (1 - column.fraction)
        ),
        (base + (row.low * shape.x + column.high) * shape.z, (1 - row.fraction) * column.fraction),
        (base + (row.high * shape.x + column.low) * shape.z, row.fraction * (1 - column.fraction)),
        (base + (row.high * shape.x + column.high) * shape.z, row.fraction * column.fraction),
      ]
      for k in z {
        let below = Int(layer.below[k])
        let low = min(shape.z - 1, max(0, Mirror.slice(below, slices) - corner.z))
        let high = min(shape.z - 1, max(0, Mirror.slice(below + 1, slices) - corner.z))
        let fraction = layer.fraction[k]
        var d: Float = 0
        for (line, weight) in lines {
          d += weight * ((1 - fraction) * Float(line[low]) + fraction * Float(line[high]))
        }
        let shell = min(1, max(0, 1.5 + slope * (d + offset)))
        let index = k - z.lowerBound
        values[index] += share * (255 * shell - values[index])
      }
    }
  }
}
