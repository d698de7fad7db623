public import Support
extension NIfTI {
  /// Writes the volume on the frame's grid; values are rounded to nearest and saturated.
  ///
  /// A name that ends in `.nii.gz` is compressed, one in `.nii` is not. On another grid than the
  /// frame's own the frame is adapted (`FileFrame.adapted(to:)`). The bytes depend on the arguments
  /// alone, not on time or threads. NaN becomes 0 in integer types.
  ///
  /// - Throws: `MaskCTError` of kind `.output` when the file cannot be written, `.usage` for another
  ///   ending.
  public static func write(
    _ volume: Volume<Float>, to path: String, frame: FileFrame, as type: VoxelType = .int16,
    workers: Workers
  ) throws {
    let frame = frame.adapted(to: volume.grid)
    func write<S: EncodedNumber>(_: S.Type) throws {
      try Self.write(
        volume.values, Encode<S>(), type: type, to: path, frame: frame, Gzip.imageLevel, workers)
    }
    switch type {
    case .uint8: try write(UInt8.self)
    case .uint16: try write(UInt16.self)
    case .uint32: try write(UInt32.self)
    case .uint64: try write(UInt64.self)
    case .int8: try write(Int8.self)
    case .int16: try write(Int16.self)
    case .int32: try write(Int32.self)
    case .int64: try write(Int64.self)
    case .float32: try write(Float.self)
    case .float64: try write(Double.self)
    }
  }

  /// Writes the label map on the frame's grid, as `uint8` if every label is below 256, else `uint16`.
  ///
  /// - Throws: as `write(_:to:frame:as:workers:)`.
  public static func write(
    _ labels: LabelMap, to path: String, frame: FileFrame, workers: Workers
  ) throws {
    let frame = frame.adapted(to: labels.grid)
    let isSmall = labels.values.withUnsafeBufferPointer { values in
      values.reduce(0, |) < 256
    }
    if isSmall {
      try write(
        labels.values, LowByte(), type: .uint8, to: path, frame: frame, Gzip.labelLevel, workers)
    } else {
      try write(
        labels.values, Same(), type: .uint16, to: path, frame: frame, Gzip.labelLevel, workers)
    }
  }

  /// Whether a file of this name is compressed.
  ///
  /// - Throws: `MaskCTError` of kind `.usage` for the name of no volume.
  static func isCompressed(_ path: String) throws -> Bool {
    let isGzip = path.hasSuffix(".nii.gz")
    guard isGzip || path.hasSuffix(".nii") else {
      throw MaskCTError(
        .usage, path: path, "is not a volume's file name",
        remedy: "use a name that ends in .nii.gz or .nii")
    }
    return isGzip
  }

  private static func write<M: VoxelMapping>(
    _ values: [M.Source], _ mapping: M, type: VoxelType, to path: String, frame: FileFrame,
    _ level: Int, _ workers: Workers
  ) throws {
    let isGzip = try isCompressed(path)
    let header = frame.header.encoded(type: type)
    let shape = frame.fileShape
    let total = header.count + values.count * type.byteCount
    let bytes = [UInt8](unsafeUninitializedCapacity: total) { target, filled in
      for (index, byte) in header.enumerated() { target[index] = byte }
      // 352 and 544 are multiples of 8 and arrays start at multiples of 16.
      let voxels = UnsafeMutableRawPointer(target.baseAddress! + header.count)
        .assumingMemoryBound(to: M.Target.self)
      values.withUnsafeBufferPointer { source in
        permute(
          shape, from: source.baseAddress!, .memory(frame), to: voxels, .file(shape),
          mapping: mapping, workers: workers)
      }
      filled = total
    }
    try AtomicFile.write(
      isGzip ? Gzip.compress(bytes, level: level, workers: workers) : [bytes], to: path)
  }
}

/// A type that voxels can be written as.
protocol EncodedNumber: StoredNumber {
  /// The value rounded to nearest and saturated.
  static func encode(_ value: Float) -> Self
}

extension EncodedNumber where Self: FixedWidthInteger {
  @inline(__always) static func encode(_ value: Float) -> Self {
    if Self.bitWidth <= 16 {
      let known = value == value ? value : 0
      let clamped = Double(Swift.min(Swift.max(known, Float(Self.min)), Float(Self.max)))
      // Adding 1.5 * 2^52 rounds to an integer, which the low bits then hold; unlike `rounded()`
      // it is one instruction on every CPU and vectorises.
      return Self(truncatingIfNeeded: (clamped + 0x1.8p52).bitPattern)
    }
    let rounded = value.rounded(.toNearestOrEven)
    if rounded >= Float(Self.max) { return Self.max }
    if rounded <= Float(Self.min) { return Self.min }
    return rounded == rounded ? Self(rounded) : 0
  }
}

extension EncodedNumber where Self: BinaryFloatingPoint {
  @inline(__always) static func encode(_ value: Float) -> Self { Self(value) }
}

extension UInt8: EncodedNumber {}
extension UInt16: EncodedNumber {}
extension UInt32: EncodedNumber {}
extension UInt64: EncodedNumber {}
extension Int8: EncodedNumber {}
extension Int16: EncodedNumber {}
extension Int32: EncodedNumber {}
extension Int64: EncodedNumber {}
extension Float: EncodedNumber {}
extension Double: EncodedNumber {}

/// HU as a number in a file.
struct Encode<S: EncodedNumber>: VoxelMapping {
  @inline(__always) func callAsFunction(_ value: Float) -> S { S.encode(value) }
}

/// Labels below 256.
struct LowByte: VoxelMapping {
  @inline(__always) func callAsFunction(_ value: UInt16) -> UInt8 {
    UInt8(truncatingIfNeeded: value)
  }
}

private struct Same: VoxelMapping {
  @inline(__always) func callAsFunction(_ value: UInt16) -> UInt16 { value }
}
