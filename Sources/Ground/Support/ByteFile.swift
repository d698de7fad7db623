#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reading of files as bytes; every failure names the file and what to do.
public enum ByteFile {
  /// The whole file.
  ///
  /// - Throws: `MaskCTError` of kind `.input` when the file is missing, a folder or unreadable.
  public static func read(_ path: String) throws -> [UInt8] {
    try read(path, first: .max)
  }

  /// The first `limit` bytes of the file, or the whole file when it is shorter.
  ///
  /// - Throws: `MaskCTError` of kind `.input` when the file is missing, a folder or unreadable.
  public static func read(_ path: String, first limit: Int) throws -> [UInt8] {
    let descriptor = try open(path)
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    // One byte more than the size, so that the end of the file is seen without a second round;
    // the loop also serves pipes, whose size is 0, and files that grow meanwhile.
    var room = min(limit, try size(of: descriptor, path: path) + 1)
    while bytes.count < limit {
      let done = bytes.count
      let got = try next(max(room - done, 1), from: descriptor, path: path)
      if got.isEmpty { break }
      if done == 0 { bytes = got } else { bytes += got }
      if bytes.count >= room { room = min(limit, bytes.count + 1 << 20) }
    }
    return bytes
  }

  /// Reads the file piece by piece, in order.
  ///
  /// - Parameter size: bytes of a piece; only the last one is smaller.
  /// - Throws: `MaskCTError` of kind `.input` when the file is missing, a folder or unreadable, and what
  ///   `body` throws.
  public static func forEachPiece(
    of path: String, size: Int = 1 << 22, _ body: ([UInt8]) throws -> Void
  ) throws {
    let descriptor = try open(path)
    defer { close(descriptor) }
    // Refuses folders and devices.
    _ = try self.size(of: descriptor, path: path)
    while true {
      let piece = try next(size, from: descriptor, path: path)
      if piece.isEmpty { return }
      try body(piece)
    }
  }

  /// The number of bytes in the file.
  ///
  /// - Throws: `MaskCTError` of kind `.input` when the file is missing, a folder or unreadable.
  public static func size(_ path: String) throws -> Int {
    let descriptor = try open(path)
    defer { close(descriptor) }
    return try size(of: descriptor, path: path)
  }

  private static func open(_ path: String) throws -> Int32 {
    while true {
      #if canImport(Glibc)
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
      #elseif canImport(Musl)
        let descriptor = Musl.open(path, O_RDONLY | O_CLOEXEC)
      #else
        let descriptor = Darwin.open(path, O_RDONLY | O_CLOEXEC)
      #endif
      if descriptor >= 0 { return descriptor }
      if errno != EINTR { throw failure(errno, path) }
    }
  }

  private static func size(of descriptor: Int32, path: String) throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(errno, path) }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFDIR { throw failure(EISDIR, path) }
    if kind != S_IFREG, kind != S_IFIFO {
      // A device may never end.
      throw MaskCTError(.input, path: path, "is a device, not a file", remedy: "give a file")
    }
    return Int(status.st_size)
  }

  /// At most `count` bytes; fewer only at the end of the file.
  private static func next(_ count: Int, from descriptor: Int32, path: String) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = readSome(descriptor, buffer.baseAddress! + filled, count - filled)
        if got == 0 { return }
        if got < 0 {
          if errno == EINTR { continue }
          throw failure(errno, path)
        }
        filled += got
      }
    }
  }

  private static func failure(_ code: Int32, _ path: String) -> MaskCTError {
    switch code {
    case ENOENT, ENOTDIR:
      MaskCTError(.input, path: path, "no such file", remedy: "check the path")
    case EISDIR:
      MaskCTError(.input, path: path, "is a folder, not a file", remedy: "give a file in it")
    case EACCES, EPERM:
      MaskCTError(.input, path: path, "may not be read", remedy: "change its permissions")
    default:
      MaskCTError(
        .input, path: path, "cannot be read (\(String(cString: strerror(code))))",
        remedy: "check the disk or the network drive it lies on")
    }
  }
}

private func readSome(_ descriptor: Int32, _ target: UnsafeMutablePointer<UInt8>, _ n: Int) -> Int {
  // Linux moves at most 2 GiB a call.
  read(descriptor, target, min(n, 1 << 30))
}
