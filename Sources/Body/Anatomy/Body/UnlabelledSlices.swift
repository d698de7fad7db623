import Support

/// The slices of a canvas on which a continued map labels nothing, at its two ends.
struct UnlabelledSlices: Sendable {
  /// The slices on which labels were drawn, with all beyond an end that was not continued.
  let labelled: Range<Int>
  /// Number of slices of the canvas.
  let depth: Int

  /// Finds them.
  ///
  /// - Parameter slices: heights of the canvas's slices, mm from the map's first.
  init(of map: AnatomicalMap, slices: [Float]) {
    depth = slices.count
    guard let own = map.labelledSlices else {
      labelled = 0..<slices.count
      return
    }
    let step = Float(map.labels.grid.spacing.z)
    let low = (Float(own.lowerBound) - 0.5) * step
    let high = (Float(own.upperBound) - 0.5) * step
    let first = own.lowerBound > 0 ? slices.firstIndex { $0 >= low } ?? depth : 0
    let end =
      own.upperBound < map.labels.grid.shape.z
      ? slices.firstIndex { $0 >= high } ?? depth : depth
    labelled = min(first, end)..<end
  }

  /// Whether there are none.
  var isEmpty: Bool { labelled.count == depth }

  /// The slices below and above the labelled ones.
  var ranges: [Range<Int>] { [0..<labelled.lowerBound, labelled.upperBound..<depth] }

  /// The labelled slice that is nearest to a slice.
  func nearest(_ z: Int) -> Int { min(max(z, labelled.lowerBound), labelled.upperBound - 1) }
}
