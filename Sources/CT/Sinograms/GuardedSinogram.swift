public import Acquisition
internal import FoundationEssentials
internal import Support
internal import Synchronization

/// A sinogram file of anyone, read by a child process.
///
/// Some damaged files end the HDF5 library or keep it busy for ever, and which ones depends on what else lies in
/// memory, so that no trial beforehand can tell. Here HDF5 runs in a process of its own: whatever the file does to it,
/// this process gets readings or an error.
public final class GuardedSinogram: ViewSource {
  /// What the file says besides its readings.
  public let header: SinogramHeader
  /// The file's name.
  public let path: String
  private let reader: Mutex<ReaderProcess>

  /// The geometry of the readings.
  public var scan: HelicalScan { header.scan }

  /// Starts the child and has it open the file and check all that it says about itself.
  ///
  /// - Parameters:
  ///   - program: what calls `SinogramService.run` with its last argument.
  ///   - arguments: its other arguments.
  /// - Throws: `MaskCTError` that names the file, what is wrong and the remedy.
  public init(_ path: String, program: String, arguments: [String]) throws {
    self.path = path
    // What is missing is told without a child.
    _ = try ByteFile.size(path)
    guard let process = ReaderProcess(program, arguments + [path]) else {
      throw MaskCTError(
        .environment, path: path, "cannot be read: no child process can be started",
        remedy: "end other programs of yours, or check 'ulimit -u' and 'ulimit -n'")
    }
    let text = try Self.length(of: process, path: path)
    guard (1...1 << 20).contains(text) else { throw Self.failure(of: process, path: path) }
    let bytes = try Self.receive(text, from: process, path: path)
    guard let message = try? JSONDecoder().decode(SinogramMessage.Header.self, from: Data(bytes))
    else { throw Self.damaged(path, "does not come through") }
    header = message.header
    try header.scan.scanner.validate(path: path)
    reader = Mutex(process)
  }

  /// Reads line integrals; see `ViewSource`. From several threads at once, one waits for the other.
  ///
  /// - Throws: `MaskCTError` where the file is damaged or holds something that is not a number.
  public func read(_ range: Range<Int>, into readings: Readings) throws {
    let stride = scan.scanner.viewStride
    precondition(readings.views == range.count, "the readings have as many views")
    let batch = SinogramMessage.batch(viewStride: stride)
    try reader.withLock { process in
      for first in Swift.stride(from: range.lowerBound, to: range.upperBound, by: batch) {
        let count = min(batch, range.upperBound - first)
        _ = [first, count].withUnsafeBytes { process.send($0) }
        let start = first - range.lowerBound
        let part = readings[views: start..<start + count].memory
        guard try Self.length(of: process, path: path) == count * stride * 4,
          process.receive(UnsafeMutableRawBufferPointer(part))
        else { throw Self.failure(of: process, path: path) }
      }
    }
  }

  /// The length of the next answer.
  ///
  /// - Throws: what the child refuses, or how it ended.
  private static func length(of process: ReaderProcess, path: String) throws -> Int {
    var length = 0
    guard withUnsafeMutableBytes(of: &length, { process.receive($0) }) else {
      throw failure(of: process, path: path)
    }
    guard length < 0 else { return length }
    let bytes = try receive(min(-(length + 1) + 1, 1 << 16), from: process, path: path)
    let refusal = try? JSONDecoder().decode(SinogramMessage.Refusal.self, from: Data(bytes))
    throw refusal.map { MaskCTError(.input, path: path, $0.problem, remedy: $0.remedy) }
      ?? damaged(path, "does not come through")
  }

  private static func receive(
    _ count: Int, from process: ReaderProcess, path: String
  ) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard bytes.withUnsafeMutableBytes({ process.receive($0) }) else {
      throw failure(of: process, path: path)
    }
    return bytes
  }

  /// Why the child has nothing more to say.
  private static func failure(of process: ReaderProcess, path: String) -> MaskCTError {
    switch process.end() {
    case .signal(let name): return damaged(path, "ended the process that read it: \(name)")
    case .code(0): return damaged(path, "does not come through")
    case .code(let code):
      return MaskCTError(
        .environment, path: path, "cannot be read: the child process ended with code \(code)",
        remedy: "run the command again")
    }
  }

  private static func damaged(_ path: String, _ problem: String) -> MaskCTError {
    MaskCTError(
      .input, path: path, problem,
      remedy: "the file is damaged: copy it again, or have it written again")
  }
}
