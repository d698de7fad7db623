import Dispatch
import FoundationEssentials
import Synchronization

/// How many threads and how much memory the numerical stages may use; handed down by value, never global.
public struct Workers: Equatable, Sendable {
  /// The number of threads, at least 1.
  public let count: Int
  /// What the process may take; `nil` for all that the system gives.
  public let memory: MemoryLimit?

  /// Creates a pool size; `nil` means one thread a core.
  public init(count: Int? = nil, memory: MemoryLimit? = nil) {
    self.count = max(1, count ?? Self.cores)
    self.memory = memory
  }

  /// `bytes`, or a quarter of the memory limit where that is less; for what is kept to save time.
  public func cacheSize(_ bytes: Int) -> Int { min(bytes, (memory?.bytes ?? .max) / 4) }

  /// Refuses a block of memory that would go beyond the limit, if there is one; see `MemoryLimit.check`.
  public func reserve(_ bytes: Int, for purpose: String) throws(MaskCTError) {
    try memory?.check(bytes, for: purpose)
  }

  /// The cores that this process may run on (its affinity mask is respected, as on a cluster).
  public static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Calls `body` for every index in `0..<iterations`, on `count` threads.
  ///
  /// Indices are handed out one at a time, so give chunks of work, about 8-32 a thread: a shared
  /// machine never leaves one thread with the last large piece. Results must not depend on order.
  public func forEach(_ iterations: Int, _ body: @Sendable (Int) -> Void) {
    if count == 1 || iterations <= 1 {
      for index in 0..<iterations { body(index) }
      return
    }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: min(count, iterations)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        if index >= iterations { return }
        body(index)
      }
    }
  }

  /// Calls `body` with contiguous ranges that cover `0..<total`, on `count` threads.
  ///
  /// The ranges depend on `total` and `chunk` alone, never on the number of threads.
  public func forEachRange(_ total: Int, chunk: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let chunk = max(1, chunk)
    forEach((total + chunk - 1) / chunk) { index in
      body(index * chunk..<min(total, (index + 1) * chunk))
    }
  }
}
