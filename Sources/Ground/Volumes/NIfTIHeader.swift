import Support
/// The header of a NIfTI-1 or NIfTI-2 file, as far as MaskCT uses it: numbers as they stand there.
///
/// NIfTI-1: <https://nifti.nimh.nih.gov/nifti-1>, NIfTI-2: <https://nifti.nimh.nih.gov/nifti-2>.
struct NIfTIHeader: Equatable, Sendable {
  /// Format of the file: 1 or 2.
  var version = 1
  /// Whether the numbers in the file start with their highest byte.
  var isBigEndian = false
  /// Number of axes, then the count along each: `dim[0]` ... `dim[7]`.
  var dim = [Int](repeating: 1, count: 8)
  /// How a voxel is stored; see `VoxelType.niftiCode`.
  var datatype = 0
  /// `qfac` (handedness), then the spacing along each axis: `pixdim[0]` ... `pixdim[7]`.
  var pixdim = [Double](repeating: 1, count: 8)
  /// Where the voxels start in the file.
  var voxelOffset = 0.0
  /// `value = scl_slope * stored + scl_inter`; a slope of 0 (or NaN) means that no scaling is meant.
  var slope = 1.0, intercept = 0.0
  /// Units of space (bits 0-2: 1 m, 2 mm, 3 micrometres) and time.
  var units = 2
  /// What the quaternion's and the matrix's space is; 0 means that they are not to be used.
  var qformCode = 0, sformCode = 0
  /// Rotation as a quaternion `(sqrt(1 - b^2 - c^2 - d^2), b, c, d)`.
  var quaternion: SIMD3<Double> = [0, 0, 0]
  /// Where the quaternion's map puts the first voxel.
  var quaternionOffset: SIMD3<Double> = [0, 0, 0]
  /// The three rows of the matrix: `x = r0 i + r1 j + r2 k + r3`.
  var rows: [SIMD4<Double>] = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]

  /// Where a field lies and how it is stored, in either version.
  private struct Field {
    var one: (offset: Int, type: VoxelType)
    var two: (offset: Int, type: VoxelType)

    init(_ offset1: Int, _ type1: VoxelType, _ offset2: Int, _ type2: VoxelType) {
      one = (offset1, type1)
      two = (offset2, type2)
    }
  }

  /// The fields that MaskCT reads and writes: place and type in NIfTI-1, then in NIfTI-2.
  private enum Fields {
    static let size = Field(0, .int32, 0, .int32)  // 348 or 540: tells version and byte order
    static let dim = Field(40, .int16, 16, .int64)  // 8 numbers: axes, then counts
    static let datatype = Field(70, .int16, 12, .int16)  // see VoxelType
    static let bitpix = Field(72, .int16, 14, .int16)  // bits of a voxel; follows from datatype
    static let pixdim = Field(76, .float32, 104, .float64)  // 8 numbers: qfac, then spacings
    static let voxelOffset = Field(108, .float32, 168, .int64)  // first byte of the voxels
    static let slope = Field(112, .float32, 176, .float64)  // scaling of stored values
    static let intercept = Field(116, .float32, 184, .float64)  // value of stored 0
    static let units = Field(123, .uint8, 500, .int32)  // units of space and time
    static let description = Field(148, .uint8, 240, .uint8)  // 80 bytes of text
    static let qformCode = Field(252, .int16, 344, .int32)  // meaning of the quaternion
    static let sformCode = Field(254, .int16, 348, .int32)  // meaning of the matrix
    static let quaternion = Field(256, .float32, 352, .float64)  // 3 numbers: b, c, d
    static let quaternionOffset = Field(268, .float32, 376, .float64)  // 3 numbers, mm
    static let rows = Field(280, .float32, 400, .float64)  // 12 numbers: the matrix by rows
    static let magic = Field(344, .uint8, 4, .uint8)  // "n+1\0" or "n+2\0\r\n\032\n"
  }

  /// The text that marks a single file of either version.
  private static let magic1: [UInt8] = [0x6E, 0x2B, 0x31, 0]
  private static let magic2: [UInt8] = [0x6E, 0x2B, 0x32, 0, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Bytes of the header proper, 348 or 540; the voxels start 4 bytes later or further on.
  static func byteCount(version: Int) -> Int { version == 1 ? 348 : 540 }

  /// The greatest number of bytes that `init(parsing:path:)` looks at.
  static let greatestByteCount = 544
}

extension NIfTIHeader {
  /// Reads the header from the first bytes of a file (already inflated), checking nothing but that
  /// it is one.
  ///
  /// - Throws: `MaskCTError` of kind `.input` when it is not the start of a single NIfTI file.
  init(parsing bytes: [UInt8], path: String) throws {
    self.init()
    guard let (version, isBigEndian) = Self.format(of: bytes) else {
      throw MaskCTError(
        .input, path: path, "is not a NIfTI file\(Self.guess(bytes))",
        remedy: "give a .nii or .nii.gz file")
    }
    self.version = version
    self.isBigEndian = isBigEndian
    let magic = version == 1 ? Self.magic1 : Self.magic2
    let at = version == 1 ? Fields.magic.one.offset : Fields.magic.two.offset
    guard bytes.count >= Self.byteCount(version: version) else {
      throw MaskCTError(
        .input, path: path, "is cut short: it ends within the NIfTI header",
        remedy: "copy or export the file again")
    }
    guard Array(bytes[at..<at + magic.count]) == magic else {
      let isPair = bytes[at] == 0x6E && bytes[at + 1] == 0x69  // "ni1": voxels in an .img file
      throw MaskCTError(
        .input, path: path,
        isPair ? "is one half of a .hdr/.img pair" : "is an Analyze or damaged NIfTI header",
        remedy: "convert it to a single .nii.gz file")
    }
    func integer(_ field: Field, _ index: Int = 0) -> Int {
      Int(exactly: number(field, index)) ?? 0
    }
    func number(_ field: Field, _ index: Int = 0) -> Double {
      let place = version == 1 ? field.one : field.two
      return Self.load(
        bytes, at: place.offset + index * place.type.byteCount, place.type, isBigEndian)
    }
    dim = (0..<8).map { integer(Fields.dim, $0) }
    datatype = integer(Fields.datatype)
    pixdim = (0..<8).map { number(Fields.pixdim, $0) }
    voxelOffset = number(Fields.voxelOffset)
    slope = number(Fields.slope)
    intercept = number(Fields.intercept)
    units = integer(Fields.units)
    qformCode = integer(Fields.qformCode)
    sformCode = integer(Fields.sformCode)
    for axis in 0..<3 {
      quaternion[axis] = number(Fields.quaternion, axis)
      quaternionOffset[axis] = number(Fields.quaternionOffset, axis)
      for column in 0..<4 { rows[axis][column] = number(Fields.rows, axis * 4 + column) }
    }
  }

  /// The header as bytes, little-endian, up to the first voxel (352 or 544 bytes).
  func encoded(type: VoxelType) -> [UInt8] {
    let start = Self.byteCount(version: version) + 4  // no extensions: four zero bytes
    var bytes = [UInt8](repeating: 0, count: start)
    func put(_ field: Field, _ value: Double, _ index: Int = 0) {
      let place = version == 1 ? field.one : field.two
      Self.store(value, in: &bytes, at: place.offset + index * place.type.byteCount, place.type)
    }
    func put(_ field: Field, text: [UInt8]) {
      for (index, byte) in text.enumerated() { put(field, Double(byte), index) }
    }
    put(Fields.size, Double(Self.byteCount(version: version)))
    for (index, count) in dim.enumerated() { put(Fields.dim, Double(count), index) }
    put(Fields.datatype, Double(type.niftiCode))
    put(Fields.bitpix, Double(type.byteCount * 8))
    for (index, step) in pixdim.enumerated() { put(Fields.pixdim, step, index) }
    put(Fields.voxelOffset, Double(start))
    put(Fields.slope, 1)
    put(Fields.intercept, 0)
    put(Fields.units, Double(units))
    put(Fields.description, text: Array("MaskCT".utf8))
    put(Fields.qformCode, Double(qformCode))
    put(Fields.sformCode, Double(sformCode))
    for axis in 0..<3 {
      put(Fields.quaternion, quaternion[axis], axis)
      put(Fields.quaternionOffset, quaternionOffset[axis], axis)
      for column in 0..<4 { put(Fields.rows, rows[axis][column], axis * 4 + column) }
    }
    put(Fields.magic, text: version == 1 ? Self.magic1 : Self.magic2)
    return bytes
  }

  /// Version and byte order, recognised by the header's size field.
  private static func format(of bytes: [UInt8]) -> (version: Int, isBigEndian: Bool)? {
    guard bytes.count >= 4 else { return nil }
    for isBigEndian in [false, true] {
      let size = load(bytes, at: 0, .int32, isBigEndian)
      if size == 348 { return (1, isBigEndian) }
      if size == 540 { return (2, isBigEndian) }
    }
    return nil
  }

  /// What a file that is not NIfTI looks like, for the error line.
  private static func guess(_ bytes: [UInt8]) -> String {
    func starts(_ text: String, at offset: Int = 0) -> Bool {
      bytes.dropFirst(offset).starts(with: text.utf8)
    }
    if bytes.isEmpty { return ": it is empty" }
    if bytes[0] == 0x89, starts("PNG", at: 1) { return ": it is a PNG picture" }
    if bytes[0] == 0xFF, bytes.count > 1, bytes[1] == 0xD8 { return ": it is a JPEG picture" }
    if starts("DICM", at: 128) { return ": it is a DICOM file, which dcm2niix converts" }
    if starts("NRRD") { return ": it is an NRRD file" }
    if starts("ObjectType") { return ": it is a MetaImage header" }
    if starts("PK") { return ": it is a zip archive" }
    let isText = bytes.prefix(256).allSatisfy { $0 >= 32 && $0 < 127 || (9...13).contains($0) }
    return isText ? ": it is text" : ""
  }

  /// One number of the header as a `Double` (64-bit counts beyond 2^53 are refused anyway).
  private static func load(
    _ bytes: [UInt8], at offset: Int, _ type: VoxelType, _ isBigEndian: Bool
  ) -> Double {
    var bits: UInt64 = 0
    for index in 0..<type.byteCount {
      let place = isBigEndian ? index : type.byteCount - 1 - index
      bits = bits << 8 | UInt64(bytes[offset + place])
    }
    return switch type {
    case .uint8, .uint16, .uint32, .uint64: Double(bits)
    case .int8: Double(Int8(truncatingIfNeeded: bits))
    case .int16: Double(Int16(truncatingIfNeeded: bits))
    case .int32: Double(Int32(truncatingIfNeeded: bits))
    case .int64: Double(Int64(truncatingIfNeeded: bits))
    case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .float64: Double(bitPattern: bits)
    }
  }

  private static func store(
    _ value: Double, in bytes: inout [UInt8], at offset: Int, _ type: VoxelType
  ) {
    let bits: UInt64 =
      switch type {
      case .float32: UInt64(Float(value).bitPattern)
      case .float64: value.bitPattern
      default: UInt64(bitPattern: Int64(value))
      }
    for index in 0..<type.byteCount {
      bytes[offset + index] = UInt8(truncatingIfNeeded: bits >> (8 * UInt64(index)))
    }
  }
}
