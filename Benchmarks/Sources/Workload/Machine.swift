import Reference
public import Support

/// What this machine can do at most, measured in the same run as everything that is told against it.
public struct Machine: Sendable {
  /// Fused multiply-adds of all cores together, GFLOP/s (two operations each).
  public let arithmetic: Double
  /// Reading from memory with all cores, GB/s.
  public let memory: Double

  /// Measures; takes two seconds. The best of a few passes counts: others only ever slow it down.
  public init(workers: Workers) {
    var (arithmetic, memory) = (0.0, 0.0)
    for _ in 0..<4 {
      let chunks = workers.count * 8
      var flops = 0.0
      _ = reference_multiply_add(1, &flops)
      let work = flops * 2_000_000 * Double(chunks)
      let seconds = time {
        workers.forEach(chunks) { _ in
          var done = 0.0
          _ = reference_multiply_add(2_000_000, &done)
        }
      }
      arithmetic = max(arithmetic, work / seconds / 1e9)
    }
    // Far larger than any cache.
    let count = 1 << 25
    let values = UnsafeMutablePointer<Float>.allocate(capacity: count)
    values.initialize(repeating: 1, count: count)
    defer { values.deallocate() }
    nonisolated(unsafe) let source = values
    for _ in 0..<4 {
      let seconds = time {
        workers.forEachRange(count, chunk: 1 << 20) {
          _ = reference_read(source + $0.lowerBound, $0.count)
        }
      }
      memory = max(memory, Double(count) * 4 / seconds / 1e9)
    }
    self.arithmetic = arithmetic
    self.memory = memory
  }
}

/// Seconds that `work` takes.
public func time(_ work: () throws -> Void) rethrows -> Double {
  let duration = try ContinuousClock().measure(work)
  return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
}

/// Seconds that work takes: the middle one of three runs, for what is told by a difference.
public func medianTime(_ work: () throws -> Void) rethrows -> Double {
  try [time(work), time(work), time(work)].sorted()[1]
}
