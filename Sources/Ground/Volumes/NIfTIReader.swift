public import Support
/// NIfTI-1 and NIfTI-2 files, `.nii` and `.nii.gz`.
///
/// Whatever the orientation of a file, volumes in memory are RAS+ with z fastest (see `Grid`); the
/// `FileFrame` that comes with each remembers how the file had it.
public enum NIfTI {
  /// Grid, frame and voxel type of a file; reads and inflates only its start.
  ///
  /// - Throws: `MaskCTError` of kind `.input` when the file is missing or not such a volume.
  public static func readHeader(
    _ path: String
  ) throws -> (grid: Grid, frame: FileFrame, type: VoxelType) {
    // Half a megabyte holds the header even of files that are stored rather than compressed.
    let start = try ByteFile.read(path, first: 1 << 19)
    let header = try header(ofFile: start, path: path)
    let (frame, type, _) = try check(header, path: path)
    // Whoever plans memory by this grid can rely on it.
    let most = try ByteFile.size(path) * (Gzip.isGzip(start) ? Gzip.greatestExpansion : 1)
    guard frame.grid.count * type.byteCount <= most else {
      throw MaskCTError(
        .input, path: path, "holds less than its header promises, \(frame.grid)",
        remedy: "copy or export the file again")
    }
    return (frame.grid, frame, type)
  }

  /// A volume of real numbers (HU), scaled by `scl_slope` and `scl_inter`.
  ///
  /// - Throws: `MaskCTError` of kind `.input` when the file is missing, damaged, shorter than its
  ///   header promises, no single volume, or holds values that are not finite.
  public static func readVolume(
    _ path: String, workers: Workers
  ) throws -> (volume: Volume<Float>, frame: FileFrame) {
    let file = try Stored(path, workers: workers)
    let values = try file.values(VolumeDecoding.self, workers: workers)
    return (Volume(grid: file.frame.grid, values: values), file.frame)
  }

  /// A volume of HU, as int16 where the file holds such integers: half the memory of `readVolume`.
  ///
  /// - Throws: as `readVolume`.
  public static func readHounsfield(
    _ path: String, workers: Workers
  ) throws -> (volume: HounsfieldVolume, frame: FileFrame) {
    let file = try Stored(path, workers: workers)
    guard file.scaling == nil, [.uint8, .int8, .int16].contains(file.type) else {
      let values = try file.values(VolumeDecoding.self, workers: workers)
      return (.float(Volume(grid: file.frame.grid, values: values)), file.frame)
    }
    let values = try file.values(IntegerDecoding.self, workers: workers)
    return (.int16(Volume(grid: file.frame.grid, values: values)), file.frame)
  }

  /// A label map: every voxel an integer from 0 to 65535, in whatever type it is stored.
  ///
  /// Values within 0.001 of an integer are taken for it: scaled or floating point files miss it by
  /// rounding.
  ///
  /// - Throws: `MaskCTError` of kind `.input` as `readVolume`, and for other values, naming one.
  public static func readLabelMap(
    _ path: String, workers: Workers
  ) throws -> (labels: LabelMap, frame: FileFrame) {
    let file = try Stored(path, workers: workers)
    let values = try file.values(LabelDecoding.self, workers: workers)
    return (LabelMap(grid: file.frame.grid, values: values), file.frame)
  }

  /// The header of a file, inflated if need be, from the file's first bytes.
  fileprivate static func header(ofFile start: [UInt8], path: String) throws -> NIfTIHeader {
    let count = NIfTIHeader.greatestByteCount
    if !Gzip.isGzip(start) {
      return try NIfTIHeader(parsing: Array(start.prefix(count)), path: path)
    }
    let bytes = Gzip.prefix(of: start, count: count)
    if bytes.allSatisfy({ $0 == 0 }) { throw Gzip.damage(path) }
    return try NIfTIHeader(parsing: bytes, path: path)
  }

  /// The header's promises, checked.
  fileprivate static func check(
    _ header: NIfTIHeader, path: String
  ) throws -> (frame: FileFrame, type: VoxelType, scaling: (slope: Double, intercept: Double)?) {
    let shape = try header.shape(path: path)
    let type = try header.voxelType(path: path)
    var bytes = type.byteCount
    for axis in 0..<3 {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: shape[axis])
      bytes = overflow ? Int.max : product
    }
    guard bytes < 1 << 46 else {
      throw MaskCTError(
        .input, path: path, "claims \(shape.x) x \(shape.y) x \(shape.z) voxels",
        remedy: "export it again; its header is damaged")
    }
    let scaling = try header.scaling(path: path)
    let affine = try header.affine(path: path)
    return (FileFrame(header: header, shape: shape, affine: affine), type, scaling)
  }
}

/// HU in the type that holds what a file holds.
public enum HounsfieldVolume: Sendable {
  /// Real numbers.
  case float(Volume<Float>)
  /// Integers.
  case int16(Volume<Int16>)
}

/// A file's voxels as they are stored, in the machine's byte order.
private struct Stored {
  let path: String
  let frame: FileFrame
  let type: VoxelType
  let scaling: (slope: Double, intercept: Double)?
  let bytes: [UInt8]
  let start: Int
  var count: Int { frame.grid.count }

  init(_ path: String, workers: Workers) throws {
    self.path = path
    let file = try ByteFile.read(path)
    let isGzip = Gzip.isGzip(file)
    let header = try NIfTI.header(ofFile: file, path: path)
    (frame, type, scaling) = try NIfTI.check(header, path: path)
    // 0 is what some writers leave; the voxels then follow the header and its extension mark.
    let least = Double(NIfTIHeader.byteCount(version: header.version) + 4)
    let offset = header.voxelOffset == 0 ? least : header.voxelOffset
    guard offset >= least, offset < 0x1p40 else {
      throw MaskCTError(
        .input, path: path, "has its voxels at byte \(header.voxelOffset), which cannot be",
        remedy: "export it again; its header is damaged")
    }
    start = Int(offset)
    let total = start + frame.grid.count * type.byteCount
    // As stored, and as 16-bit integers at the least.
    try workers.reserve((isGzip ? total : 0) + 2 * frame.grid.count, for: path)
    var bytes = isGzip ? try Gzip.decompress(file, count: total, path: path) : file
    guard bytes.count >= total else {
      throw MaskCTError(
        .input, path: path, "is cut short: \(bytes.count) bytes of \(total)",
        remedy: "copy or export it again")
    }
    if header.isBigEndian { Self.swap(&bytes, from: start, to: total, type, workers) }
    self.bytes = bytes
  }

  private static func swap(
    _ bytes: inout [UInt8], from start: Int, to end: Int, _ type: VoxelType, _ workers: Workers
  ) {
    func swap<T: FixedWidthInteger & Sendable>(_: T.Type) {
      bytes.withUnsafeMutableBytes { raw in
        nonisolated(unsafe) let base = raw.baseAddress! + start
        workers.forEachRange((end - start) / MemoryLayout<T>.size, chunk: 1 << 18) { range in
          for index in range {
            let place = base + index * MemoryLayout<T>.size
            place.storeBytes(of: place.loadUnaligned(as: T.self).byteSwapped, as: T.self)
          }
        }
      }
    }
    switch type.byteCount {
    case 2: swap(UInt16.self)
    case 4: swap(UInt32.self)
    case 8: swap(UInt64.self)
    default: break
    }
  }

  /// The voxels in memory order, checked and decoded.
  func values<D: Decoding>(_ decoding: D.Type, workers: Workers) throws -> [D.Target] {
    try bytes.withUnsafeBytes { raw in
      try StoredVoxels(
        frame: frame, type: type, scaling: scaling, base: raw.baseAddress! + start, name: path
      ).values(decoding, workers: workers)
    }
  }
}
