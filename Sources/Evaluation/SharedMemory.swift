// All unsafe hand-over of memory between threads lies in this file.

/// A pointer that several threads may use because they write to disjoint parts of it, or only read.
struct Shared<Pointer>: @unchecked Sendable {
  let value: Pointer
  init(_ value: Pointer) { self.value = value }
}

/// One result a piece of work; every piece writes its own slot, once.
final class Slots<Value: Sendable>: @unchecked Sendable {
  private let storage: UnsafeMutableBufferPointer<Value>

  init(count: Int, initial: Value) {
    storage = .allocate(capacity: count)
    storage.initialize(repeating: initial)
  }

  deinit {
    storage.deinitialize()
    storage.deallocate()
  }

  /// Stores the result of piece `index`; no other thread may touch that slot meanwhile.
  func set(_ index: Int, _ value: Value) { storage[index] = value }

  /// All results; call when all work is done.
  var values: [Value] { Array(storage) }
}
