public import Volumes

/// A slice as the metrics see it: square pixels, a place for the origin.
///
/// Values are in x-fastest order, `values[y * width + x]`; x and y are in mm from the axis of rotation.
public struct PixelImage: Equatable, Sendable {
  /// Pixels along x.
  public let width: Int
  /// Pixels along y.
  public let height: Int
  /// Distance between pixels, mm.
  public let spacing: Double
  /// HU, `[y][x]`.
  public var values: [Double]

  /// Creates an image of the given values.
  public init(width: Int, height: Int, spacing: Double, values: [Double]) {
    precondition(values.count == width * height, "an image holds exactly one value a pixel")
    self.width = width
    self.height = height
    self.spacing = spacing
    self.values = values
  }

  /// Slice z of a volume with square pixels.
  public init(_ volume: Volume<Float>, slice z: Int) {
    let grid = volume.grid
    var values: [Double] = []
    values.reserveCapacity(grid.columns)
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x { values.append(Double(volume[x, y, z])) }
    }
    self.init(
      width: grid.shape.x, height: grid.shape.y, spacing: grid.spacing.x, values: values)
  }

  /// All slices of a volume.
  public static func slices(of volume: Volume<Float>) -> [PixelImage] {
    (0..<volume.grid.shape.z).map { PixelImage(volume, slice: $0) }
  }

  /// The place of a pixel's centre, mm from the middle of the image.
  public func place(_ x: Int, _ y: Int) -> SIMD2<Double> {
    (SIMD2(Double(x), Double(y)) - 0.5 * SIMD2(Double(width - 1), Double(height - 1))) * spacing
  }

  /// The values of the pixels whose centres satisfy a condition on their place.
  public func values(where isInside: (SIMD2<Double>) -> Bool) -> [Double] {
    var result: [Double] = []
    for y in 0..<height {
      for x in 0..<width where isInside(place(x, y)) { result.append(values[y * width + x]) }
    }
    return result
  }

  /// The values within `radius` mm of a place.
  public func disc(_ center: SIMD2<Double>, radius: Double) -> [Double] {
    values {
      let q = $0 - center
      return (q * q).sum() < radius * radius
    }
  }

  /// A square of pixels from (x, y) on.
  func square(x: Int, y: Int, size: Int) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(size * size)
    for row in y..<y + size { result += values[row * width + x..<row * width + x + size] }
    return result
  }
}
