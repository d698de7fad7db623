import Dispatch
import Synchronization

/// Prepares the next element on another thread while the caller works on the one before.
///
/// One element at the most waits, so memory holds two. Elements come in their order, whatever the threads do. What is
/// being prepared when the value is given up is told so by `Stop`, and its result is dropped.
final class LookAhead<Input: Sendable, Output: Sendable> {
  /// Whether an element is still wanted.
  final class Stop: Sendable {
    private let isSet = Atomic<Bool>(false)

    /// Throws `CancellationError` once nobody waits for the element.
    func check() throws {
      if isSet.load(ordering: .relaxed) { throw CancellationError() }
    }

    fileprivate func set() { isSet.store(true, ordering: .relaxed) }
  }

  /// An element on its way.
  private final class Pending: Sendable {
    private let group = DispatchGroup()
    private let result = Mutex<Result<Output, any Error>?>(nil)
    let stop = Stop()

    init(_ prepare: @escaping @Sendable (Stop) throws -> Output) {
      // A queue of its own: its thread is one more than the pool has, so it runs beside work that fills the pool.
      DispatchQueue(label: "maskct.look-ahead").async(group: group) {
        let made = Result { try prepare(self.stop) }
        self.result.withLock { $0 = made }
      }
    }

    func wait() -> Result<Output, any Error> {
      group.wait()
      return result.withLock { $0.take()! }
    }
  }

  private var rest: ArraySlice<Input>
  private let isOn: Bool
  private let prepare: @Sendable (Input, Stop) throws -> Output
  private var pending: Pending?

  /// Plans the work; nothing is prepared yet.
  ///
  /// - Parameter isOn: whether to look ahead; otherwise every element is prepared when it is asked for.
  init(
    _ inputs: [Input], isOn: Bool, prepare: @escaping @Sendable (Input, Stop) throws -> Output
  ) {
    rest = inputs[...]
    self.isOn = isOn
    self.prepare = prepare
  }

  deinit { pending?.stop.set() }

  /// The next element, or why there is none; nil after the last. The one after it is begun.
  func next() -> Result<Output, any Error>? {
    guard let input = rest.popFirst() else { return nil }
    let result = pending?.wait() ?? Result { try prepare(input, Stop()) }
    pending = nil
    if isOn, let following = rest.first {
      pending = Pending { [prepare] stop in try prepare(following, stop) }
    }
    return result
  }
}
