internal import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A child process that answers on its standard input, which is a socket; of both directions, so that nothing but the
/// end of this value, or of this process, is needed for it to see the end.
final class ReaderProcess: @unchecked Sendable {
  // Unchecked: one conversation at a time, which its owner sees to.
  /// How a process ended.
  enum Fate: Equatable {
    /// By a signal: its name as the system tells it.
    case signal(String)
    /// By itself, with this code.
    case code(Int32)
  }

  private let socket: Int32
  private var pid: pid_t

  /// Starts a program, its output and errors thrown away.
  ///
  /// - Returns: `nil` where the system refuses.
  init?(_ program: String, _ arguments: [String]) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Self.stream, 0, &ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    socket = ends[0]
    pid = 0
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    for output: Int32 in [1, 2] {
      posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
    }
    // A group of its own: Ctrl-C is for this process, and the child sees its end. Threads of Dispatch block
    // signals, and among them the one that limits the child's time.
    var attributes = posix_spawnattr_t()
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_init(&attributes)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    posix_spawnattr_setsigmask(&attributes, &none)
    var variables = ProcessInfo.processInfo.environment
    // A crash is expected, and no backtrace of it.
    variables["SWIFT_BACKTRACE"] = "enable=no"
    let argv = ([program] + arguments).map { strdup($0) } + [nil]
    let environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    let status = posix_spawn(&pid, program, &actions, &attributes, argv, environment)
    for text in argv + environment { free(text) }
    posix_spawnattr_destroy(&attributes)
    posix_spawn_file_actions_destroy(&actions)
    close(ends[1])
    guard status == 0 else {
      pid = 0
      return nil
    }
  }

  deinit {
    close(socket)
    _ = end()
  }

  /// Ends the child, and tells how it had ended if it had.
  func end() -> Fate {
    guard pid > 0 else { return .code(-1) }
    // What has closed its end of the socket is ending already, and that stays its reason.
    kill(pid, SIGKILL)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    pid = 0
    let signal = status & 0x7F
    return signal == 0
      ? .code((status >> 8) & 0xFF)
      : .signal(strsignal(signal).map { String(cString: $0) } ?? "signal \(signal)")
  }

  /// Sends bytes to the child.
  ///
  /// - Returns: whether it is there to read them.
  func send(_ bytes: UnsafeRawBufferPointer) -> Bool { Self.send(bytes, to: socket) }

  /// Waits for as many bytes from the child.
  ///
  /// - Returns: whether they came before it ended.
  func receive(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
    Self.receive(bytes, from: socket)
  }

  #if canImport(Glibc)
    private static let stream = Int32(SOCK_STREAM.rawValue)
  #else
    private static let stream = SOCK_STREAM
  #endif

  static func send(_ bytes: UnsafeRawBufferPointer, to socket: Int32) -> Bool {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
      // Without the signal that would end this process.
      let sent = Sinograms.sendQuietly(socket, base, rest.count)
      if sent < 0, errno == EINTR { continue }
      if sent <= 0 { return false }
      rest = UnsafeRawBufferPointer(rebasing: rest[sent...])
    }
    return true
  }

  static func receive(_ bytes: UnsafeMutableRawBufferPointer, from socket: Int32) -> Bool {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
      let got = read(socket, base, rest.count)
      if got < 0, errno == EINTR { continue }
      if got <= 0 { return false }
      rest = UnsafeMutableRawBufferPointer(rebasing: rest[got...])
    }
    return true
  }
}

private func sendQuietly(_ socket: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int {
  send(socket, base, count, Int32(MSG_NOSIGNAL))
}
