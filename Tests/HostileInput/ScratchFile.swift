#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file in the folder for temporary files that goes with its last reference.
///
/// It keeps its name until then: HDF5 asks for the real path of what it opens.
public final class ScratchFile: Sendable {
  /// Where it is.
  public let path: String

  /// Creates an empty one.
  public init() {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array("\(folder)/maskct-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    precondition(descriptor >= 0, "files can be created in \(folder)")
    close(descriptor)
    path = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit { unlink(path) }

  /// Makes it hold these bytes and no others.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    defer { close(descriptor) }
    precondition(
      Glibc.write(descriptor, bytes.baseAddress, bytes.count) == bytes.count,
      "there is room for temporary files")
  }
}

/// What hostile files name and no reader may follow.
struct OutsideFiles: Sendable {
  /// A sinogram that is whole and readable, for links from other files.
  let sinogram = ScratchFile()
  /// Nothing but readings, for data sets that keep theirs elsewhere.
  let floats = ScratchFile()

  init() {
    HostileSinogram([6, 0, 10] + Double(HostileSinogram.outside).bytes)
      .write(to: sinogram.path, outside: nil)
    [Float](repeating: HostileSinogram.outside, count: 1 << 14).withUnsafeBytes(floats.write)
  }
}
