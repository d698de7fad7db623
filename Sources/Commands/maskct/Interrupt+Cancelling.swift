import Dispatch
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Interrupt {
  /// Runs work that has child processes: Ctrl-C and SIGTERM cancel it, which ends the children, and the
  /// process exits with 130 once they are gone.
  static func cancelling<T: Sendable>(
    _ work: @escaping () async throws -> T
  ) async throws -> T {
    // It has ended when this function returns.
    nonisolated(unsafe) let work = work
    let task = Task { try await work() }
    let sources = [SIGINT, SIGTERM].map { number in
      // The default action would end the process before its children.
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { task.cancel() }
      source.resume()
      return source
    }
    defer {
      for source in sources { source.cancel() }
      _ = signal(SIGTERM, SIG_DFL)
      install()
    }
    do {
      return try await task.value
    } catch {
      if task.isCancelled {
        Terminal.error("maskct: interrupted; run the same command again to resume\n")
        exit(130)
      }
      throw error
    }
  }
}
