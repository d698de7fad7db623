#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory that this process may take, asked before large blocks are.
///
/// A scheduler kills a job that takes more than was granted, and all its work with it. With a limit, the
/// case that would is refused with one line before, and the others continue. Results do not depend on it.
public struct MemoryLimit: Equatable, Sendable {
  /// Bytes.
  public let bytes: Int

  /// Creates a limit of so many bytes.
  public init(bytes: Int) { self.bytes = bytes }

  /// Reads `3G`, `3.5 GB`, `4GiB` or `800M`; G and M are 1024³ and 1024² bytes, as for schedulers.
  ///
  /// - Returns: `nil` for anything else, and for less than 64 MiB, with which nothing begins.
  public init?(parsing text: String) {
    var unit = text.filter { !$0.isWhitespace }.uppercased()[...]
    let number = unit.prefix { $0.isNumber || $0 == "." }
    unit = unit.dropFirst(number.count)
    let factor: Double
    switch unit {
    case "G", "GB", "GIB": factor = 0x1p30
    case "M", "MB", "MIB": factor = 0x1p20
    default: return nil
    }
    guard let value = Double(number), value.isFinite, value * factor >= 0x1p26,
      value * factor < 0x1p60
    else { return nil }
    bytes = Int(value * factor)
  }

  /// What the process has in memory now, its resident set, in bytes; 0 where the system does not say.
  public static var inUse: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  /// Refuses a block that would go beyond the limit.
  ///
  /// - Parameters:
  ///   - more: bytes that are about to be asked for.
  ///   - purpose: what they hold, in lower case.
  ///   - used: bytes in use; measured unless given.
  /// - Throws: `MaskCTError` (input) with both numbers.
  public func check(
    _ more: Int, for purpose: String, used: @autoclosure () -> Int = MemoryLimit.inUse
  ) throws(MaskCTError) {
    let used = used()
    guard used > bytes - more else { return }
    throw MaskCTError(
      .input,
      "\(purpose) needs \(Self.text(more)) beside the \(Self.text(used)) in use, more than the memory limit of "
        + Self.text(bytes),
      remedy: "raise --memory-limit, or take fewer or coarser voxels")
  }

  private static func text(_ bytes: Int) -> String {
    bytes < 1 << 30
      ? "\((bytes + (1 << 19)) >> 20) MiB"
      : "\((Double(bytes) / 0x1p30 * 100).rounded() / 100) GiB"
  }
}
