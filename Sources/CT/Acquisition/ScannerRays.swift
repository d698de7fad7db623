import Support

extension Scanner {
  /// How far the rays of every row rise per mm in the plane.
  package var rowSlopes: [Double] {
    (0..<rows).map { (Double($0) - 0.5 * Double(rows - 1)) * rowHeight / sourceToIsocenter }
  }

  /// Visits every channel of some views: where its rays start, their common direction in the plane, and the lines of its rows.
  ///
  /// - Parameter lines: `[view][channel][row]` with the scanner's row stride.
  package func forEachChannel(
    of sources: [SourcePosition], into lines: UnsafeMutablePointer<Float>,
    _ visit: (
      _ start: SIMD3<Double>, _ direction: SIMD2<Double>, _ rows: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    for (view, source) in sources.enumerated() {
      let start = SIMD3(
        sourceToIsocenter * cosine(source.angle), sourceToIsocenter * sine(source.angle),
        source.height)
      for channel in 0..<channels {
        let angle = source.angle + self.angle(ofChannel: channel)
        let rows = lines + view * viewStride + channel * rowStride
        visit(start, SIMD2(-cosine(angle), -sine(angle)), rows)
      }
    }
  }
}
