public import Support
/// A set of voxels: every value but 0 belongs to it; MaskCT writes 1.
public typealias Mask = Volume<UInt8>

extension LabelMap {
  /// The voxels that carry one of the labels.
  public func mask(of labels: some Sequence<UInt16>, workers: Workers) -> Mask {
    var table = [UInt8](repeating: 0, count: 65536)
    for label in labels { table[Int(label)] = 1 }
    return table.withUnsafeBufferPointer { table in
      nonisolated(unsafe) let table = table
      return mask(workers: workers) { table[Int($0)] }
    }
  }

  /// The voxels that carry any label but 0.
  public func foreground(workers: Workers) -> Mask {
    mask(workers: workers) { $0 == 0 ? 0 : 1 }
  }
}

extension Volume {
  /// A mask of the same grid from a function of every value.
  @inline(__always)
  func mask(workers: Workers, _ isInside: @Sendable (Element) -> UInt8) -> Mask {
    let count = grid.count
    let result = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      values.withUnsafeBufferPointer { source in
        nonisolated(unsafe) let source = source
        nonisolated(unsafe) let target = target
        workers.forEachRange(count, chunk: 1 << 18) { range in
          for index in range { target[index] = isInside(source[index]) }
        }
      }
      filled = count
    }
    return Mask(grid: grid, values: result)
  }
}

extension Mask {
  /// Number of voxels in the mask.
  public var voxelCount: Int {
    values.withUnsafeBufferPointer { $0.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } }
  }

  /// Whether no voxel belongs to the mask.
  public var isEmpty: Bool {
    values.withUnsafeBufferPointer { $0.reduce(0, |) == 0 }
  }

  /// The voxels in either mask.
  public func union(_ other: Mask) -> Mask { combined(other) { $0 | $1 } }

  /// The voxels in both masks.
  public func intersection(_ other: Mask) -> Mask { combined(other) { $0 & $1 } }

  /// The voxels in this mask but not in the other.
  public func subtracting(_ other: Mask) -> Mask { combined(other) { $0 & ~$1 & 1 } }

  /// The voxels that do not belong to the mask.
  public var inverted: Mask {
    Mask(grid: grid, values: values.map { $0 == 0 ? 1 : 0 })
  }

  @inline(__always)
  private func combined(_ other: Mask, _ operation: (UInt8, UInt8) -> UInt8) -> Mask {
    precondition(grid.shape == other.grid.shape, "masks are combined on one grid")
    let result = [UInt8](unsafeUninitializedCapacity: values.count) { target, filled in
      values.withUnsafeBufferPointer { a in
        other.values.withUnsafeBufferPointer { b in
          for index in 0..<a.count {
            target[index] = operation(a[index] == 0 ? 0 : 1, b[index] == 0 ? 0 : 1)
          }
        }
      }
      filled = values.count
    }
    return Mask(grid: grid, values: result)
  }
}
