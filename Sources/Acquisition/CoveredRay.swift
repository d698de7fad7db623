/// What solids have covered of a ray so far: stretches in rising order that do not touch.
struct CoveredRay {
  private var stretches: [(enter: Double, leave: Double)] = []

  /// Nothing is covered any more.
  mutating func removeAll() { stretches.removeAll(keepingCapacity: true) }

  /// Covers a stretch and returns the length of it that was not covered before.
  mutating func cover(from enter: Double, to leave: Double) -> Double {
    var first = 0
    while first < stretches.count, stretches[first].leave < enter { first += 1 }
    var whole = (enter: enter, leave: leave)
    var length = leave - enter
    var last = first
    while last < stretches.count, stretches[last].enter <= leave {
      let other = stretches[last]
      length -= min(leave, other.leave) - max(enter, other.enter)
      whole = (min(whole.enter, other.enter), max(whole.leave, other.leave))
      last += 1
    }
    stretches.replaceSubrange(first..<last, with: CollectionOfOne(whole))
    return length
  }
}
