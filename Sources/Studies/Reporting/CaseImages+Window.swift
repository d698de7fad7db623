import Volumes

extension CaseImages {
  /// The window that an image is shown in: the one asked for, or for MR, whose grey values have no unit, from black to the
  /// 99.5th percentile.
  ///
  /// An image is MR if no voxel is below 0: CT has air.
  func window(_ asked: DisplayWindow) -> DisplayWindow {
    guard asked == .softTissue, let values = image?.values, let low = values.min(), low >= 0,
      let high = values.max(), high > 0
    else { return asked }
    let cells = 4096
    var counts = [Int](repeating: 0, count: cells + 1)
    for value in values where value.isFinite {
      counts[Int(min(1, value / high) * Float(cells))] += 1
    }
    var above = values.count / 200
    var cell = cells
    while cell > 1, counts[cell] <= above {
      above -= counts[cell]
      cell -= 1
    }
    let top = Double(high) * Double(cell) / Double(cells)
    return DisplayWindow(level: top / 2, width: top)
  }
}
