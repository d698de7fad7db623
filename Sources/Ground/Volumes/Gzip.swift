import CLibdeflate
public import Support

/// gzip files (RFC 1952) over libdeflate.
public enum Gzip {
  /// The compression level for images: of noisy CT, level 1 leaves 56.8 %, 2 56.3 %, 6 55.7 %, 9 55.5 %,
  /// at a seventh of the speed.
  public static let imageLevel = 2
  /// The compression level for label maps, which take little time at any level.
  public static let labelLevel = 6

  /// Bytes in one member of what `compress` writes.
  static let memberSize = 2 << 20

  /// libdeflate stops a block short of a full output buffer: a match is up to 258 bytes, a stored
  /// block up to 65535. Everything further than this from the end of the buffer has been written.
  static let slack = 1 << 17

  /// DEFLATE cannot expand data more than this: 258 bytes from two bits (RFC 1951, 3.2.5).
  static let greatestExpansion = 1032

  /// Whether the bytes start like a gzip file.
  public static func isGzip(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B
  }

  /// Compresses the bytes: members of 2 MiB, one after the other, each compressed on its own.
  ///
  /// A file of several members is a gzip file (RFC 1952, 2.2) and inflates to their concatenation.
  /// The result carries no time and no name and does not depend on the number of threads.
  ///
  /// - Parameter level: 1 (fastest) to 12 (smallest).
  /// - Returns: the members, to be written one after the other.
  public static func compress(
    _ bytes: [UInt8], level: Int = imageLevel, workers: Workers
  ) -> [[UInt8]] {
    let members = max(1, (bytes.count + memberSize - 1) / memberSize)
    var pieces = [[UInt8]](repeating: [], count: members)
    bytes.withUnsafeBytes { source in
      pieces.withUnsafeMutableBufferPointer { pieces in
        nonisolated(unsafe) let source = source
        nonisolated(unsafe) let pieces = pieces
        workers.forEach(members) { index in
          let range = index * memberSize..<min(source.count, (index + 1) * memberSize)
          pieces[index] = member(UnsafeRawBufferPointer(rebasing: source[range]), level: level)
        }
      }
    }
    return pieces
  }

  private static func member(_ source: UnsafeRawBufferPointer, level: Int) -> [UInt8] {
    let compressor = libdeflate_alloc_compressor(Int32(min(max(level, 1), 12)))
    defer { libdeflate_free_compressor(compressor) }
    let bound = libdeflate_gzip_compress_bound(compressor, source.count)
    return [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      count = libdeflate_gzip_compress(
        compressor, source.baseAddress, source.count, target.baseAddress, bound)
    }
  }

  /// The first `count` bytes of what a gzip file holds, from the first bytes of the file.
  ///
  /// Never fails: what could not be inflated is zero.
  static func prefix(of start: [UInt8], count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count + slack)
    _ = bytes.withUnsafeMutableBytes { inflate(start, into: $0, count: count) }
    return Array(bytes.prefix(count))
  }

  /// Inflates a gzip file of any number of members to exactly `count` bytes; more is ignored.
  ///
  /// Memory is bounded by `count`, which is refused beforehand if the file is too short to hold it.
  ///
  /// - Throws: `MaskCTError` of kind `.input`.
  static func decompress(_ file: [UInt8], count: Int, path: String) throws -> [UInt8] {
    let short = MaskCTError(
      .input, path: path, "holds less than its header promises", remedy: "copy or export it again")
    let (most, overflow) = file.count.multipliedReportingOverflow(by: greatestExpansion)
    guard overflow || count <= most else { throw short }
    var inflated: Int?
    let bytes = [UInt8](unsafeUninitializedCapacity: count + slack) { target, filled in
      inflated = inflate(file, into: UnsafeMutableRawBufferPointer(target), count: count)
      filled = min(inflated ?? 0, count)
    }
    guard let inflated else { throw damage(path) }
    guard inflated >= count else { throw short }
    return bytes
  }

  /// libdeflate does not tell a stream that ends early from one with a wrong code.
  static func damage(_ path: String) -> MaskCTError {
    MaskCTError(
      .input, path: path, "is gzip data cut short or damaged", remedy: "copy or export it again")
  }

  /// Inflates member after member until `count` bytes are there or the file ends.
  ///
  /// - Returns: the number of bytes inflated; nil if the data are cut short or damaged.
  private static func inflate(
    _ file: [UInt8], into target: UnsafeMutableRawBufferPointer, count: Int
  ) -> Int? {
    let decompressor = libdeflate_alloc_decompressor()
    defer { libdeflate_free_decompressor(decompressor) }
    return file.withUnsafeBytes { source in
      var read = 0
      var filled = 0
      while filled < count, read < source.count {
        var used = 0
        var made = 0
        let result = libdeflate_gzip_decompress_ex(
          decompressor, source.baseAddress! + read, source.count - read,
          target.baseAddress! + filled, target.count - filled, &used, &made)
        switch result {
        case LIBDEFLATE_SUCCESS:
          read += used
          filled += made
        case LIBDEFLATE_INSUFFICIENT_SPACE:
          filled = count
        default:
          return nil
        }
      }
      return filled
    }
  }
}
