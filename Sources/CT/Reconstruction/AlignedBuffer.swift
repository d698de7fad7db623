internal import Support

/// Numbers in large memory, undefined at first and freed with the last reference.
///
/// Several workers may use it at once, at different places. Here, and where kernels are called, are the only
/// pointers of this module; volumes have theirs in `VolumeSums`.
final class AlignedBuffer<Number: BitwiseCopyable>: @unchecked Sendable {
  // Unchecked: the owner of a buffer decides who writes where.

  /// The first number, for kernels.
  let base: UnsafeMutablePointer<Number>
  /// How many there are.
  let count: Int

  init(count: Int) {
    self.count = count
    base = allocateLargeMemory(byteCount: max(count, 1) * MemoryLayout<Number>.stride)
      .bindMemory(to: Number.self, capacity: max(count, 1))
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  /// Sets all numbers.
  func fill(with number: Number) { base.initialize(repeating: number, count: count) }

  subscript(index: Int) -> Number {
    get {
      assert(0..<count ~= index, "the index is in the buffer")
      return base[index]
    }
    set {
      assert(0..<count ~= index, "the index is in the buffer")
      base[index] = newValue
    }
  }
}
