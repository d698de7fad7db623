internal import Support
internal import Volumes

extension Volume where Element == Float {
  /// Adds `factor` times a volume on the same grid.
  mutating func add(_ other: Volume<Float>, times factor: Float, workers: Workers) {
    precondition(other.grid.shape == grid.shape, "volumes of one grid are added")
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let target = values.baseAddress!
      other.values.withUnsafeBufferPointer { values in
        nonisolated(unsafe) let source = values.baseAddress!
        workers.forEachRange(values.count, chunk: 1 << 16) { range in
          for index in range { target[index] += factor * source[index] }
        }
      }
    }
  }

  /// Adds a slab to slices from `first` on, in the columns that `includes` says.
  mutating func add(
    _ slab: Volume<Float>, slicesFrom first: Int, workers: Workers,
    where includes: @Sendable (Int, Int) -> Bool
  ) {
    let (grid, slices) = (grid, slab.grid.shape.z)
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let target = values.baseAddress!
      slab.values.withUnsafeBufferPointer { values in
        nonisolated(unsafe) let source = values.baseAddress!
        workers.forEach(grid.shape.y) { y in
          for x in 0..<grid.shape.x where includes(x, y) {
            let to = target + grid.offset(x, y, first)
            let from = source + slab.grid.offset(x, y, 0)
            for slice in 0..<slices { to[slice] += from[slice] }
          }
        }
      }
    }
  }

  /// The mean over a box along z, as wide as `height` in mm; beyond the border the last slice goes on.
  func averaged(heights height: Double, workers: Workers) -> Volume<Float> {
    let half = height / grid.spacing.z / 2
    guard half > 0.01 else { return self }
    let reach = Int((half + 0.5).rounded(.up))
    // The part of each voxel that lies in the box.
    let weights = (-reach...reach).map { offset in
      let place = Double(offset)
      return Float(max(0, min(place + 0.5, half) - max(place - 0.5, -half)) / (2 * half))
    }
    let depth = grid.shape.z
    var result = self
    result.values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let target = buffer.baseAddress!
      values.withUnsafeBufferPointer { buffer in
        nonisolated(unsafe) let source = buffer.baseAddress!
        workers.forEachRange(grid.columns, chunk: 256) { columns in
          for column in columns {
            let (from, to) = (source + column * depth, target + column * depth)
            for slice in 0..<depth {
              to[slice] = (-reach...reach).reduce(Float(0)) { sum, offset in
                sum + weights[offset + reach] * from[min(max(slice + offset, 0), depth - 1)]
              }
            }
          }
        }
      }
    }
    return result
  }
}
