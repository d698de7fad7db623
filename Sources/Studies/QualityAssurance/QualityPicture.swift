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

  /// The plane through the middle of a volume, x to the right, the last slice on top: a mean over `thickness` mm of rows,
  /// one at least.
  static func coronal(_ volume: Volume<Float>, thickness: Double = 0) -> PixelImage {
    let grid = volume.grid
    let rows = middle(grid.shape.y, thickness / grid.spacing.y)
    return plane(width: grid.shape.x, of: grid, spacing: grid.spacing.x, mean: rows) { x, y, z in
      volume[x, y, z]
    }
  }

  /// The same of columns, y to the right.
  static func sagittal(_ volume: Volume<Float>, thickness: Double = 0) -> PixelImage {
    let grid = volume.grid
    let columns = middle(grid.shape.x, thickness / grid.spacing.x)
    return plane(width: grid.shape.y, of: grid, spacing: grid.spacing.y, mean: columns) { y, x, z in
      volume[x, y, z]
    }
  }

  private static func plane(
    width: Int, of grid: Grid, spacing: Double, mean: Range<Int>,
    _ value: (_ across: Int, _ deep: Int, _ slice: Int) -> Float
  ) -> PixelImage {
    var values: [Double] = []
    for z in 0..<grid.shape.z {
      for across in 0..<width {
        let sum = mean.reduce(0.0) { $0 + Double(value(across, $1, z)) }
        values.append(sum / Double(mean.count))
      }
    }
    return PixelImage(width: width, height: grid.shape.z, spacing: spacing, values: values)
  }

  /// So many of `count` places in the middle, at least one.
  private static func middle(_ count: Int, _ wanted: Double) -> Range<Int> {
    let taken = min(count, max(1, Int(wanted.rounded())))
    let first = (count - taken + 1) / 2
    return first..<first + taken
  }
}
