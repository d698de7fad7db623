public import Support

/// A box of voxels, from `lower` up to but not including `upper`.
public struct BoundingBox: Equatable, Sendable, Codable {
  /// Index of the first voxel along x, y and z.
  public var lower: SIMD3<Int>
  /// One more than the index of the last voxel along x, y and z.
  public var upper: SIMD3<Int>

  /// Creates a box.
  public init(lower: SIMD3<Int>, upper: SIMD3<Int>) {
    self.lower = lower
    self.upper = upper
  }

  /// The box of a whole grid.
  public init(of grid: Grid) {
    self.init(lower: [0, 0, 0], upper: grid.shape)
  }

  /// The smallest box that holds every voxel of the mask; nil for an empty mask.
  public init?(of mask: Mask, workers: Workers) {
    let shape = mask.grid.shape
    let slab = max(1, (shape.y + 31) / 32)
    var partial = [BoundingBox?](repeating: nil, count: (shape.y + slab - 1) / slab)
    mask.values.withUnsafeBufferPointer { values in
      partial.withUnsafeMutableBufferPointer { partial in
        nonisolated(unsafe) let values = values
        nonisolated(unsafe) let partial = partial
        workers.forEachRange(shape.y, chunk: slab) { range in
          var box: BoundingBox?
          for y in range {
            for x in 0..<shape.x {
              let column = values[mask.grid.offset(x, y, 0)..<mask.grid.offset(x, y, 0) + shape.z]
              guard let first = column.firstIndex(where: { $0 != 0 }),
                let last = column.lastIndex(where: { $0 != 0 })
              else { continue }
              let run = BoundingBox(
                lower: [x, y, first - column.startIndex],
                upper: [x + 1, y + 1, last - column.startIndex + 1])
              box = box?.union(run) ?? run
            }
          }
          partial[range.lowerBound / slab] = box
        }
      }
    }
    guard let whole = partial.compactMap(\.self).reduce(nil, { $0?.union($1) ?? $1 }) else {
      return nil
    }
    self = whole
  }

  /// Index of the last voxel along x, y and z.
  public var last: SIMD3<Int> { upper &- 1 }

  /// Counts along x, y and z.
  public var shape: SIMD3<Int> { upper &- lower }

  /// The box grown by a distance in mm on every side, at most to the grid's borders.
  public func grown(by distance: Double, in grid: Grid) -> BoundingBox {
    var box = self
    for axis in 0..<3 {
      let steps = (distance / grid.spacing[axis]).rounded(.up)
      let count = steps < Double(grid.shape[axis]) ? Int(max(steps, 0)) : grid.shape[axis]
      box.lower[axis] = max(lower[axis] - count, 0)
      box.upper[axis] = min(upper[axis] + count, grid.shape[axis])
    }
    return box
  }

  /// The smallest box that holds both.
  public func union(_ other: BoundingBox) -> BoundingBox {
    var box = self
    for axis in 0..<3 {
      box.lower[axis] = min(lower[axis], other.lower[axis])
      box.upper[axis] = max(upper[axis], other.upper[axis])
    }
    return box
  }
}

extension Grid {
  /// The part of the grid in the box, which may reach beyond it.
  public func cropped(to box: BoundingBox) -> Grid {
    Grid(
      shape: box.shape,
      affine: affine.translated(to: affine.apply(SIMD3<Double>(box.lower))))
  }
}

extension Volume where Element: BitwiseCopyable {
  /// The part of the volume in the box.
  ///
  /// - Precondition: the box lies inside the grid.
  public func cropped(to box: BoundingBox) -> Volume {
    let grid = self.grid.cropped(to: box)
    let values = [Element](unsafeUninitializedCapacity: grid.count) { target, filled in
      self.values.withUnsafeBufferPointer { source in
        var next = target.baseAddress!
        for y in box.lower.y..<box.upper.y {
          for x in box.lower.x..<box.upper.x {
            let column = self.grid.offset(x, y, box.lower.z)
            precondition(column + grid.shape.z <= source.count, "the box lies inside the grid")
            next.initialize(from: source.baseAddress! + column, count: grid.shape.z)
            next += grid.shape.z
          }
        }
      }
      filled = grid.count
    }
    return Volume(grid: grid, values: values)
  }

  /// Replaces the part of the volume that starts at voxel `lower` by another volume's values.
  ///
  /// - Precondition: that part lies inside the grid.
  public mutating func paste(_ part: Volume, at lower: SIMD3<Int>) {
    let (shape, grid) = (part.grid.shape, grid)
    precondition(
      lower.x >= 0 && lower.y >= 0 && lower.z >= 0 && lower.x + shape.x <= grid.shape.x
        && lower.y + shape.y <= grid.shape.y && lower.z + shape.z <= grid.shape.z,
      "a pasted part lies inside the grid")
    values.withUnsafeMutableBufferPointer { target in
      part.values.withUnsafeBufferPointer { source in
        for y in 0..<shape.y {
          for x in 0..<shape.x {
            let place = grid.offset(lower.x + x, lower.y + y, lower.z)
            (target.baseAddress! + place).update(
              from: source.baseAddress! + (y * shape.x + x) * shape.z, count: shape.z)
          }
        }
      }
    }
  }
}
