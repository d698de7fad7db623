import Support
import Synchronization

/// Clips held in memory up to a limit; the one used least recently goes first.
///
/// Two threads that ask for the same clip wait for one decoding; different clips are made side by
/// side. A failure is kept as well: a broken file is not tried again and again.
final class ClipCache: Sendable {
  /// The limit, bytes. A clip in use stays alive beyond it for as long as it is used.
  let limit: Int

  private final class Slot: Sendable {
    let result = Mutex<Result<Clip, MaskCTError>?>(nil)
  }
  private struct State {
    var slots: [String: Slot] = [:]
    var sizes: [String: Int] = [:]
    /// Names by last use, oldest first.
    var order: [String] = []
    var total = 0
  }
  private let state = Mutex(State())

  init(limit: Int) { self.limit = limit }

  /// The bytes held at present.
  var byteCount: Int { state.withLock { $0.total } }

  /// The clip of that name; `make` is called where it is not held.
  func clip(_ name: String, make: () throws(MaskCTError) -> Clip) throws(MaskCTError) -> Clip {
    let slot = state.withLock { state in
      state.order.removeAll { $0 == name }
      state.order.append(name)
      if let slot = state.slots[name] { return slot }
      let slot = Slot()
      state.slots[name] = slot
      return slot
    }
    let result = slot.result.withLock { held in
      if let held { return held }
      let made = Result { () throws(MaskCTError) in try make() }
      held = made
      return made
    }
    if case .success(let clip) = result { keep(name, slot, clip.byteCount) }
    return try result.get()
  }

  private func keep(_ name: String, _ slot: Slot, _ size: Int) {
    state.withLock { state in
      guard state.slots[name] === slot, state.sizes[name] == nil else { return }
      state.sizes[name] = size
      state.total += size
      while state.total > limit,
        let oldest = state.order.first(where: { $0 != name && state.sizes[$0] != nil })
      {
        state.order.removeAll { $0 == oldest }
        state.slots[oldest] = nil
        state.total -= state.sizes.removeValue(forKey: oldest) ?? 0
      }
    }
  }
}
