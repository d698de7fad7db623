import Support

/// Light that leaks from a detector element to its two neighbours in the same row.
///
/// The part c of every reading, noise and all, goes to each of the neighbours: `n'_i = (1 - 2c) n_i + c
/// n_(i-1) + c n_(i+1)`, with transfer `1 - 2c (1 - cos(2 pi f d))`. The outermost channels lose nothing.
/// Readings are taken relative to air, behind a bow-tie that is smooth from channel to channel.
struct Crosstalk: DetectorStage {
  private let part: Float

  /// The crosstalk of a scanner; `nil` for none.
  init?(scanner: Scanner) {
    guard let part = scanner.crosstalk, part > 0 else { return nil }
    self.part = Float(part)
  }

  /// Changes the signal.
  func apply(to view: DetectorView) {
    let signal = view.signal
    let transmitted = Readings(shapedAs: signal)
    for channel in 0..<signal.channels {
      let (from, to) = (signal[view: 0, channel: channel], transmitted[view: 0, channel: channel])
      for row in from.indices { to[row] = Float(exponential(-Double(from[row]))) }
    }
    for channel in 0..<signal.channels {
      let rows = signal[view: 0, channel: channel]
      let own = transmitted[view: 0, channel: channel]
      let low = transmitted[view: 0, channel: max(channel - 1, 0)]
      let high = transmitted[view: 0, channel: min(channel + 1, signal.channels - 1)]
      for row in rows.indices {
        let reading = own[row] + part * (low[row] - 2 * own[row] + high[row])
        rows[row] = Float(-logarithm(Double(reading)))
      }
    }
  }
}
