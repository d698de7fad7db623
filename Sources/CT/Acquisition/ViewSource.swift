/// Readings of a helical scan as line integrals, handed out view by view.
///
/// A reconstruction pulls the views that it needs, in rising order, so that a scan of any length needs
/// memory for a window of views only.
public protocol ViewSource: Sendable {
  /// The geometry of the readings.
  var scan: HelicalScan { get }

  /// Writes the line integrals of views `range` to `lines`, `[view][channel][row]` with the scanner's
  /// row stride; the padding rows beyond `scanner.rows` hold the last row's neighbours and carry no
  /// meaning.
  ///
  /// - Throws: where readings come from a file that turns out to be damaged.
  func read(_ range: Range<Int>, into lines: UnsafeMutableBufferPointer<Float>) throws
}
