public import Support

/// How often each luminance occurs, counted in cells of 1/64 grey level.
public struct LuminanceHistogram: Sendable {
  /// Cells a grey level.
  static let cellsPerLevel = 64
  /// Number of cells: grey levels -0.5...255.5.
  static let cellCount = 256 * cellsPerLevel

  private(set) var counts: [UInt32]

  /// Creates an empty count.
  public init() { counts = [UInt32](repeating: 0, count: Self.cellCount) }

  /// Counts values.
  public mutating func add(_ values: UnsafeBufferPointer<Float>) {
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values { counts[Self.cell(value)] &+= 1 }
    }
  }

  /// Counts the values whose `weights` are not zero, each that many times.
  public mutating func add(
    _ values: UnsafeBufferPointer<Float>, weights: UnsafeBufferPointer<UInt8>
  ) {
    precondition(values.count == weights.count, "there is one weight a value")
    counts.withUnsafeMutableBufferPointer { counts in
      for i in values.indices where weights[i] != 0 {
        counts[Self.cell(values[i])] &+= UInt32(weights[i])
      }
    }
  }

  /// Adds another count; the order in which counts are added does not matter.
  public mutating func add(_ other: LuminanceHistogram) {
    for cell in counts.indices { counts[cell] &+= other.counts[cell] }
  }

  /// The number of values counted.
  public var total: Int { counts.reduce(0) { $0 + Int($1) } }

  /// The part of the values counted that is brighter than a grey level; 0 of none.
  public func share(above level: Float) -> Double {
    let first = Self.cell(level)
    let bright = counts[first...].reduce(0) { $0 + Int($1) }
    return total > 0 ? Double(bright) / Double(total) : 0
  }

  /// The part of the values counted below the lower edge of every cell, and 1 at the end; 0.5 of none.
  var ranks: [Double] {
    let total = self.total
    if total == 0 { return [Double](repeating: 0.5, count: counts.count + 1) }
    var ranks = [0.0]
    ranks.reserveCapacity(counts.count + 1)
    var sum = 0
    for count in counts {
      sum += Int(count)
      ranks.append(Double(sum) / Double(total))
    }
    return ranks
  }

  @inline(__always)
  static func cell(_ value: Float) -> Int {
    let position = (value + 0.5) * Float(cellsPerLevel)
    // Adding 2^23 leaves the rounded number in the low bits: no checked conversion a voxel.
    let clamped = max(0, min(Float(cellCount - 1), position - 0.5))
    return Int((clamped + 0x1p23).bitPattern & 0x7F_FFFF)
  }
}

/// Exact histogram matching: the luminance with rank r of n gets the target's quantile r / n.
///
/// Values are keyed to 1/64 grey level; within a key they keep their order and share its ranks
/// evenly. Luminance from `TextureField` carries a fine grain, so that keys hold few values and the
/// result has the target's distribution. The map is monotone and depends on the values counted, not
/// on their order: any number of threads gives the same result, and a region counted alone (only
/// the voxels of a structure) still gives a map for the voxels around it.
public struct HistogramMatch: Sendable {
  /// The value at the lower edge of every cell, and at the upper edge of the last.
  private let edges: [Float]

  /// Creates the map that gives the values counted the target's distribution.
  public init(from histogram: LuminanceHistogram, to target: TargetDistribution) {
    edges = target.quantiles.values(at: histogram.ranks)
  }

  /// Creates the map that gives each luminance the value of its rank.
  ///
  /// - Parameter values: at the ranks 0, 1/n, ... 1, linear between; they need not ascend.
  public init(from histogram: LuminanceHistogram, toValues values: [Float]) {
    precondition(values.count > 1, "there is a value for each end of the ranks")
    let last = values.count - 1
    edges = histogram.ranks.map { rank in
      let place = rank * Double(last)
      let below = min(last - 1, Int(place))
      return values[below] + Float(place - Double(below)) * (values[below + 1] - values[below])
    }
  }

  /// Replaces luminance by HU.
  public func apply(_ values: UnsafeMutableBufferPointer<Float>) {
    let scale = Float(LuminanceHistogram.cellsPerLevel)
    let last = Float(LuminanceHistogram.cellCount) - 0.01
    edges.withUnsafeBufferPointer { edges in
      for i in values.indices {
        let position = max(0, min(last, (values[i] + 0.5) * scale))
        let cell = Int((max(0, position - 0.5) + 0x1p23).bitPattern & 0x7F_FFFF)
        let low = edges[cell]
        values[i] = low + (position - Float(cell)) * (edges[cell + 1] - low)
      }
    }
  }
}

extension HistogramMatch {
  /// Luminance values with the target's distribution given to those where `mask` is not zero (all,
  /// where there is none); the others go through the same map.
  public static func matched(
    _ luminance: [Float], mask: [UInt8]? = nil, to target: TargetDistribution,
    workers: Workers = Workers()
  ) -> [Float] {
    let chunk = 1 << 20
    let chunks = (luminance.count + chunk - 1) / chunk
    var parts = [LuminanceHistogram](repeating: LuminanceHistogram(), count: chunks)
    parts.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = parts
      workers.forEach(chunks) { index in
        let range = index * chunk..<min(luminance.count, (index + 1) * chunk)
        luminance.withUnsafeBufferPointer { values in
          if let mask {
            mask.withUnsafeBufferPointer { mask in
              parts[index].add(
                UnsafeBufferPointer(rebasing: values[range]),
                weights: UnsafeBufferPointer(rebasing: mask[range]))
            }
          } else {
            parts[index].add(UnsafeBufferPointer(rebasing: values[range]))
          }
        }
      }
    }
    var all = LuminanceHistogram()
    for part in parts { all.add(part) }
    let match = HistogramMatch(from: all, to: target)
    var result = luminance
    result.withUnsafeMutableBufferPointer { result in
      nonisolated(unsafe) let result = result
      workers.forEachRange(result.count, chunk: chunk) { range in
        match.apply(UnsafeMutableBufferPointer(rebasing: result[range]))
      }
    }
    return result
  }
}
