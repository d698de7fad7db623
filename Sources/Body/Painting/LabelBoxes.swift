import Support
import Volumes

/// Where every id of a label map lies.
struct LabelBoxes: Sendable {
  /// First and last voxel index of an id along each axis.
  struct Box: Equatable, Sendable {
    var low: SIMD3<Int>
    var high: SIMD3<Int>

    /// The smallest box that holds both.
    func union(_ other: Box) -> Box {
      Box(
        low: [min(low.x, other.low.x), min(low.y, other.low.y), min(low.z, other.low.z)],
        high: [max(high.x, other.high.x), max(high.y, other.high.y), max(high.z, other.high.z)])
    }
  }

  /// The ids present (0 included).
  let boxes: [UInt16: Box]

  /// Finds the boxes of all ids.
  init(_ labels: LabelMap, workers: Workers) {
    let shape = labels.grid.shape
    let chunk = 8
    var parts = [[UInt16: Box]](repeating: [:], count: (shape.y + chunk - 1) / chunk)
    labels.values.withUnsafeBufferPointer { values in
      parts.withUnsafeMutableBufferPointer { parts in
        nonisolated(unsafe) let values = values
        nonisolated(unsafe) let parts = parts
        workers.forEachRange(shape.y, chunk: chunk) { rows in
          var found: [UInt16: Box] = [:]
          for y in rows {
            for x in 0..<shape.x {
              let column = (y * shape.x + x) * shape.z
              var z = 0
              // A column is a few runs of one id.
              while z < shape.z {
                let id = values[column + z]
                var end = z + 1
                while end < shape.z, values[column + end] == id { end += 1 }
                let box = Box(low: [x, y, z], high: [x, y, end - 1])
                found[id] = found[id].map { $0.union(box) } ?? box
                z = end
              }
            }
          }
          parts[rows.lowerBound / chunk] = found
        }
      }
    }
    var all: [UInt16: Box] = [:]
    for part in parts { all.merge(part) { $0.union($1) } }
    boxes = all
  }

  /// The box of several ids together; `nil` where the map has none of them.
  func box(of ids: [UInt16]) -> Box? {
    ids.compactMap { boxes[$0] }.reduce(nil) { $0?.union($1) ?? $1 }
  }
}
