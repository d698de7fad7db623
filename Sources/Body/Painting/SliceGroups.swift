import Support
import Volumes

/// Runs of identical slices: a label map that was drawn on thick slices and then copied to thin ones.
///
/// Many published label maps are: half of those of LiTS have every slice two to four times on a grid
/// of 1 mm. Painted as they are, surfaces would show the steps of the thick slices. Here each run
/// becomes one slice at the run's middle, and the painter interpolates between these.
struct SliceGroups: Equatable, Sendable {
  /// First slice of every group, ascending; the first is 0.
  let first: [Int]
  /// Number of slices in all.
  let count: Int
  /// Mean length of the groups that hold labels.
  let thickness: Double

  /// Every slice on its own.
  init(count: Int) {
    self.init(first: Array(0..<count), count: count, thickness: 1)
  }

  private init(first: [Int], count: Int, thickness: Double) {
    self.first = first
    self.count = count
    self.thickness = thickness
  }

  /// Finds the runs of a map; every slice stays on its own where there is no regular repetition.
  init(_ labels: LabelMap, workers: Workers) {
    let shape = labels.grid.shape
    let (isRepeated, isEmpty) = Self.compare(labels, workers: workers)
    let labelled = isEmpty.indices.filter { !isEmpty[$0] }
    guard let bottom = labelled.first, let top = labelled.last, top - bottom >= 12 else {
      self.init(count: shape.z)
      return
    }
    // Lengths of the runs inside; the first and the last may be cut off.
    var starts: [Int] = []
    for z in bottom...top where z == bottom || !isRepeated[z] { starts.append(z) }
    let lengths = zip(starts, starts.dropFirst()).dropFirst().map { $1 - $0 }
    // Copies of thick slices come in runs of n or n + 1, with few exceptions where neighbours
    // happen to be equal; anatomy itself hardly repeats, and straight walls do so without end.
    let median = lengths.isEmpty ? 1 : lengths.sorted()[lengths.count / 2]
    let regular = lengths.filter { abs($0 - median) <= 1 }
    let mean = Double(regular.reduce(0, +)) / Double(max(1, regular.count))
    guard regular.count >= 5, 10 * regular.count >= 8 * lengths.count, mean >= 1.5, mean <= 8
    else {
      self.init(count: shape.z)
      return
    }
    // Slices without labels go into groups of the same length.
    let step = max(1, Int(mean.rounded()))
    let below = stride(from: bottom - step, to: 0, by: -step).reversed()
    let above = stride(from: top + 1, to: shape.z, by: step)
    self.init(
      first: (bottom > 0 ? [0] : []) + below + starts + above, count: shape.z, thickness: mean)
  }

  /// Whether any slices belong together.
  var areThick: Bool { first.count < count }

  /// The middle of every group, slices.
  var middles: [Double] {
    first.indices.map { index in
      let end = index + 1 < first.count ? first[index + 1] : count
      return Double(first[index] + end - 1) / 2
    }
  }

  /// The map with one slice a group; its grid keeps the place of the first slice and the mean
  /// distance, which only the width of smoothing is taken from.
  func collapsed(_ labels: LabelMap) -> LabelMap {
    if !areThick { return labels }
    let shape = labels.grid.shape
    let grid = Grid(
      shape: [shape.x, shape.y, first.count],
      affine: labels.grid.affine.scaled(by: [1, 1, thickness]))
    var values = [UInt16](repeating: 0, count: grid.count)
    values.withUnsafeMutableBufferPointer { out in
      labels.values.withUnsafeBufferPointer { labels in
        for column in 0..<grid.columns {
          for index in first.indices {
            out[column * first.count + index] = labels[column * shape.z + first[index]]
          }
        }
      }
    }
    return LabelMap(grid: grid, values: values)
  }

  /// Where a height (continuous slice index) lies among the groups: 0 in the middle of the first, 1
  /// in that of the second; straight on beyond both ends.
  func positions(_ heights: [Double]) -> [Double] {
    if !areThick { return heights }
    let middles = self.middles
    var low = 0
    return heights.map { z in
      if middles.count == 1 { return (z - middles[0]) / thickness }
      while low > 0, middles[low] > z { low -= 1 }
      while low < middles.count - 2, middles[low + 1] <= z { low += 1 }
      return Double(low) + (z - middles[low]) / (middles[low + 1] - middles[low])
    }
  }

  /// Which slices equal the one below, and which hold no label.
  private static func compare(_ labels: LabelMap, workers: Workers) -> ([Bool], [Bool]) {
    let shape = labels.grid.shape
    let chunk = max(1, shape.y / 32)
    let chunks = (shape.y + chunk - 1) / chunk
    // For every chunk of rows and slice: 1 where a voxel differs from the one below, 2 where one is
    // labelled.
    var marks = [UInt8](repeating: 0, count: chunks * shape.z)
    labels.values.withUnsafeBufferPointer { values in
      marks.withUnsafeMutableBufferPointer { marks in
        nonisolated(unsafe) let values = values
        nonisolated(unsafe) let marks = marks
        workers.forEachRange(shape.y, chunk: chunk) { rows in
          let own = marks.baseAddress! + rows.lowerBound / chunk * shape.z
          for y in rows {
            for x in 0..<shape.x {
              let column = values.baseAddress! + (y * shape.x + x) * shape.z
              if column[0] != 0 { own[0] |= 2 }
              for z in 1..<max(1, shape.z) {
                own[z] |= (column[z] != column[z - 1] ? 1 : 0) | (column[z] != 0 ? 2 : 0)
              }
            }
          }
        }
      }
    }
    var isRepeated = [Bool](repeating: true, count: shape.z)
    var isEmpty = isRepeated
    isRepeated[0] = false
    for index in 0..<chunks {
      for z in 0..<shape.z {
        if marks[index * shape.z + z] & 1 != 0 { isRepeated[z] = false }
        if marks[index * shape.z + z] & 2 != 0 { isEmpty[z] = false }
      }
    }
    return (isRepeated, isEmpty)
  }
}
