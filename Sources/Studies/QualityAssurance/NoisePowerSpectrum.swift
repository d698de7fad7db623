internal import Support

/// The noise power spectrum of uniform images.
///
///     NPS(u, v) = d² / N² < |DFT(ROI - fit)|² >          HU² mm²
///
/// over regions of N x N pixels of d mm, from each of which a plane is taken away (ICRU report 87; IEC
/// 62220-1), so that shading does not count as noise. The plane has three of the N² degrees of freedom. The
/// integral over all frequencies is the variance.
public struct NoisePowerSpectrum: Equatable, Sendable {
  /// N: pixels along a side of a region.
  public let size: Int
  /// Step between frequencies, lp/mm.
  public let step: Double
  /// NPS, HU² mm², `[v][u]` with frequency 0 at (N / 2, N / 2).
  public let values: [Double]
  /// How many regions were averaged.
  public let regions: Int

  /// Measures all regions that fit side by side into squares of images.
  ///
  /// - Parameters:
  ///   - images: uniform but for noise, statistically independent of each other, all alike.
  ///   - size: N, a power of two.
  public init(_ images: [PixelImage], size: Int) {
    self.size = size
    let spacing = images.first?.spacing ?? 1
    step = 1 / (Double(size) * spacing)
    var sum = [Double](repeating: 0, count: size * size)
    var regions = 0
    for image in images {
      for y in stride(from: 0, through: image.height - size, by: size) {
        for x in stride(from: 0, through: image.width - size, by: size) {
          let region = Self.flattened(image.square(x: x, y: y, size: size), size: size)
          let power = FourierTransform.power(of: region, size: size)
          for index in sum.indices { sum[index] += power[index] }
          regions += 1
        }
      }
    }
    self.regions = regions
    let scale = spacing * spacing / Double(size * size) / Double(max(1, regions))
    let half = size / 2
    values = (0..<size * size).map { index in
      let (u, v) = ((index % size + half) % size, (index / size + half) % size)
      return sum[v * size + u] * scale
    }
  }

  /// The values less the plane that fits them best.
  static func flattened(_ values: [Double], size: Int) -> [Double] {
    let middle = Double(size - 1) / 2
    let count = Double(size * size)
    var (mean, slopeX, slopeY) = (0.0, 0.0, 0.0)
    // On a grid the two slopes and the mean are orthogonal.
    let moment =
      Double(size)
      * (0..<size).reduce(0.0) {
        $0 + (Double($1) - middle) * (Double($1) - middle)
      }
    for (index, value) in values.enumerated() {
      mean += value / count
      slopeX += value * (Double(index % size) - middle) / moment
      slopeY += value * (Double(index / size) - middle) / moment
    }
    return values.enumerated().map { index, value in
      value - mean - slopeX * (Double(index % size) - middle)
        - slopeY * (Double(index / size) - middle)
    }
  }

  /// The integral over the plane of frequencies, HU².
  public var integral: Double { values.reduce(0, +) * step * step }

  /// Means over rings of one step about frequency 0: frequency in lp/mm and NPS in HU² mm².
  public var radial: [(frequency: Double, power: Double)] {
    let half = size / 2
    var sums = [(frequency: Double, power: Double, count: Double)](
      repeating: (0, 0, 0), count: half)
    for (index, value) in values.enumerated() {
      let (u, v) = (Double(index % size - half), Double(index / size - half))
      let distance = (u * u + v * v).squareRoot()
      let ring = Int(distance.rounded())
      guard ring < half else { continue }
      sums[ring].frequency += distance * step
      sums[ring].power += value
      sums[ring].count += 1
    }
    return sums.map { ($0.frequency / $0.count, $0.power / $0.count) }
  }

  /// The frequency at which the radial spectrum is highest, lp/mm.
  public var peak: Double { top.frequency }

  /// The radial spectrum where it is highest, HU² mm².
  public var highest: Double { top.power }

  /// The vertex of the parabola that fits the rings of at least four fifths of the highest best, so that the
  /// scatter of single rings does not decide.
  private var top: (frequency: Double, power: Double) {
    let radial = radial
    guard let top = radial.indices.dropFirst().max(by: { radial[$0].power < radial[$1].power })
    else { return (.nan, .nan) }
    var (low, high) = (top, top)
    let limit = 0.8 * radial[top].power
    while low > 1, radial[low - 1].power >= limit { low -= 1 }
    while high < radial.count - 1, radial[high + 1].power >= limit { high += 1 }
    guard high - low >= 2,
      let parabola = Parabola(fitting: radial[low...high].map { ($0.frequency, $0.power) })
    else { return radial[top] }
    return (parabola.vertex, parabola.top)
  }

  /// Frequency 0 at the middle, as gray values with the greatest white: a picture of the spectrum.
  public var normalised: [Double] {
    let greatest = values.max() ?? 1
    return values.map { greatest > 0 ? $0 / greatest : 0 }
  }
}

/// A parabola with a highest point that fits points best, in the sense of least squares.
struct Parabola: Equatable {
  /// Where it is highest.
  let vertex: Double
  /// Its value there.
  let top: Double

  /// Fits points; `nil` where they do not bend downwards.
  init?(fitting points: [(x: Double, y: Double)]) {
    let middle = points.reduce(0) { $0 + $1.x } / Double(points.count)
    var s = [Double](repeating: 0, count: 5)
    var t = [Double](repeating: 0, count: 3)
    for point in points {
      var power = 1.0
      for order in 0..<5 {
        s[order] += power
        if order < 3 { t[order] += power * point.y }
        power *= point.x - middle
      }
    }
    func determinant(_ a: [Double], _ b: [Double], _ c: [Double]) -> Double {
      a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
        + a[2] * (b[0] * c[1] - b[1] * c[0])
    }
    let whole = determinant([s[0], s[1], s[2]], [s[1], s[2], s[3]], [s[2], s[3], s[4]])
    let linear = determinant([s[0], t[0], s[2]], [s[1], t[1], s[3]], [s[2], t[2], s[4]])
    let square = determinant([s[0], s[1], t[0]], [s[1], s[2], t[1]], [s[2], s[3], t[2]])
    let constant = determinant([t[0], s[1], s[2]], [t[1], s[2], s[3]], [t[2], s[3], s[4]])
    guard whole != 0, square / whole < 0 else { return nil }
    vertex = middle - linear / (2 * square)
    top = (constant - linear * linear / (4 * square)) / whole
  }
}
