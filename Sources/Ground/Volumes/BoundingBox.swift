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
    let slabs = Self.boxes(of: mask, count: 2, workers: workers) { $0 == 0 ? 0 : 1 }
    guard let box = slabs[1] else { return nil }
    self = box
  }

  /// The smallest box of every label that occurs (0 is none), in one pass over the label map.
  public static func ofLabels(_ labels: LabelMap, workers: Workers) -> [UInt16: BoundingBox] {
    let greatest = labels.values.withUnsafeBufferPointer { $0.reduce(0) { max($0, $1) } }
    let boxes = Self.boxes(of: labels, count: Int(greatest) + 1, workers: workers) { Int($0) }
    var result: [UInt16: BoundingBox] = [:]
    for label in 1..<max(boxes.count, 1) {
      if let box = boxes[label] { result[UInt16(label)] = box }
    }
    return result
  }

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

  /// The box of every class of values below `count`; class 0 is skipped.
  private static func boxes<T: Equatable & Sendable>(
    of volume: Volume<T>, count: Int, workers: Workers, class index: @Sendable (T) -> Int
  ) -> [BoundingBox?] {
    let shape = volume.grid.shape
    let slab = max(1, (shape.y + 31) / 32)
    let slabs = (shape.y + slab - 1) / slab
    var partial = [[BoundingBox?]](repeating: [], count: slabs)
    volume.values.withUnsafeBufferPointer { values in
      partial.withUnsafeMutableBufferPointer { partial in
        nonisolated(unsafe) let values = values
        nonisolated(unsafe) let partial = partial
        workers.forEachRange(shape.y, chunk: slab) { range in
          var boxes = [BoundingBox?](repeating: nil, count: count)
          for y in range {
            for x in 0..<shape.x {
              let column = (y * shape.x + x) * shape.z
              var z = 0
              while z < shape.z {
                let value = values[column + z]
                let start = z
                repeat { z += 1 } while z < shape.z && values[column + z] == value
                let kind = index(value)
                if kind == 0 { continue }
                let run = BoundingBox(lower: [x, y, start], upper: [x + 1, y + 1, z])
                boxes[kind] = boxes[kind]?.union(run) ?? run
              }
            }
          }
          partial[range.lowerBound / slab] = boxes
        }
      }
    }
    return (0..<count).map { kind in
      partial.compactMap { $0[kind] }.reduce(nil) { $0?.union($1) ?? $1 }
    }
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
