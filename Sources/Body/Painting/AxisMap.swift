import Volumes

/// The index along one axis of a label grid at every index of a painting grid: `scale i + offset`.
struct AxisMap: Equatable {
  let scale: Double
  let offset: Double

  /// Label index (continuous) at painting index `i`.
  @inline(__always)
  func callAsFunction(_ i: Int) -> Double { scale * Double(i) + offset }

  /// The painting indices whose label index lies in `range`, cut to `0..<count`.
  func indices(within range: ClosedRange<Double>, count: Int) -> Range<Int> {
    let first = max(0, Int(((range.lowerBound - offset) / scale).rounded(.up)))
    let last = min(count - 1, Int(((range.upperBound - offset) / scale).rounded(.down)))
    return first <= last ? first..<last + 1 : 0..<0
  }

  /// The maps of the three axes from a painting grid to a label grid whose axes run the same way.
  static func axes(from painting: Grid, to labels: Grid) -> [AxisMap] {
    let map = labels.affine.inverse.composed(with: painting.affine)
    return (0..<3).map { axis in
      let column = map.columns[axis]
      for other in 0..<3 where other != axis {
        // Over the whole grid the axes may drift apart by less than a tenth of a voxel.
        precondition(
          abs(column[other]) * Double(painting.shape[axis]) < 0.1,
          "a label map is painted on a grid whose axes run as its own")
      }
      return AxisMap(scale: column[axis], offset: map.translation[axis])
    }
  }
}

/// A label map continued along z as between two mirrors through its first and last slice.
enum Mirror {
  /// The slice `0..<count` that stands at height `z`; the ends are not repeated.
  @inline(__always)
  static func slice(_ z: Int, _ count: Int) -> Int {
    if count == 1 { return 0 }
    let period = 2 * (count - 1)
    var folded = z % period
    if folded < 0 { folded += period }
    return folded < count ? folded : period - folded
  }
}
