import Support

extension Scanner {
  /// How far the rays of every row rise per mm in the plane.
  package var rowSlopes: [Double] {
    (0..<rows).map { (Double($0) - 0.5 * Double(rows - 1)) * rowHeight / sourceToIsocenter }
  }

  /// Visits every channel of some views: where its rays start, their common direction in the plane, and the readings of its rows.
  ///
  /// - Parameter readings: of the scanner, a view for every source.
  package func forEachChannel(
    of sources: [SourcePosition], into readings: Readings,
    _ visit: (
      _ start: SIMD3<Double>, _ direction: SIMD2<Double>, _ rows: Readings.Rows
    ) -> Void
  ) {
    for (view, source) in sources.enumerated() {
      let start = SIMD3(
        sourceToIsocenter * cosine(source.angle), sourceToIsocenter * sine(source.angle),
        source.height)
      for channel in 0..<channels {
        let angle = source.angle + self.angle(ofChannel: channel)
        visit(
          start, SIMD2(-cosine(angle), -sine(angle)), readings[view: view, channel: channel])
      }
    }
  }
}
