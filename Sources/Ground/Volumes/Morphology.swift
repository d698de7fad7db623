public import Support
// Mathematical morphology with balls of a radius in mm, by exact distances: a voxel lies in the
// dilation if a voxel of the mask is within the radius. What lies outside the volume is unknown and
// does nothing: it neither adds to a dilation nor takes from an erosion, so that a body cut off by
// the last slice is not eroded there.

extension Mask {
  /// The voxels within `radius` mm of the mask.
  public func dilated(by radius: Double, workers: Workers) -> Mask {
    if radius <= 0 { return self }
    return DistanceTransform.distance(to: self, limit: radius, workers: workers)
      .mask(workers: workers) { $0 < .infinity ? 1 : 0 }
  }

  /// The voxels with no voxel outside the mask within `radius` mm.
  public func eroded(by radius: Double, workers: Workers) -> Mask {
    guard radius > 0, let box = BoundingBox(of: self, workers: workers) else { return self }
    // One voxel around the box is background and hides everything behind it.
    let spacing = grid.spacing
    let around = box.grown(by: 0.5 * min(spacing.x, spacing.y, spacing.z), in: grid)
    let part = cropped(to: around)
    let distance = DistanceTransform.distance(
      to: part.inverted, limit: radius, workers: workers)
    var result = Mask(grid: grid, repeating: 0)
    result.paste(
      distance.mask(workers: workers) { $0 < .infinity ? 0 : 1 }.intersection(part),
      at: around.lower)
    return result
  }

  /// Erosion, then dilation: parts thinner than twice the radius (mm) vanish, the rest keeps its size.
  public func opened(by radius: Double, workers: Workers) -> Mask {
    eroded(by: radius, workers: workers).dilated(by: radius, workers: workers)
  }

  /// Dilation, then erosion: gaps narrower than twice the radius (mm) close, the rest keeps its size.
  ///
  /// The border of the volume closes nothing: the dilation may go on beyond it.
  public func closed(by radius: Double, workers: Workers) -> Mask {
    guard radius > 0, let box = BoundingBox(of: self, workers: workers) else { return self }
    var wide = BoundingBox(lower: [0, 0, 0], upper: [0, 0, 0])
    for axis in 0..<3 {
      // One voxel more, so that the erosion meets background everywhere.
      let margin = Int((radius / grid.spacing[axis]).rounded(.up)) + 1
      wide.lower[axis] = box.lower[axis] - margin
      wide.upper[axis] = box.upper[axis] + margin
    }
    var part = Mask(grid: grid.cropped(to: wide), repeating: 0)
    part.paste(cropped(to: box), at: box.lower &- wide.lower)
    let closed = part.dilated(by: radius, workers: workers).eroded(by: radius, workers: workers)
    var result = Mask(grid: grid, repeating: 0)
    let inner = BoundingBox(
      lower: box.lower &- wide.lower, upper: box.upper &- wide.lower)
    // A closing never leaves the box of the mask.
    result.paste(closed.cropped(to: inner), at: box.lower)
    return result
  }

  /// The mask with all background that cannot be reached from the border of the volume (by faces).
  public func holesFilled(workers: Workers) -> Mask {
    let background = inverted
    let components = ConnectedComponents(of: background, connectivity: .faces)
    let shape = grid.shape
    var isOpen = [Bool](repeating: false, count: components.count + 1)
    components.forEachRun { run in
      if run.x == 0 || run.y == 0 || run.x == shape.x - 1 || run.y == shape.y - 1
        || run.z.lowerBound == 0 || run.z.upperBound == shape.z
      {
        isOpen[run.component] = true
      }
    }
    let open = components.mask { component, _ in isOpen[component] }
    return open.inverted
  }

  /// The mask with, in every axial slice, all background that cannot be reached from the border of
  /// the slice (by edges): closes bowels and airways that leave the volume through other slices.
  public func sliceHolesFilled(workers: Workers) -> Mask {
    let shape = grid.shape
    var reached = [UInt8](repeating: 0, count: grid.count)
    values.withUnsafeBufferPointer { values in
      reached.withUnsafeMutableBufferPointer { reached in
        nonisolated(unsafe) let values = values.baseAddress!
        nonisolated(unsafe) let reached = reached.baseAddress!
        // All slices of a block are flooded together, one lane a slice.
        workers.forEachRange(shape.z, chunk: 64) { range in
          flood(values, reached, shape, range)
        }
      }
    }
    return Mask(grid: grid, values: reached.map { $0 ^ 1 })
  }
}

/// Marks the background that is connected to the border of its slice, for the slices in `range`, by
/// sweeps forth and back over the slice until nothing changes.
private func flood(
  _ mask: UnsafePointer<UInt8>, _ reached: UnsafeMutablePointer<UInt8>, _ shape: SIMD3<Int>,
  _ range: Range<Int>
) {
  let (row, z0, depth) = (shape.x * shape.z, range.lowerBound, range.count)
  /// Spreads to one column from its four neighbours; what lies outside the slice is reached.
  func spread(_ x: Int, _ y: Int) -> Bool {
    let place = (y * shape.x + x) * shape.z + z0
    let (r, m) = (reached + place, mask + place)
    var change: UInt8 = 0
    if x == 0 || y == 0 || x == shape.x - 1 || y == shape.y - 1 {
      for z in 0..<depth {
        let new: UInt8 = m[z] == 0 ? 1 : 0
        change |= new ^ r[z]
        r[z] = new
      }
    } else {
      for z in 0..<depth {
        let near = r[z - shape.z] | r[z + shape.z] | r[z - row] | r[z + row] | r[z]
        let new = m[z] == 0 ? near : 0
        change |= new ^ r[z]
        r[z] = new
      }
    }
    return change != 0
  }
  var changes = true
  while changes {
    changes = false
    for y in 0..<shape.y {
      for x in 0..<shape.x where spread(x, y) { changes = true }
    }
    if !changes { break }
    changes = false
    for y in stride(from: shape.y - 1, through: 0, by: -1) {
      for x in stride(from: shape.x - 1, through: 0, by: -1) where spread(x, y) { changes = true }
    }
  }
}
