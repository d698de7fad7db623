public import Support
public import Volumes

/// How often every pair (id in the prediction, id in the reference) occurs, and in which box.
///
/// One pass over two label maps on one grid; the overlap counts and the bounding boxes of any
/// number of structures, also of structures made of several ids, follow from it without another.
public struct LabelTally: Equatable, Sendable {
  /// Two ids that meet in one voxel.
  public struct Pair: Hashable, Sendable {
    /// The id in the prediction.
    public var prediction: UInt16
    /// The id in the reference.
    public var reference: UInt16

    /// Creates a pair of ids.
    public init(prediction: UInt16, reference: UInt16) {
      self.prediction = prediction
      self.reference = reference
    }
  }

  /// Where a pair occurs.
  public struct Entry: Equatable, Sendable {
    /// The number of voxels.
    public var count: Int
    /// The smallest box of voxel indices that holds them all.
    public var box: BoundingBox
  }

  /// Every pair that occurs.
  public private(set) var entries: [Pair: Entry] = [:]
  /// The number of voxels of the grid.
  public let total: Int

  /// Counts the pairs of two label maps of one shape.
  public init(prediction: LabelMap, reference: LabelMap, workers: Workers) {
    precondition(
      prediction.grid.shape == reference.grid.shape, "label maps to compare have one shape")
    let grid = reference.grid
    total = grid.count
    let slabs = Slots<[Pair: Entry]>(count: grid.shape.y, initial: [:])
    prediction.values.withUnsafeBufferPointer { p in
      reference.values.withUnsafeBufferPointer { r in
        nonisolated(unsafe) let (p, r) = (p, r)
        workers.forEach(grid.shape.y) { y in
          slabs.set(y, Self.slab(y, prediction: p, reference: r, shape: grid.shape))
        }
      }
    }
    for slab in slabs.values {
      for (pair, entry) in slab { add(pair, entry) }
    }
  }

  private mutating func add(_ pair: Pair, _ entry: Entry) {
    if var known = entries[pair] {
      known.count += entry.count
      known.box = known.box.union(entry.box)
      entries[pair] = known
    } else {
      entries[pair] = entry
    }
  }

  /// The pairs of one y: run by run along z, since neighbours mostly carry the same ids.
  private static func slab(
    _ y: Int, prediction: UnsafeBufferPointer<UInt16>, reference: UnsafeBufferPointer<UInt16>,
    shape: SIMD3<Int>
  ) -> [Pair: Entry] {
    var entries: [Pair: Entry] = [:]
    var offset = y * shape.x * shape.z
    for x in 0..<shape.x {
      var z = 0
      while z < shape.z {
        let a = prediction[offset + z]
        let b = reference[offset + z]
        let start = z
        z += 1
        while z < shape.z && prediction[offset + z] == a && reference[offset + z] == b { z += 1 }
        let box = BoundingBox(lower: [x, y, start], upper: [x + 1, y + 1, z])
        let pair = Pair(prediction: a, reference: b)
        if let index = entries.index(forKey: pair) {
          entries.values[index].count += z - start
          entries.values[index].box = entries.values[index].box.union(box)
        } else {
          entries[pair] = Entry(count: z - start, box: box)
        }
      }
      offset += shape.z
    }
    return entries
  }

  /// The overlap counts of one structure: which ids mean it here and which there.
  public func overlap(prediction: Set<UInt16>, reference: Set<UInt16>) -> Overlap {
    var overlap = Overlap(truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0)
    for (pair, entry) in entries {
      switch (prediction.contains(pair.prediction), reference.contains(pair.reference)) {
      case (true, true): overlap.truePositives += entry.count
      case (true, false): overlap.falsePositives += entry.count
      case (false, true): overlap.falseNegatives += entry.count
      case (false, false): overlap.trueNegatives += entry.count
      }
    }
    return overlap
  }

  /// The smallest box that holds the structure in both label maps; nil where it is in neither.
  public func box(prediction: Set<UInt16>, reference: Set<UInt16>) -> BoundingBox? {
    var box: BoundingBox?
    for (pair, entry) in entries
    where prediction.contains(pair.prediction) || reference.contains(pair.reference) {
      box = box?.union(entry.box) ?? entry.box
    }
    return box
  }
}
