#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import Synchronization

/// Writing of whole files so that a half-written one never carries its final name.
///
/// The bytes go to a temporary name in the same folder, are flushed to the disk (`fsync`) and then
/// renamed, which replaces an existing file in one step. A run that is killed leaves at most a file
/// `.maskct-PID-N.partial` behind; `removeLeftovers(in:)` deletes those.
public enum AtomicFile {
  /// Writes the bytes as `path`.
  ///
  /// - Throws: `MaskCTError` of kind `.output` when the folder is missing or read-only or the disk
  ///   is full; the temporary file is removed then and an older file at `path` is untouched.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try write([bytes], to: path)
  }

  /// Writes the text as `path`, in UTF-8.
  ///
  /// - Throws: as `write(_:to:)` for bytes.
  public static func write(_ text: String, to path: String) throws {
    try write([Array(text.utf8)], to: path)
  }

  /// Writes the pieces, one after the other, as `path`.
  ///
  /// - Throws: as `write(_:to:)` for bytes.
  public static func write(_ pieces: [[UInt8]], to path: String) throws {
    try stream(to: path) { file in
      for piece in pieces { try file.append(piece) }
    }
  }

  /// A file that is being written under its temporary name.
  public final class Stream {
    private let descriptor: Int32
    private let path: String

    fileprivate init(descriptor: Int32, path: String) {
      (self.descriptor, self.path) = (descriptor, path)
    }

    /// Writes the bytes after those that are there.
    ///
    /// - Throws: as `write(_:to:)` for bytes.
    public func append(_ bytes: [UInt8]) throws {
      try AtomicFile.write(bytes, to: descriptor, path: path)
    }
  }

  /// Writes what `body` appends, as it comes, as `path`.
  ///
  /// - Throws: as `write(_:to:)` for bytes, and what `body` throws; the temporary file is removed then.
  public static func stream(to path: String, _ body: (Stream) throws -> Void) throws {
    let folder = folder(of: path)
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { throw failure(EISDIR, path) }
    let (temporary, descriptor) = try create(in: folder, for: path)
    var isOpen = true
    do {
      try body(Stream(descriptor: descriptor, path: path))
      if fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP { throw failure(errno, path) }
      isOpen = false
      if close(descriptor) != 0, errno != EINTR { throw failure(errno, path) }
      if rename(temporary, path) != 0 { throw failure(errno, path) }
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      throw error
    }
    flush(folder: folder)
  }

  /// Lets `body` write a file under a temporary name in the same folder, and gives it the name `path` when
  /// that is done: for libraries that want to open a file themselves.
  ///
  /// - Parameter body: takes the temporary name; an empty file of that name exists.
  /// - Throws: as `write(_:to:)` for bytes, and what `body` throws; the temporary file is removed then.
  public static func write(to path: String, _ body: (String) throws -> Void) throws {
    let folder = folder(of: path)
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { throw failure(EISDIR, path) }
    let (temporary, created) = try create(in: folder, for: path)
    close(created)
    do {
      try body(temporary)
      let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw failure(errno, path) }
      defer { close(descriptor) }
      if fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP { throw failure(errno, path) }
      if rename(temporary, path) != 0 { throw failure(errno, path) }
    } catch {
      unlink(temporary)
      throw error
    }
    flush(folder: folder)
  }

  /// Deletes the temporary files that killed runs left in the folder.
  ///
  /// Call it only when no other process writes there.
  public static func removeLeftovers(in folder: String) {
    guard let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(prefix), name.hasSuffix(suffix) { unlink("\(folder)/\(name)") }
    }
  }

  private static let prefix = ".maskct-"
  private static let suffix = ".partial"
  /// Numbers the temporary files of this process.
  private static let counter = Atomic<Int>(0)

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func create(in folder: String, for path: String) throws -> (String, Int32) {
    while true {
      let number = counter.add(1, ordering: .relaxed).oldValue
      let name = "\(folder)/\(prefix)\(getpid())-\(number)\(suffix)"
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (name, descriptor) }
      // EEXIST: left by a killed process, or of the same process id on another node.
      if errno != EEXIST, errno != EINTR { throw failure(errno, path) }
    }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws {
    try bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = writeSome(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if count < 0 {
          if errno == EINTR { continue }
          throw failure(errno, path)
        }
        done += count
      }
    }
  }

  /// Makes the rename itself survive a power cut; file systems that cannot are forgiven.
  private static func flush(folder: String) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func failure(_ code: Int32, _ path: String) -> MaskCTError {
    switch code {
    case ENOSPC, EDQUOT, EFBIG:
      MaskCTError(
        .output, path: path, "cannot be written: the disk is full",
        remedy: "free some space or write to another folder")
    case EROFS, EACCES, EPERM:
      MaskCTError(
        .output, path: path, "cannot be written: its folder is read-only",
        remedy: "write to a folder that you may change")
    case ENOENT, ENOTDIR:
      MaskCTError(
        .output, path: path, "cannot be written: its folder does not exist",
        remedy: "create the folder first")
    case EISDIR:
      MaskCTError(
        .output, path: path, "cannot be written: a folder has this name",
        remedy: "choose another name")
    default:
      MaskCTError(
        .output, path: path, "cannot be written (\(String(cString: strerror(code))))",
        remedy: "write to another folder")
    }
  }
}

private func writeSome(_ descriptor: Int32, _ source: UnsafeRawPointer, _ n: Int) -> Int {
  // Linux moves at most 2 GiB a call.
  write(descriptor, source, min(n, 1 << 30))
}
