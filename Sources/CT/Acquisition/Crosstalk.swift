import Support

/// Light that leaks from a detector element to its two neighbours in the same row.
///
/// The part c of every reading, noise and all, goes to each of the neighbours: `n'_i = (1 - 2c) n_i + c
/// n_(i-1) + c n_(i+1)`, with transfer `1 - 2c (1 - cos(2 pi f d))`. The outermost channels lose nothing.
/// Readings are taken relative to air, behind a bow-tie that is smooth from channel to channel.
public struct Crosstalk: Sendable {
  private let part: Float

  /// The crosstalk of a scanner; `nil` for none.
  public init?(scanner: Scanner) {
    guard let part = scanner.crosstalk, part > 0 else { return nil }
    self.part = Float(part)
  }

  /// Changes the line integrals of one view, `[C][S]`, in place.
  func apply(scanner: Scanner, lines: UnsafeMutablePointer<Float>) {
    let (stride, rows) = (scanner.rowStride, scanner.rows)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: scanner.viewStride) { quanta in
      for channel in 0..<scanner.channels {
        for index in channel * stride..<channel * stride + rows {
          quanta[index] = Float(exponential(-Double(lines[index])))
        }
      }
      for channel in 0..<scanner.channels {
        let low = max(channel - 1, 0) * stride
        let high = min(channel + 1, scanner.channels - 1) * stride
        for row in 0..<rows {
          let own = quanta[channel * stride + row]
          let reading = own + part * (quanta[low + row] - 2 * own + quanta[high + row])
          lines[channel * stride + row] = Float(-logarithm(Double(reading)))
        }
      }
    }
  }
}
