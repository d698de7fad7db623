#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// What this module needs from the C library; no other file of it imports it.

/// An advisory lock on a file, held until the value is gone; the system frees it when the process dies.
package final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock, or returns `nil` if another process holds it or the file cannot be opened.
  package init?(path: String) {
    descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
  }

  deinit { close(descriptor) }
}

/// Bytes that a file system has left for this user; `nil` if the system does not say.
package func freeSpace(at path: String) -> Int? {
  var status = statvfs()
  guard statvfs(path, &status) == 0 else { return nil }
  return Int(status.f_bavail) * Int(status.f_frsize)
}

/// The real path of a file, links resolved.
package func canonical(_ path: String) -> String {
  guard let resolved = realpath(path, nil) else { return path }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// Ends every process of a group that outlived its leader.
package func endGroup(_ leader: Int32) {
  guard leader > 1 else { return }
  kill(-leader, SIGKILL)
}

/// The name of a signal, for messages.
package func signalName(_ number: Int32) -> String {
  switch number {
  case SIGKILL: "SIGKILL"
  case SIGTERM: "SIGTERM"
  case SIGINT: "SIGINT"
  case SIGSEGV: "SIGSEGV"
  case SIGBUS: "SIGBUS"
  case SIGILL: "SIGILL"
  case SIGABRT: "SIGABRT"
  default: "signal \(number)"
  }
}

/// The real cube root.
package func cubeRoot(_ x: Double) -> Double { cbrt(x) }
