import Support
import Volumes

/// The three planes through a body, as radiologists look at them.
public enum SlicePlane: String, CaseIterable, Sendable {
  /// Seen from the feet: the patient's right on the left of the picture, anterior up.
  case axial
  /// Seen from the front: the patient's right on the left of the picture, head up.
  case coronal
  /// Seen from the patient's left: anterior on the left of the picture, head up.
  case sagittal

  /// The grid axis (0 x, 1 y, 2 z) that runs across the plane.
  var normalAxis: Int { self == .axial ? 2 : self == .coronal ? 1 : 0 }

  /// The grid axis along the picture's rows. It runs against the picture: every plane shows the
  /// largest index (right, or anterior) on the left.
  var horizontalAxis: Int { self == .sagittal ? 1 : 0 }

  /// The grid axis along the picture's columns. It runs against the picture: every plane shows the
  /// largest index (anterior, or head) on top.
  var verticalAxis: Int { self == .axial ? 1 : 2 }

  /// The letters for the body's side at the left and the upper edge of the picture.
  var letters: (left: String, top: String) {
    switch self {
    case .axial: ("R", "A")
    case .coronal: ("R", "H")
    case .sagittal: ("A", "H")
    }
  }
}

/// One slice as it is shown: row by row from the upper left corner.
struct SliceImage<Element: Sendable>: Sendable {
  /// Voxels along the rows and down the columns.
  var width, height: Int
  /// `values[row * width + column]`.
  var values: [Element]

  /// The part inside `box` of the slice of a volume through voxel `index` of the axis across the plane.
  init(_ volume: Volume<Element>, plane: SlicePlane, index: Int, box: BoundingBox) {
    let grid = volume.grid
    let strides: SIMD3<Int> = [grid.shape.z, grid.shape.x * grid.shape.z, 1]
    let (u, v) = (plane.horizontalAxis, plane.verticalAxis)
    width = box.shape[u]
    height = box.shape[v]
    values = []
    values.reserveCapacity(width * height)
    let start = index * strides[plane.normalAxis]
    for row in 0..<height {
      let line = start + (box.upper[v] - 1 - row) * strides[v]
      for column in 0..<width {
        values.append(volume.values[line + (box.upper[u] - 1 - column) * strides[u]])
      }
    }
  }

  init(width: Int, height: Int, values: [Element]) {
    self.width = width
    self.height = height
    self.values = values
  }
}

extension SliceImage<Float> {
  /// The slice with another number of pixels over the same area.
  ///
  /// Linear interpolation; when it shrinks, each pixel is a weighted mean over what it covers (a
  /// triangle as wide as two pixels), so that fine texture does not turn into moire.
  func resized(width newWidth: Int, height newHeight: Int) -> SliceImage {
    let across = Self.weights(from: width, to: newWidth)
    let down = Self.weights(from: height, to: newHeight)
    var rows = [Float](repeating: 0, count: newWidth * height)
    for y in 0..<height {
      for x in 0..<newWidth {
        let (first, weights) = across[x]
        var sum: Float = 0
        for k in 0..<weights.count { sum += weights[k] * values[y * width + first + k] }
        rows[y * newWidth + x] = sum
      }
    }
    var output = [Float](repeating: 0, count: newWidth * newHeight)
    for y in 0..<newHeight {
      let (first, weights) = down[y]
      for k in 0..<weights.count {
        let weight = weights[k]
        for x in 0..<newWidth {
          output[y * newWidth + x] += weight * rows[(first + k) * newWidth + x]
        }
      }
    }
    return SliceImage(width: newWidth, height: newHeight, values: output)
  }

  /// For every new pixel the first old one and the weights from there on; they add up to 1.
  private static func weights(from old: Int, to new: Int) -> [(first: Int, weights: [Float])] {
    let ratio = Double(old) / Double(new)
    let reach = max(1, ratio)
    return (0..<new).map { index in
      let center = (Double(index) + 0.5) * ratio - 0.5
      let first = max(0, Int((center - reach).rounded(.up)))
      let last = min(old - 1, Int((center + reach).rounded(.down)))
      let weights = (first...last).map { max(0, 1 - abs(Double($0) - center) / reach) }
      let sum = weights.reduce(0, +)
      return (first, weights.map { Float($0 / sum) })
    }
  }
}

extension SliceImage<UInt16> {
  /// The labels that occur, without background.
  var labels: Set<UInt16> {
    var labels: Set<UInt16> = []
    var last: UInt16 = 0
    for value in values where value != last {
      labels.insert(value)
      last = value
    }
    labels.remove(0)
    return labels
  }

  /// 1 where the slice shows the label, 0 elsewhere.
  func mask(_ label: UInt16) -> SliceImage<Float> {
    SliceImage<Float>(width: width, height: height, values: values.map { $0 == label ? 1 : 0 })
  }
}
