import Volumes

/// The blur of a finite focal spot and of detector elements that are not points.
///
/// A reading is the mean of the quanta, not of the line integrals, over all rays from the focal spot to the
/// element. Every channel is read along `factor` thin rays, and quanta are averaged over them and those of
/// the neighbours with the shadow of aperture and focal spot at the isocentre, two boxes of widths
///
///     w_a = a R d_beta               w_f = F (D - R) / D
///
/// (a: part of a channel that counts, d_beta: channel angle, F: width of the focal spot). So the modulation
/// transfer function is `sinc(f w_a) sinc(f w_f)`. A box on the grid of rays has as many equal weights as fit
/// and two smaller ones that give it the box's variance, `w² / 12`: with three rays a channel its transfer is
/// that of the box within 0.005 up to the Nyquist frequency of the channels (tested). Along z rays stay thin.
public struct ApertureBlur: Sendable {
  /// Thin rays a channel.
  static let factor = 3
  /// Weights of rays about a channel's middle, an odd number that adds up to 1.
  let taps: [Float]
  /// Widths at the isocentre, mm.
  private let widths: [Double]

  /// The blur of a scanner; `nil` where it states neither focal spot nor aperture.
  public init?(scanner: Scanner) {
    guard scanner.focalSpot != nil || scanner.detectorAperture != nil else { return nil }
    let channel = scanner.sourceToIsocenter * scanner.channelAngle
    widths = [
      (scanner.detectorAperture ?? 0) * channel,
      (scanner.focalSpot ?? 0) * (scanner.sourceToDetector - scanner.sourceToIsocenter)
        / scanner.sourceToDetector,
    ]
    let boxes = widths.map { Self.box($0 / channel * Double(Self.factor)) }
    var product = [Double](repeating: 0, count: boxes[0].count + boxes[1].count - 1)
    for (i, a) in boxes[0].enumerated() {
      for (j, b) in boxes[1].enumerated() { product[i + j] += a * b }
    }
    taps = product.map(Float.init)
  }

  /// The modulation transfer at `f` line pairs per mm at the isocentre, `sinc(f w_a) sinc(f w_f)`.
  public func modulation(at f: Double) -> Double {
    widths.reduce(1) { product, width in
      let x = .pi * f * width
      return product * (x < 1e-6 ? 1 : sine(x) / x)
    }
  }

  /// Weights of a box `width` rays wide.
  private static func box(_ width: Double) -> [Double] {
    let squares = width * width
    var inner = 1.0
    while (inner + 2) * (inner + 2) - 1 <= squares { inner += 2 }
    let end =
      (squares - inner * inner + 1) / 12 / ((inner + 1) * (inner + 1) / 2 - (inner * inner - 1) / 6)
    guard end > 0 else { return [1] }
    let middle = [Double](repeating: (1 - 2 * end) / inner, count: Int(inner))
    return [end] + middle + [end]
  }

  /// The scanner with a channel for every thin ray.
  func subdivided(_ scanner: Scanner) -> Scanner {
    var fine = scanner
    fine.channels = scanner.channels * Self.factor
    fine.channelOffset = scanner.channelOffset * Double(Self.factor)
    return fine
  }

  /// Averages the quanta of one view's thin rays.
  ///
  /// - Parameters:
  ///   - rays: line integrals `[factor * C][S]`; overwritten.
  ///   - lines: `[C][S]`, the result; may be where the rays are.
  func apply(
    scanner: Scanner, rays: UnsafeMutablePointer<Float>, lines: UnsafeMutablePointer<Float>
  ) {
    let stride = scanner.rowStride
    let last = scanner.channels * Self.factor - 1
    for index in 0...last {
      for row in index * stride..<index * stride + scanner.rows {
        rays[row] = Float(exponential(-Double(rays[row])))
      }
    }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: scanner.viewStride) { mean in
      mean.initialize(repeating: 1)
      for channel in 0..<scanner.channels {
        let target = mean.baseAddress! + channel * stride
        for row in 0..<scanner.rows { target[row] = 0 }
        let first = channel * Self.factor + Self.factor / 2 - taps.count / 2
        for (offset, weight) in taps.enumerated() {
          let ray = rays + min(max(first + offset, 0), last) * stride
          for row in 0..<scanner.rows { target[row] += weight * ray[row] }
        }
      }
      for index in 0..<scanner.viewStride { lines[index] = Float(-logarithm(Double(mean[index]))) }
    }
  }
}
