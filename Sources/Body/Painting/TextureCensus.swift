import Support
import Synchronization
internal import Textures
import Volumes

/// Counts the luminance of a texture over the voxels that it will fill.
///
/// Of structures with a box of more than 4 million voxels only every second (third, ...) row is
/// counted: with a million voxels and more, quantiles are known to a thousandth.
enum TextureCensus {
  private static let sampleLimit = 4_000_000

  /// Over the painting voxels whose nearest label voxel is one of `ids`, in the slices `z`.
  static func count(
    _ field: TextureField, origin: SIMD3<Int>, ids: [UInt16], box: BoundingBox,
    layer: LabelLayer, z: Range<Int>, workers: Workers
  ) -> LuminanceHistogram {
    let labels = layer.labels.grid.shape
    let xs = layer.axes[0].indices(
      within: Double(box.lower.x) - 0.5...Double(box.last.x) + 0.5, count: layer.painting.shape.x)
    let ys = layer.axes[1].indices(
      within: Double(box.lower.y) - 0.5...Double(box.last.y) + 0.5, count: layer.painting.shape.y)
    // The nearest label slice of every painting slice.
    let slices = z.map { min(labels.z - 1, max(0, Int(layer.heights[$0].rounded()))) }
    let total = Mutex(LuminanceHistogram())
    let step = max(1, xs.count * ys.count * z.count / sampleLimit)
    workers.forEachRange((ys.count + step - 1) / step, chunk: max(4, ys.count / step / 16)) {
      range in
      var histogram = LuminanceHistogram()
      var columns = TextureColumns(field, z: z.lowerBound - origin.z..<z.upperBound - origin.z)
      var values = [Float](repeating: 0, count: z.count)
      var weights = [UInt8](repeating: 0, count: z.count)
      for index in range {
        let y = ys.lowerBound + index * step
        let row = min(labels.y - 1, max(0, Int(layer.axes[1](y).rounded())))
        for x in xs {
          let column = min(labels.x - 1, max(0, Int(layer.axes[0](x).rounded())))
          let base = layer.labels.grid.offset(column, row, 0)
          var low = Int.max
          var high = Int.min
          layer.labels.values.withUnsafeBufferPointer { labels in
            for k in slices.indices {
              let id = labels[base + slices[k]]
              let inside = id == ids[0] || (ids.count > 1 && ids.contains(id))
              weights[k] = inside ? 1 : 0
              if inside {
                low = min(low, k)
                high = k
              }
            }
          }
          guard low <= high else { continue }
          values.withUnsafeMutableBufferPointer { values in
            weights.withUnsafeBufferPointer { weights in
              let start = z.lowerBound - origin.z
              columns.fill(
                values.baseAddress!, x: x - origin.x, y: y - origin.y,
                z: start + low..<start + high + 1)
              histogram.add(
                UnsafeBufferPointer(start: values.baseAddress!, count: high - low + 1),
                weights: UnsafeBufferPointer(rebasing: weights[low...high]))
            }
          }
        }
      }
      // Counts add up to the same in any order.
      total.withLock { $0.add(histogram) }
    }
    return total.withLock { $0 }
  }

  /// Over the voxels of a cylinder, in the slices `z`.
  static func count(
    _ cylinder: PaintedCylinder, grid: Grid, z: Range<Int>, workers: Workers
  ) -> LuminanceHistogram {
    let total = Mutex(LuminanceHistogram())
    let start = z.lowerBound - cylinder.origin.z
    let step = max(1, grid.shape.x * grid.shape.y * z.count / sampleLimit)
    let count = (grid.shape.y + step - 1) / step
    workers.forEachRange(count, chunk: max(4, count / 16)) { rows in
      var histogram = LuminanceHistogram()
      var columns = TextureColumns(cylinder.field, z: start..<start + z.count)
      var values = [Float](repeating: 0, count: z.count)
      for y in rows.map({ $0 * step }) {
        for x in 0..<grid.shape.x where cylinder.membership(x, y) > 0.5 {
          values.withUnsafeMutableBufferPointer { values in
            columns.fill(values.baseAddress!, x: x - cylinder.origin.x, y: y - cylinder.origin.y)
            histogram.add(UnsafeBufferPointer(values))
          }
        }
      }
      total.withLock { $0.add(histogram) }
    }
    return total.withLock { $0 }
  }
}
