/// One result a piece of work; every piece writes its own slot, once.
package final class Slots<Value: Sendable>: @unchecked Sendable {
  private let storage: UnsafeMutableBufferPointer<Value>

  package init(count: Int, initial: Value) {
    storage = .allocate(capacity: count)
    storage.initialize(repeating: initial)
  }

  deinit {
    storage.deinitialize()
    storage.deallocate()
  }

  /// Stores the result of piece `index`; no other thread may touch that slot meanwhile.
  package func set(_ index: Int, _ value: Value) { storage[index] = value }

  /// All results; call when all work is done.
  package var values: [Value] { Array(storage) }
}
