#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the process writes to: results to standard output, progress and failures to standard error.
enum Terminal {
  /// Whether a person watches standard error.
  static var isInteractive: Bool { isatty(2) == 1 }

  /// Characters in a line of the terminal, 80 if that cannot be told.
  static var width: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
  }

  /// Writes to standard error at once, line breaks included by the caller.
  ///
  /// A progress line that stands there is cleared first and comes back with its next update.
  static func error(_ text: String) {
    if isInteractive { write("\r\u{1B}[K" + text) } else { write(text) }
  }

  /// Writes bytes to standard error as they are.
  static func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { systemWrite($0.baseAddress!, $0.count) }
      if count <= 0 { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

private func systemWrite(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  while true {
    let written = write(2, bytes, count)
    if written >= 0 || errno != EINTR { return written }
  }
}

/// What Ctrl-C does: end the line that stands in the terminal and exit with 130.
///
/// Files under their final names are whole whenever this happens; a command that has more to put away
/// (child processes) installs its own handler.
enum Interrupt {
  /// Sets the handler; call once at the start.
  static func install() {
    _ = signal(SIGINT) { _ in
      // Only calls that are allowed inside a signal handler.
      _ = write(2, "\n", 1)
      _exit(130)
    }
  }
}
