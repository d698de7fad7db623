import FoundationEssentials
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program that runs to its end while the calling thread waits and its output is read as bytes.
///
/// For the numerical threads (`Workers`), which are synchronous: waiting there for the tasks of `ChildProcess`
/// could hold up the very threads that those tasks need. Arguments go as a vector, never through a shell.
package struct BlockingProcess {
  /// What a program left behind.
  package struct Outcome {
    /// Its exit code; 128 + n where signal n ended it.
    package var exitCode: Int
    /// Everything it wrote to standard output.
    package var output: [UInt8]
    /// The first 64 KiB of what it wrote to standard error.
    package var errors: String
  }

  /// Why a program did not run.
  package enum Failure: Error, Equatable {
    /// No such program on the path.
    case notFound
    /// The system refused to start it (an `errno`).
    case refused(Int32)
    /// It printed nothing for this many seconds and was stopped.
    case silent(Int)
  }

  /// Runs `program` (looked up on the `PATH`) with the arguments and empty input.
  ///
  /// - Parameters:
  ///   - outputLimit: bytes of output after which the program is stopped.
  ///   - patience: seconds without any output after which it is.
  package static func run(
    _ program: String, _ arguments: [String], outputLimit: Int = .max, patience: Int = 120
  ) throws(Failure) -> Outcome {
    let argv = ([program] + arguments).map { strdup($0) } + [nil]
    let environment =
      ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer {
      for text in argv { free(text) }
      for text in environment { free(text) }
    }
    let child = start(program, argv, environment)
    if child.error == ENOENT { throw .notFound }
    if child.error != 0 { throw .refused(child.error) }
    defer {
      close(child.output)
      close(child.errors)
    }
    let (text, complaint, isSilent) = drain(
      child.output, child.errors, outputLimit: outputLimit, patience: patience,
      onLimit: { kill(child.pid, SIGKILL) })
    var code: Int32 = 0
    while waitpid(child.pid, &code, 0) < 0, errno == EINTR {}
    if isSilent { throw .silent(patience) }
    let signal = code & 0x7F
    return Outcome(
      exitCode: signal == 0 ? Int((code >> 8) & 0xFF) : 128 + Int(signal), output: text,
      errors: String(decoding: complaint, as: UTF8.self))
  }

  /// Held while pipes are open in this process for a child that is about to be started: a child of
  /// another thread that inherited them would keep them open, and nobody would see their end.
  private static let starting = Mutex(())

  private static func start(
    _ program: String, _ argv: [UnsafeMutablePointer<CChar>?],
    _ environment: [UnsafeMutablePointer<CChar>?]
  ) -> (pid: pid_t, output: Int32, errors: Int32, error: Int32) {
    starting.withLock { _ in
      var output: [Int32] = [-1, -1]
      var errors: [Int32] = [-1, -1]
      guard pipe(&output) == 0 else { return (0, -1, -1, errno) }
      guard pipe(&errors) == 0 else {
        let code = errno
        for end in output { close(end) }
        return (0, -1, -1, code)
      }
      for end in output + errors { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_adddup2(&actions, output[1], 1)
      posix_spawn_file_actions_adddup2(&actions, errors[1], 2)
      var pid: pid_t = 0
      let status = posix_spawnp(&pid, program, &actions, nil, argv, environment)
      close(output[1])
      close(errors[1])
      if status != 0 {
        close(output[0])
        close(errors[0])
      }
      return (pid, output[0], errors[0], status)
    }
  }

  /// Reads both pipes to their ends, whichever has something, so that neither can block the child.
  private static func drain(
    _ output: Int32, _ errors: Int32, outputLimit: Int, patience: Int, onLimit: () -> Void
  ) -> (output: [UInt8], errors: [UInt8], isSilent: Bool) {
    var text: [UInt8] = []
    var complaint: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var ends = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    while ends.contains(where: { $0.fd >= 0 }) {
      let ready = poll(&ends, nfds_t(ends.count), Int32(1000 * patience))
      if ready < 0 {
        if errno == EINTR { continue }
        break
      }
      if ready == 0 {
        onLimit()
        return (text, complaint, true)
      }
      for index in ends.indices where ends[index].fd >= 0 && ends[index].revents != 0 {
        let got = read(ends[index].fd, &buffer, buffer.count)
        if got < 0, errno == EINTR { continue }
        if got <= 0 {
          ends[index].fd = -1
        } else if index == 0 {
          if text.count + got > outputLimit {
            onLimit()
            ends[0].fd = -1
          } else {
            text += buffer[..<got]
          }
        } else if complaint.count < 65536 {
          complaint += buffer[..<got]
        }
      }
    }
    return (text, complaint, false)
  }
}
