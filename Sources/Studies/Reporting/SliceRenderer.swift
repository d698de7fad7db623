import Volumes

/// Draws one slice: gray values, label outlines, marks and letters.
struct SliceRenderer: Sendable {
  /// The range of HU from black to white.
  var window: DisplayWindow
  /// Letters and captions.
  var font: BitmapFont

  /// The picture of a plane through a voxel.
  ///
  /// - Parameters:
  ///   - center: the voxel through which all three planes go; marks at the edges show where the other
  ///     two planes cut this one.
  ///   - box: the part of the grid that is shown.
  ///   - scale: pixels a mm, the same both ways, whatever the voxels' shape.
  func render(
    _ images: CaseImages, plane: SlicePlane, center: SIMD3<Int>, box: BoundingBox, scale: Double
  ) -> Picture {
    let index = center[plane.normalAxis]
    let size = Self.size(of: plane, box: box, spacing: images.grid.spacing, scale: scale)
    var picture = Picture(width: size.width, height: size.height)
    if let image = images.image {
      let slice = SliceImage(image, plane: plane, index: index, box: box)
        .resized(width: size.width, height: size.height)
      for y in 0..<size.height {
        for x in 0..<size.width {
          let gray = Color.gray(window.gray(slice.values[y * size.width + x]))
          picture.blend(gray, x: x, y: y, opacity: 1)
        }
      }
    } else {
      picture.fill(x: 0, y: 0, width: size.width, height: size.height, .gray(24))
    }
    if let labels = images.labels {
      let slice = SliceImage(labels, plane: plane, index: index, box: box)
      for label in slice.labels.sorted() {
        let color = Palette.color(of: label)
        let mask = slice.mask(label).resized(width: size.width, height: size.height)
        if images.image == nil {
          picture.blend(color, coverage: mask.values.map { $0 * 0.55 })
        }
        picture.blend(
          color,
          coverage: Contours(of: mask).coverage(
            width: size.width, height: size.height, lineWidth: 1.5))
      }
    }
    if let prediction = images.prediction {
      let slice = SliceImage(prediction, plane: plane, index: index, box: box)
      for label in slice.labels.sorted() {
        let mask = slice.mask(label).resized(width: size.width, height: size.height)
        picture.blend(
          Palette.predictionColor(of: label),
          coverage: Contours(of: mask).coverage(
            width: size.width, height: size.height, lineWidth: 1.5, dash: (5, 4)))
      }
    }
    drawMarks(on: &picture, plane: plane, center: center, box: box)
    return picture
  }

  /// The size of a plane's picture in pixels.
  static func size(
    of plane: SlicePlane, box: BoundingBox, spacing: SIMD3<Double>, scale: Double
  ) -> (width: Int, height: Int) {
    let extent = SIMD3<Double>(box.shape) * spacing * scale
    return (
      max(1, Int(extent[plane.horizontalAxis].rounded())),
      max(1, Int(extent[plane.verticalAxis].rounded()))
    )
  }

  /// Ticks where the other planes cut this one, and the letters of the body's sides.
  private func drawMarks(
    on picture: inout Picture, plane: SlicePlane, center: SIMD3<Int>, box: BoundingBox
  ) {
    func position(_ axis: Int, _ length: Int) -> Int {
      let voxels = Double(box.upper[axis] - 1 - center[axis]) + 0.5
      return Int(voxels / Double(box.shape[axis]) * Double(length))
    }
    let x = position(plane.horizontalAxis, picture.width)
    let y = position(plane.verticalAxis, picture.height)
    let length = max(4, min(picture.width, picture.height) / 30)
    let color = Color(120, 220, 255)
    for (left, top, width, height) in [
      (x, 0, 1, length), (x, picture.height - length, 1, length), (0, y, length, 1),
      (picture.width - length, y, length, 1),
    ] {
      picture.fill(x: left, y: top, width: width, height: height, color, opacity: 0.9)
    }
    // A letter stands in the middle of its edge, or beside the tick that is there already.
    func beside(_ tick: Int, middle: Int) -> Int { abs(tick - middle) < 20 ? tick + 22 : middle }
    let letters = plane.letters
    picture.outlinedText(
      letters.left, x: 5, y: beside(y, middle: picture.height / 2) - 7, font: font)
    picture.outlinedText(
      letters.top, x: beside(x, middle: picture.width / 2) - 5, y: 5, font: font)
  }
}
