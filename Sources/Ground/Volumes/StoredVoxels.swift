import Support
/// Voxels as a file or another program holds them: numbers of some type, first axis fastest, in the
/// machine's byte order.
struct StoredVoxels {
  /// How they lie.
  let frame: FileFrame
  /// How a voxel is stored.
  let type: VoxelType
  /// `value = slope * stored + intercept`; nil for values as they are stored.
  let scaling: (slope: Double, intercept: Double)?
  /// The first voxel; any address.
  let base: UnsafeRawPointer
  /// What messages call them: the file's path.
  let name: String
  private var count: Int { frame.grid.count }

  init(
    frame: FileFrame, type: VoxelType, scaling: (slope: Double, intercept: Double)? = nil,
    base: UnsafeRawPointer, name: String
  ) {
    self.frame = frame
    self.type = type
    self.scaling = scaling
    self.base = base
    self.name = name
  }

  /// The voxels in memory order, checked and decoded.
  func values<D: Decoding>(_ decoding: D.Type, workers: Workers) throws -> [D.Target] {
    switch type {
    case .uint8: try values(decoding, of: UInt8.self, workers)
    case .uint16: try values(decoding, of: UInt16.self, workers)
    case .uint32: try values(decoding, of: UInt32.self, workers)
    case .uint64: try values(decoding, of: UInt64.self, workers)
    case .int8: try values(decoding, of: Int8.self, workers)
    case .int16: try values(decoding, of: Int16.self, workers)
    case .int32: try values(decoding, of: Int32.self, workers)
    case .int64: try values(decoding, of: Int64.self, workers)
    case .float32: try values(decoding, of: Float.self, workers)
    case .float64: try values(decoding, of: Double.self, workers)
    }
  }

  private func values<D: Decoding, S: StoredNumber>(
    _: D.Type, of _: S.Type, _ workers: Workers
  ) throws -> [D.Target] {
    let size = MemoryLayout<S>.stride
    // Odd offsets are legal in a file but not for a typed pointer.
    let isAligned = Int(bitPattern: base) % size == 0
    let copy = UnsafeMutablePointer<S>.allocate(capacity: isAligned ? 0 : count)
    defer { copy.deallocate() }
    if !isAligned {
      UnsafeMutableRawPointer(copy).copyMemory(from: base, byteCount: count * size)
    }
    let source = isAligned ? base.assumingMemoryBound(to: S.self) : UnsafePointer(copy)
    if let scaling {
      return try values(
        Scaled<D, S>(slope: scaling.slope, intercept: scaling.intercept), source, workers)
    }
    return try values(Plain<D, S>(), source, workers)
  }

  private func values<M: CheckedMapping>(
    _ mapping: M, _ source: UnsafePointer<M.Source>, _ workers: Workers
  ) throws -> [M.Target] {
    if let index = firstInvalid(mapping, source, workers) {
      let shape = frame.fileShape
      let place = (index % shape.x, index / shape.x % shape.y, index / (shape.x * shape.y))
      throw mapping.failure(source[index], at: place, path: name)
    }
    return [M.Target](unsafeUninitializedCapacity: count) { target, filled in
      permute(
        frame.fileShape, from: source, .file(frame.fileShape), to: target.baseAddress!,
        .memory(frame), mapping: mapping, workers: workers)
      filled = count
    }
  }

  /// The first voxel in the file with a value that the mapping refuses.
  private func firstInvalid<M: CheckedMapping>(
    _ mapping: M, _ source: UnsafePointer<M.Source>, _ workers: Workers
  ) -> Int? {
    if M.acceptsAll { return nil }
    nonisolated(unsafe) let source = source
    let chunk = 1 << 18
    var hasInvalid = [Bool](repeating: false, count: (count + chunk - 1) / chunk)
    hasInvalid.withUnsafeMutableBufferPointer { hasInvalid in
      nonisolated(unsafe) let hasInvalid = hasInvalid
      workers.forEachRange(count, chunk: chunk) { range in
        var isValid = true
        for index in range { isValid = isValid && mapping.accepts(source[index]) }
        hasInvalid[range.lowerBound / chunk] = !isValid
      }
    }
    guard let first = hasInvalid.firstIndex(of: true) else { return nil }
    return (first * chunk..<count).first { !mapping.accepts(source[$0]) }
  }
}
