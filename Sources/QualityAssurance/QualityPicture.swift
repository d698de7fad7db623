internal import Volumes

/// Pictures of images for the report.
enum QualityPicture {
  /// An image, the greatest y on top, in a window of HU; every pixel `zoom` times as wide and high.
  static func gray(
    _ image: PixelImage, level: Double, width: Double, zoom: Int = 1, rowZoom: Int? = nil
  ) -> Picture {
    let tall = rowZoom ?? zoom
    var picture = Picture(width: image.width * zoom, height: image.height * tall)
    for y in 0..<image.height {
      for x in 0..<image.width {
        let value = image.values[(image.height - 1 - y) * image.width + x]
        let part = min(1, max(0, (value - level) / width + 0.5))
        let color = Picture.Color(gray: UInt8((part * 255).rounded()))
        for row in y * tall..<(y + 1) * tall {
          for column in x * zoom..<(x + 1) * zoom { picture[column, row] = color }
        }
      }
    }
    return picture
  }

  /// Pictures side by side with a gap.
  static func row(_ pictures: [Picture]) -> Picture {
    let gap = 6
    var whole = Picture(
      width: max(1, pictures.reduce(0) { $0 + $1.width + gap } - gap),
      height: pictures.map(\.height).max() ?? 1, fill: .init(gray: 255))
    var x = 0
    for picture in pictures {
      whole.paste(picture, x: x, y: 0)
      x += picture.width + gap
    }
    return whole
  }

  /// The plane through the middle row of a volume, x to the right, the last slice on top.
  static func coronal(_ volume: Volume<Float>) -> PixelImage {
    let shape = volume.grid.shape
    var values: [Double] = []
    for z in 0..<shape.z {
      for x in 0..<shape.x { values.append(Double(volume[x, shape.y / 2, z])) }
    }
    return PixelImage(
      width: shape.x, height: shape.z, spacing: volume.grid.spacing.x, values: values)
  }

  /// The plane through the middle column of a volume, y to the right, the last slice on top.
  static func sagittal(_ volume: Volume<Float>) -> PixelImage {
    let shape = volume.grid.shape
    var values: [Double] = []
    for z in 0..<shape.z {
      for y in 0..<shape.y { values.append(Double(volume[shape.x / 2, y, z])) }
    }
    return PixelImage(
      width: shape.y, height: shape.z, spacing: volume.grid.spacing.y, values: values)
  }
}
