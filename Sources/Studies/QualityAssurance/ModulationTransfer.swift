internal import Support

/// The modulation transfer function in the plane, from the image of a thin wire along z.
///
/// The transform of the image, less the mean of its rim, about the wire's place, averaged over all directions
/// and divided by the transform of the wire itself:
///
///     MTF(f) = < T(f cos a, f sin a) >_a / T(0) / (2 J1(pi f w) / (pi f w))      w: diameter of the wire
///
/// Pixels are points of the reconstruction, not means, so no aperture of pixels is divided out.
public struct ModulationTransfer: Equatable, Sendable {
  /// Frequencies, lp/mm, equidistant from 0.
  public let frequencies: [Double]
  /// The transfer at each; 1 at 0.
  public let values: [Double]

  /// Measures the image of a wire.
  ///
  /// - Parameters:
  ///   - image: of the wire and as much around it as the tails of its image reach.
  ///   - center: the wire's place, mm from the middle of the image.
  ///   - diameter: of the wire, mm.
  ///   - reach: radius around the wire that counts, mm; the ring beyond it, a fifth as wide, is background.
  ///   - highest: frequency to go to, lp/mm.
  public init(
    wire image: PixelImage, at center: SIMD2<Double>, diameter: Double, reach: Double,
    highest: Double
  ) {
    let background = Moments(
      image.values {
        let q = $0 - center
        let distance = (q * q).sum().squareRoot()
        return distance >= reach && distance < 1.2 * reach
      }
    ).mean
    var points: [(place: SIMD2<Double>, value: Double)] = []
    for y in 0..<image.height {
      for x in 0..<image.width {
        let place = image.place(x, y) - center
        guard (place * place).sum() < reach * reach else { continue }
        points.append((place, image.values[y * image.width + x] - background))
      }
    }
    let count = 101
    frequencies = (0..<count).map { highest * Double($0) / Double(count - 1) }
    let directions = 24
    let transform = frequencies.map { f -> Double in
      var sum = 0.0
      for direction in 0..<directions {
        let angle = Double.pi * (Double(direction) + 0.5) / Double(directions)
        let wave = SIMD2(cosine(angle), sine(angle)) * (2 * .pi * f)
        for point in points { sum += point.value * cosine((wave * point.place).sum()) }
      }
      return sum / Double(directions)
    }
    values = zip(frequencies, transform).map { f, value in
      value / transform[0] / Self.rod(f * diameter)
    }
  }

  /// A curve that is known.
  public init(frequencies: [Double], values: [Double]) {
    self.frequencies = frequencies
    self.values = values
  }

  /// The lowest frequency at which the transfer has fallen to `part`, lp/mm; NaN if it never does.
  ///
  /// A kernel that enhances edges rises above 1 first; what counts is where it falls below `part`.
  public func frequency(ofTransfer part: Double) -> Double {
    for index in values.indices.dropFirst() where values[index] <= part {
      let (a, b) = (values[index - 1], values[index])
      let t = a > b ? (a - part) / (a - b) : 1
      return frequencies[index - 1] + t * (frequencies[index] - frequencies[index - 1])
    }
    return .nan
  }

  /// The transfer of a rod seen from its end, `2 J1(pi x) / (pi x)`, x its diameter in periods.
  ///
  /// The power series; used below x = 2, where it needs 20 terms.
  static func rod(_ x: Double) -> Double {
    let square = (.pi * x / 2) * (.pi * x / 2)
    var (term, sum) = (1.0, 1.0)
    for k in 1..<30 {
      term *= -square / (Double(k) * Double(k + 1))
      sum += term
    }
    return sum
  }
}
