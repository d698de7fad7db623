internal import FoundationEssentials
internal import Support

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process that HDF5 runs in for `GuardedSinogram`: it reads one file, and what the file does to HDF5 happens here.
public enum SinogramService {
  /// CPU time for what is asked, seconds, beyond a second for every 20 MB of readings.
  static let patience = 5

  /// Answers on standard input until its other end is closed.
  ///
  /// Limits of CPU time and memory stay with the process: memory of 512 MiB and 64 times the file's size, at most
  /// 4 GiB, beyond what it has to begin with.
  ///
  /// - Throws: `MaskCTError` where standard input is not a socket: this is not for users.
  public static func run(_ path: String) throws {
    var status = stat()
    guard fstat(0, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      throw MaskCTError(
        .usage, "is what 'maskct reconstruct' starts to read a file",
        remedy: "use 'maskct reconstruct'")
    }
    limit(RLIMIT_CORE, to: 0)
    limit(RLIMIT_CPU, to: patience)
    do {
      let size = try ByteFile.size(path)
      let memory = min(4 << 30, 512 << 20 + 64 * min(size, 1 << 30))
      if let inUse = addressSpace { limit(RLIMIT_AS, to: inUse + memory) }
      try answer(with: SinogramFile(path))
    } catch let error as MaskCTError {
      let refusal = SinogramMessage.Refusal(problem: error.problem, remedy: error.remedy)
      _ = send(try JSONEncoder().encode(refusal), isRefusal: true)
    }
  }

  private static func answer(with file: SinogramFile) throws {
    let views = file.scan.viewCount
    let stride = file.scan.scanner.viewStride
    let batch = min(views, SinogramMessage.batch(viewStride: stride))
    guard send(try JSONEncoder().encode(SinogramMessage.Header(file.header)), isRefusal: false)
    else { return }
    var question = [0, 0]
    while question.withUnsafeMutableBytes({ ReaderProcess.receive($0, from: 0) }) {
      let (first, count) = (question[0], question[1])
      guard first >= 0, (1...batch).contains(count), first <= views - count else { return }
      let spent = Int(clock()) / Int(CLOCKS_PER_SEC)
      limit(RLIMIT_CPU, to: spent + 1 + patience + count * stride / 5_000_000)
      let values = try file.lineIntegrals(of: first..<first + count)
      let isSent = values.withUnsafeBytes { bytes in
        var length = count * stride * 4
        return withUnsafeBytes(of: &length) { ReaderProcess.send($0, to: 0) }
          && ReaderProcess.send(bytes, to: 0)
      }
      guard isSent else { return }
    }
  }

  private static func send(_ text: Data, isRefusal: Bool) -> Bool {
    var length = isRefusal ? -text.count : text.count
    return withUnsafeBytes(of: &length) { ReaderProcess.send($0, to: 0) }
      && Array(text).withUnsafeBytes { ReaderProcess.send($0, to: 0) }
  }

  /// Sets what the system ends the process at, no higher than what cannot be raised any more.
  private static func limit(_ resource: Resource, to value: Int) {
    var limits = rlimit()
    guard getrlimit(resource, &limits) == 0 else { return }
    limits.rlim_cur = min(rlim_t(value), limits.rlim_max)
    setrlimit(resource, &limits)
  }

  /// Bytes of addresses that the process has mapped.
  private static var addressSpace: Int? {
    guard let text = try? ByteFile.read("/proc/self/statm", first: 4096),
      let first = String(decoding: text, as: UTF8.self).split(separator: " ").first,
      let pages = Int(first)
    else { return nil }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}

#if canImport(Glibc)
  private typealias Resource = __rlimit_resource_t
  private let RLIMIT_CORE = Resource(Glibc.RLIMIT_CORE.rawValue)
  private let RLIMIT_CPU = Resource(Glibc.RLIMIT_CPU.rawValue)
  private let RLIMIT_AS = Resource(Glibc.RLIMIT_AS.rawValue)
#else
  private typealias Resource = Int32
#endif
