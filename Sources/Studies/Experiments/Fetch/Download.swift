import FoundationEssentials
import Support
import Training

/// Downloads with `curl`, which resumes, retries, follows proxies and verifies certificates.
public enum Download {
  /// Gets a small answer.
  ///
  /// - Throws: `MaskCTError` if it cannot be got.
  static func text(_ address: String, to file: String) async throws -> [UInt8] {
    try remove(file)
    try await curl(["--output", file, address], address: address)
    defer { try? remove(file) }
    return try ByteFile.read(file)
  }

  /// Downloads a file and verifies it; what an earlier run downloaded is kept and continued.
  ///
  /// The bytes lie in `PATH.part` until their size and checksum are right.
  /// - Parameter progress: called every second with the bytes that are there.
  /// - Throws: `MaskCTError` if it cannot be got or is not what the record says.
  public static func fetch(
    _ file: ZenodoRecord.File, to path: String,
    progress: @escaping @Sendable (_ bytes: Int) -> Void
  ) async throws {
    if size(path) == file.size { return progress(file.size) }
    let part = path + ".part"
    if size(part) > file.size { try remove(part) }
    if size(part) < file.size {
      let watch = Task {
        while !Task.isCancelled {
          progress(max(0, size(part)))
          try? await Task.sleep(for: .seconds(1))
        }
      }
      defer { watch.cancel() }
      try await curl(
        ["--continue-at", "-", "--output", part, file.address], address: file.address)
    }
    guard size(part) == file.size else {
      throw MaskCTError(
        .input, path: file.address, "ended after \(size(part)) of \(file.size) bytes",
        remedy: "run it again: it goes on from there")
    }
    guard try await md5(of: part) == file.md5 else {
      try remove(part)
      throw MaskCTError(
        .input, path: file.address, "arrived with another checksum than \(file.md5)",
        remedy: "run it again: it is downloaded from the start")
    }
    try rename(part, to: path)
    progress(file.size)
  }

  private static func curl(_ arguments: [String], address: String) async throws {
    let outcome = try await ChildProcess.run(
      "curl",
      [
        "--fail", "--location", "--silent", "--show-error", "--retry", "5", "--connect-timeout",
        "30",
      ]
        + arguments)
    // 33: the server cannot resume; start over rather than never end.
    if outcome.status == 33, let index = arguments.firstIndex(of: "--output") {
      try remove(arguments[index + 1])
      return try await curl(
        arguments.filter { $0 != "--continue-at" && $0 != "-" }, address: address)
    }
    guard outcome.succeeded else {
      throw MaskCTError(
        .environment, path: address, "cannot be downloaded: \(outcome.tail(1))",
        remedy: "check the network and run it again; what has arrived is kept")
    }
  }

  private static func md5(of path: String) async throws -> String {
    let outcome = try await ChildProcess.run("md5sum", ["--binary", path])
    guard outcome.succeeded else {
      throw MaskCTError(.environment, path: path, "cannot be verified: \(outcome.tail(1))")
    }
    // md5sum puts a backslash before the digits of a name that it had to escape.
    return String(outcome.output.drop { $0 == "\\" }.prefix(32))
  }

  private static func size(_ path: String) -> Int {
    exists(path) ? ((try? ByteFile.size(path)) ?? -1) : -1
  }
}
