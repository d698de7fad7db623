internal import Kernels
import Support

/// The blur of a finite focal spot and of detector elements that are not points.
///
/// A reading is the mean of the photons, not of the line integrals, over all rays from the focal spot to the
/// element. Every element is read along `factor` by `factor` thin rays, and photons are averaged over them and
/// those of the neighbours with the shadow of aperture and focal spot at the isocentre, along the fan and along z
/// two boxes each, of widths
///
///     w_a = a R d_beta    along the fan,    a h    along z               w_f = F (D - R) / D
///
/// (a: part of an element's width and height that counts, d_beta: channel angle, h: row height, F: width and
/// length of the focal spot). So the modulation transfer function is `sinc(f w_a) sinc(f w_f)`. A box on the grid of
/// rays has as many equal weights as fit and two smaller ones that give it the box's variance, `w² / 12`: with three
/// rays a channel its transfer is that of the box within 0.005 up to the Nyquist frequency of the channels (tested).
public struct ApertureBlur: Sendable {
  /// Thin rays a channel, and a row.
  static let factor = 3
  /// Weights of rays about an element's middle, along the fan and along the rows: odd numbers that add up to 1.
  let taps: [Float]
  let rowTaps: [Float]
  /// Widths at the isocentre along the fan and along z, mm.
  private let widths: [Double]
  private let axialWidths: [Double]

  /// The blur of a scanner; `nil` where it states neither focal spot nor aperture.
  public init?(scanner: Scanner) {
    guard scanner.focalSpot != nil || scanner.detectorAperture != nil else { return nil }
    let spot =
      (scanner.focalSpot ?? 0) * (scanner.sourceToDetector - scanner.sourceToIsocenter)
      / scanner.sourceToDetector
    func widths(_ element: Double) -> [Double] {
      [(scanner.detectorAperture ?? 0) * element, spot]
    }
    let channel = scanner.sourceToIsocenter * scanner.channelAngle
    self.widths = widths(channel)
    axialWidths = widths(scanner.rowHeight)
    taps = Self.taps(self.widths, rays: channel / Double(Self.factor))
    rowTaps = Self.taps(axialWidths, rays: scanner.rowHeight / Double(Self.factor))
  }

  /// The modulation transfer along the fan at `f` line pairs per mm at the isocentre, `sinc(f w_a) sinc(f w_f)`.
  public func modulation(at f: Double) -> Double { Self.modulation(widths, at: f) }

  /// The modulation transfer along z, likewise.
  public func axialModulation(at f: Double) -> Double { Self.modulation(axialWidths, at: f) }

  private static func modulation(_ widths: [Double], at f: Double) -> Double {
    widths.reduce(1) { product, width in
      let x = .pi * f * width
      return product * (x < 1e-6 ? 1 : sine(x) / x)
    }
  }

  /// Weights of two boxes one after the other, on rays that are so far apart.
  private static func taps(_ widths: [Double], rays: Double) -> [Float] {
    let boxes = widths.map { box($0 / rays) }
    var product = [Double](repeating: 0, count: boxes[0].count + boxes[1].count - 1)
    for (i, a) in boxes[0].enumerated() {
      for (j, b) in boxes[1].enumerated() { product[i + j] += a * b }
    }
    return product.map(Float.init)
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

  /// The scanner with a channel and a row for every thin ray.
  func subdivided(_ scanner: Scanner) -> Scanner {
    var fine = scanner
    fine.channels = scanner.channels * Self.factor
    fine.channelOffset = scanner.channelOffset * Double(Self.factor)
    fine.rows = scanner.rows * Self.factor
    fine.rowHeight = scanner.rowHeight / Double(Self.factor)
    return fine
  }

  /// Averages the thin rays of a view over focal spot and elements.
  ///
  /// - Parameters:
  ///   - rays: along the rays of `subdivided(scanner)`; overwritten.
  ///   - signal: the memory of the result's signal; other memory than that of the rays.
  func averaged(_ rays: DetectorView, of scanner: Scanner, into signal: Readings) -> DetectorView {
    let photons = rays.photons.map { rays in
      let photons = Readings(views: 1, of: scanner)
      average(rays, into: photons)
      return photons
    }
    average(rays.signal, into: signal)
    return DetectorView(number: rays.number, signal: signal, photons: photons)
  }

  /// Averages what arrives along thin rays, `exp(-line)`, and takes the logarithm again.
  func average(_ rays: Readings, into readings: Readings) {
    kernels.aperture(
      Int32(Self.factor), taps, Int32(taps.count), rowTaps, Int32(rowTaps.count),
      Int32(readings.channels), Int32(readings.rows), rays.rowStride, readings.rowStride,
      rays.start, readings.start)
  }
}
