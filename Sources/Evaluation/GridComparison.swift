import Volumes

extension Grid {
  /// Whether two label maps may be compared voxel by voxel: the same shape, and every corner within
  /// a tenth of the smallest spacing.
  ///
  /// Less than `matches` asks for, because files written by different programs round spacing and
  /// origin differently, and 0.01 mm off over 512 voxels does not move a label.
  func isSameGrid(as other: Grid) -> Bool {
    matches(other, tolerance: 0.1 * min(spacing.min(), other.spacing.min()))
  }

  /// In what two grids differ, for a person: shape, spacing, or place.
  func difference(from other: Grid) -> String {
    if shape != other.shape {
      return "\(shape.x) x \(shape.y) x \(shape.z) instead of "
        + "\(other.shape.x) x \(other.shape.y) x \(other.shape.z) voxels"
    }
    if description != other.description { return "\(self) instead of \(other)" }
    let gap = affine.apply([0, 0, 0]) - other.affine.apply([0, 0, 0])
    let distance = (gap * gap).sum().squareRoot()
    return distance < 0.05
      ? "turned against it" : "first voxel \(fixed(distance, digits: 1)) mm away"
  }

  /// Whether the bounding boxes of two grids share space.
  func overlaps(_ other: Grid) -> Bool {
    let (a, b) = (bounds, other.bounds)
    return (0..<3).allSatisfy { a.lower[$0] < b.upper[$0] && b.lower[$0] < a.upper[$0] }
  }

  /// The box around all voxels, RAS mm.
  private var bounds: (lower: SIMD3<Double>, upper: SIMD3<Double>) {
    var lower = SIMD3<Double>(repeating: .infinity)
    var upper = -lower
    for corner in 0..<8 {
      let index = SIMD3<Double>(
        corner & 1 == 0 ? -0.5 : Double(shape.x) - 0.5,
        corner & 2 == 0 ? -0.5 : Double(shape.y) - 0.5,
        corner & 4 == 0 ? -0.5 : Double(shape.z) - 0.5)
      let point = affine.apply(index)
      lower = pointwiseMin(lower, point)
      upper = pointwiseMax(upper, point)
    }
    return (lower, upper)
  }
}

extension LabelMap {
  /// The label map on another grid: every voxel takes the label of the nearest voxel, background
  /// outside.
  func nearest(on target: Grid, workers: Workers) -> LabelMap {
    let map = grid.affine.inverse.composed(with: target.affine)
    var values = [UInt16](repeating: 0, count: target.count)
    let shape = grid.shape
    values.withUnsafeMutableBufferPointer { out in
      self.values.withUnsafeBufferPointer { input in
        let out = Shared(out)
        let input = Shared(input)
        workers.forEach(target.shape.y) { y in
          for x in 0..<target.shape.x {
            let start = map.apply([Double(x), Double(y), 0]) + 0.5
            let offset = target.offset(x, y, 0)
            for z in 0..<target.shape.z {
              let p = (start + map.columns.z * Double(z)).rounded(.down)
              let i = Int(p.x)
              let j = Int(p.y)
              let k = Int(p.z)
              if i >= 0 && j >= 0 && k >= 0 && i < shape.x && j < shape.y && k < shape.z {
                out.value[offset + z] = input.value[(j * shape.x + i) * shape.z + k]
              }
            }
          }
        }
      }
    }
    return LabelMap(grid: target, values: values)
  }
}
