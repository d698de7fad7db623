/// Readings of a helical scan as line integrals, handed out view by view.
///
/// A reconstruction pulls the views that it needs, in rising order, so that a scan of any length needs
/// memory for a window of views only.
public protocol ViewSource: Sendable {
  /// The geometry of the readings.
  var scan: HelicalScan { get }

  /// Writes the line integrals of views `range` to `readings`, which has as many views.
  ///
  /// - Throws: where readings come from a file that turns out to be damaged.
  func read(_ range: Range<Int>, into readings: Readings) throws
}

extension ViewSource {
  /// The line integrals of views `range`, `[view][channel][row]` with the scanner's row stride.
  ///
  /// - Throws: what `read` throws.
  public func lineIntegrals(of range: Range<Int>) throws -> [Float] {
    var lines = [Float](repeating: 0, count: range.count * scan.scanner.viewStride)
    try lines.withUnsafeMutableBufferPointer {
      try read(range, into: Readings(views: range.count, of: scan.scanner, in: $0))
    }
    return lines
  }
}
