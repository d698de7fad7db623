public import Support

/// Which ids a label map holds, how often, and where they lie, counted in one pass.
public struct LabelCensus: Sendable {
  /// One id of a label map.
  public struct Entry: Sendable {
    /// Number of sampled voxels.
    public private(set) var count = 0
    /// The smallest box that holds every sampled voxel.
    public private(set) var box = BoundingBox(
      lower: SIMD3(repeating: .max), upper: SIMD3(repeating: .min))
    /// Sum and sum of squares of the voxel indices, and the sum of their products along x and y.
    private var sum = SIMD3<Double>(), squares = SIMD3<Double>(), productXY = 0.0

    /// Creates an entry without voxels.
    public init() {}

    /// The mean voxel index.
    public var centroid: SIMD3<Double> { sum / Double(max(count, 1)) }
  }

  /// The ids found (0 excluded).
  public private(set) var entries: [UInt16: Entry] = [:]

  /// The smallest box that holds the voxels of several ids; `nil` where the map has none of them.
  public func box(of ids: [UInt16]) -> BoundingBox? {
    ids.compactMap { entries[$0]?.box }.reduce(nil) { $0?.union($1) ?? $1 }
  }

  /// Counts every `stride`-th voxel along each axis.
  public init(_ labels: LabelMap, stride step: SIMD3<Int> = [1, 1, 1], workers: Workers) {
    let shape = labels.grid.shape
    let rows = (shape.y + step.y - 1) / step.y
    let chunk = 8
    let chunks = (rows + chunk - 1) / chunk
    var parts = [[UInt16: Entry]](repeating: [:], count: chunks)
    labels.values.withUnsafeBufferPointer { values in
      parts.withUnsafeMutableBufferPointer { parts in
        nonisolated(unsafe) let values = values
        nonisolated(unsafe) let parts = parts
        workers.forEachRange(rows, chunk: chunk) { range in
          var found: [UInt16: Entry] = [:]
          for row in range {
            let y = row * step.y
            for x in Swift.stride(from: 0, to: shape.x, by: step.x) {
              let column = (y * shape.x + x) * shape.z
              var z = 0
              while z < shape.z {
                let id = values[column + z]
                // Runs of one id are counted at once: label maps are mostly runs.
                var end = z + step.z
                while end < shape.z, values[column + end] == id { end += step.z }
                if id != 0 {
                  found[id, default: Entry()].add(x: x, y: y, z: z, end: end, step: step.z)
                }
                z = end
              }
            }
          }
          parts[range.lowerBound / chunk] = found
        }
      }
    }
    for part in parts {
      for (id, entry) in part { entries[id, default: Entry()].merge(entry) }
    }
  }
}

extension LabelCensus.Entry {
  /// Adds the voxels `z, z + step, ... < end` of one column.
  fileprivate mutating func add(x: Int, y: Int, z: Int, end: Int, step: Int) {
    let n = (end - z + step - 1) / step
    let last = z + (n - 1) * step
    count += n
    let k = Double(n)
    let (fx, fy) = (Double(x), Double(y))
    let sumZ = k * Double(z + last) / 2
    // Sum of squares of an arithmetic series: n mean^2 + step^2 n (n^2 - 1) / 12.
    let mean = sumZ / k
    let sumZZ = k * mean * mean + Double(step * step) * k * (k * k - 1) / 12
    sum += [fx * k, fy * k, sumZ]
    squares += [fx * fx * k, fy * fy * k, sumZZ]
    productXY += fx * fy * k
    box = box.union(BoundingBox(lower: [x, y, z], upper: [x + 1, y + 1, last + 1]))
  }

  /// Adds another entry, whose id counts as the same.
  public mutating func merge(_ other: Self) {
    count += other.count
    sum += other.sum
    squares += other.squares
    productXY += other.productXY
    box = box.union(other.box)
  }

  /// Correlation of the voxel indices along x and y, from -1 to 1.
  public var correlationXY: Double {
    let n = Double(max(count, 1))
    let mean = sum / n
    let variance = squares / n - mean * mean
    let covariance = productXY / n - mean.x * mean.y
    return covariance / max((variance.x * variance.y).squareRoot(), 1e-9)
  }
}
