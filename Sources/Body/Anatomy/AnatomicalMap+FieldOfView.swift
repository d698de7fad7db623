import Volumes

extension AnatomicalMap {
  /// The map with slices at its ends on which nothing is labelled.
  func continued(below: Int, above: Int) -> AnatomicalMap {
    if below == 0, above == 0 { return self }
    var map = cropped(before: [0, 0, below], after: [0, 0, above])
    let own = labelledSlices ?? 0..<labels.grid.shape.z
    map.labelledSlices = own.lowerBound + below..<own.upperBound + below
    return map
  }

  /// The map on a box with `before` and `after` voxels more along each axis, negative for less.
  ///
  /// Voxels that it had not are background, and outside the region where there is one.
  func cropped(before: SIMD3<Int>, after: SIMD3<Int>) -> AnatomicalMap {
    if before == .zero, after == .zero { return self }
    var map = self
    map.labels = labels.cropped(before: before, after: after)
    map.region = region?.cropped(before: before, after: after)
    map.frame = frame.adapted(to: map.labels.grid)
    if let labelledSlices {
      let moved = labelledSlices.lowerBound + before.z..<labelledSlices.upperBound + before.z
      map.labelledSlices = moved.clamped(to: 0..<map.labels.grid.shape.z)
    }
    return map
  }
}

extension Volume<UInt16> {
  /// The voxels of a box with `before` and `after` more along each axis, negative for less; new ones are 0.
  ///
  /// - Precondition: a voxel is left along every axis.
  fileprivate func cropped(before: SIMD3<Int>, after: SIMD3<Int>) -> LabelMap {
    let target = grid.padded(before: before, after: after)
    let (from, to) = (grid.shape, target.shape)
    var result = [UInt16](repeating: 0, count: target.count)
    let slices = max(0, -before.z)..<min(from.z, to.z - before.z)
    guard !slices.isEmpty else { return LabelMap(grid: target, values: result) }
    values.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { result in
        for y in max(0, -before.y)..<max(0, -before.y, min(from.y, to.y - before.y)) {
          for x in max(0, -before.x)..<max(0, -before.x, min(from.x, to.x - before.x)) {
            let column = source.baseAddress! + (y * from.x + x) * from.z + slices.lowerBound
            let place = ((y + before.y) * to.x + x + before.x) * to.z + slices.lowerBound + before.z
            (result.baseAddress! + place).update(from: column, count: slices.count)
          }
        }
      }
    }
    return LabelMap(grid: target, values: result)
  }
}
