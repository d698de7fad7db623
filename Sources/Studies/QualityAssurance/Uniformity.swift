/// How flat water is: means over rings about the middle of a phantom.
///
/// Rings are `width` mm wide from the middle out to a part of the radius. The deviation is the largest
/// difference of a ring's mean from that of the middle ring: cupping, capping and rings alike.
public struct Uniformity: Equatable, Sendable {
  /// Middle of every ring, mm.
  public let radii: [Double]
  /// Mean of every ring, HU.
  public let means: [Double]

  /// Measures a uniform phantom about the middle of the images.
  ///
  /// - Parameters:
  ///   - images: slices that are averaged.
  ///   - reach: radius of the outermost ring, mm.
  ///   - width: of a ring, mm; the middle one is a disc of that radius.
  public init(_ images: [PixelImage], reach: Double, width: Double) {
    let count = max(1, Int(reach / width))
    var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: count)
    for image in images {
      for y in 0..<image.height {
        for x in 0..<image.width {
          let place = image.place(x, y)
          let ring = Int((place * place).sum().squareRoot() / width)
          guard ring < count else { continue }
          sums[ring].sum += image.values[y * image.width + x]
          sums[ring].count += 1
        }
      }
    }
    let filled = sums.indices.filter { sums[$0].count > 0 }
    radii = filled.map { (Double($0) + 0.5) * width }
    means = filled.map { sums[$0].sum / Double(sums[$0].count) }
  }

  /// Mean of the middle ring, HU.
  public var middle: Double { means.first ?? .nan }

  /// Largest difference of a ring from the middle one, with its sign, HU.
  public var deviation: Double {
    means.map { $0 - middle }.max { abs($0) < abs($1) } ?? .nan
  }
}
