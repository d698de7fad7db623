public import Support
extension NIfTI {
  /// Writes HU as int16, slab by slab as they are made, so that no more than a slab of them is in memory.
  ///
  /// The bytes are those that `write(_:to:frame:as:workers:)` gives for the whole volume. Only a file whose last
  /// axis runs towards superior can be written as slabs come; for others they are collected first.
  ///
  /// - Parameters:
  ///   - frame: how the whole volume lies in the file.
  ///   - make: is given what takes slices of the frame's grid, from the first to the last, with the index of the
  ///     first of them.
  /// - Throws: as `write(_:to:frame:as:workers:)`, and what `make` throws; nothing is written then.
  public static func write(
    to path: String, frame: FileFrame, workers: Workers,
    make: (_ receive: (Volume<Float>, Int) throws -> Void) throws -> Void
  ) throws {
    guard frame.axes.z == 2, frame.signs.z > 0 else {
      var whole = Volume<Float>(grid: frame.grid, repeating: 0)
      try make { slab, first in whole.replace(slicesFrom: first, by: slab, workers: workers) }
      return try write(whole, to: path, frame: frame, workers: workers)
    }
    let isGzip = try isCompressed(path)
    try AtomicFile.stream(to: path) { file in
      var pending = frame.header.encoded(type: .int16)
      var slices = 0
      try make { slab, first in
        precondition(first == slices, "slabs come in rising order")
        slices += slab.grid.shape.z
        pending.append(contentsOf: encoded(slab, frame: frame, workers: workers))
        // Members are whole where the whole volume's are.
        let whole = isGzip ? pending.count / Gzip.memberSize * Gzip.memberSize : pending.count
        guard whole > 0 else { return }
        let bytes = Array(pending[..<whole])
        pending.removeFirst(whole)
        for piece in isGzip ? Gzip.compress(bytes, workers: workers) : [bytes] {
          try file.append(piece)
        }
      }
      precondition(slices == frame.grid.shape.z, "slabs are the whole volume")
      if isGzip, !pending.isEmpty {
        for piece in Gzip.compress(pending, workers: workers) { try file.append(piece) }
      }
    }
  }

  /// A slab's voxels in the file's order.
  private static func encoded(
    _ slab: Volume<Float>, frame: FileFrame, workers: Workers
  ) -> [UInt8] {
    let frame = frame.adapted(to: slab.grid)
    let size = slab.values.count * MemoryLayout<Int16>.size
    return [UInt8](unsafeUninitializedCapacity: size) { bytes, filled in
      // Arrays start at multiples of 16.
      let target = UnsafeMutableRawPointer(bytes.baseAddress!).assumingMemoryBound(to: Int16.self)
      frame.copy(slab, to: target, isInteger: true, workers: workers)
      filled = size
    }
  }
}

extension Volume {
  /// Replaces slices, from index `first` on, by those of a slab with the same columns.
  public mutating func replace(slicesFrom first: Int, by slab: Volume, workers: Workers) {
    let (height, slices) = (grid.shape.z, slab.grid.shape.z)
    precondition(
      slab.grid.columns == grid.columns && first >= 0 && first + slices <= height,
      "a slab lies inside the volume")
    let columns = grid.columns
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let target = values.baseAddress! + first
      slab.values.withUnsafeBufferPointer { values in
        nonisolated(unsafe) let source = values.baseAddress!
        workers.forEachRange(columns, chunk: 4096) { range in
          for column in range {
            (target + column * height).update(from: source + column * slices, count: slices)
          }
        }
      }
    }
  }
}
