internal import Acquisition
internal import Kernels
internal import Volumes

/// Row-wise rebinning of a helical scan from fan to parallel geometry.
///
/// Sample i of a parallel view lies at `p = (i - (P - 1) / 2) step`, fan angle `beta = asin(p / R)`; parallel
/// view n, at `theta_n = firstAngle + 2 pi n / N`, takes it from fan view `n - beta N / 2 pi`. Cubic Lagrange
/// interpolation in both. Rays keep their row; they are multiplied with the cosine of their cone
/// angle.
struct Rebinning: Sendable {
  /// P: samples of a parallel view.
  let samples: Int
  /// Distance between samples, mm.
  let step: Double
  /// Fan views that parallel view n needs: `n + offsets`.
  let offsets: ClosedRange<Int>
  let table: [mct_rebin]
  let rowFactor: [Float]
  let taps: [Float]

  /// - Parameter sliceThickness: width of the box along z, mm at the isocentre.
  init(scanner: Scanner, sliceThickness: Double) {
    let radius = scanner.fieldOfViewRadius
    step = scanner.sourceToIsocenter * scanner.channelAngle
    samples = 2 * Int(radius / step) + 1
    let viewsPerRadian = Double(scanner.viewsPerRotation) / (2 * .pi)
    var offsetLow = Int.max
    var offsetHigh = Int.min
    var rows: [(view: Int, channel: Int, viewFraction: Double, channelFraction: Double)] = []
    for i in 0..<samples {
      let p = (Double(i) - 0.5 * Double(samples - 1)) * step
      let beta = arcsine(p / scanner.sourceToIsocenter)
      let view = -beta * viewsPerRadian
      let channel = beta / scanner.channelAngle + scanner.centralChannel
      let firstView = Int(view.rounded(.down)) - 1
      let firstChannel = min(max(Int(channel.rounded(.down)) - 1, 0), scanner.channels - 4)
      offsetLow = min(offsetLow, firstView)
      offsetHigh = max(offsetHigh, firstView + 3)
      rows.append(
        (firstView, firstChannel, view - Double(firstView), channel - Double(firstChannel)))
    }
    offsets = offsetLow...offsetHigh
    table = rows.map { row in
      mct_rebin(
        view: Int32(row.view - offsetLow), channel: Int32(row.channel),
        view_weight: Self.lagrange(row.viewFraction),
        channel_weight: Self.lagrange(row.channelFraction))
    }
    rowFactor = (0..<scanner.rowStride).map { row in
      let height = (Double(row) - 0.5 * Double(scanner.rows - 1)) * scanner.rowHeight
      let slope = height / scanner.sourceToIsocenter
      return Float(1 / (1 + slope * slope).squareRoot())
    }
    taps = Self.box(rows: sliceThickness / scanner.rowHeight, atMost: min(65, scanner.rows))
  }

  /// Weights of cubic Lagrange interpolation at `t` for nodes 0, 1, 2, 3.
  private static func lagrange(_ t: Double) -> (Float, Float, Float, Float) {
    let (a, b, c) = (t - 1, t - 2, t - 3)
    return (
      Float(-a * b * c / 6), Float(t * b * c / 2), Float(-t * a * c / 2), Float(t * a * b / 6)
    )
  }

  /// The transfer of the interpolation along the fan at a frequency in periods a channel, 0 to 0.5.
  ///
  ///     H(f) = < sum_k w_k(t) cos(2 pi f (k - t)) >_t        t from 1 to 2, between nodes 1 and 2
  ///
  /// Samples lie at all places between channels; near the axis at a quarter, where it is 1.5 % less at 0.3.
  static func transfer(_ frequency: Double) -> Double {
    let steps = 32
    let sum = (0..<steps).reduce(0.0) { sum, step in
      let t = 1 + (Double(step) + 0.5) / Double(steps)
      let weights = lagrange(t)
      let nodes = [weights.0, weights.1, weights.2, weights.3]
      return nodes.enumerated().reduce(sum) {
        $0 + Double($1.element) * cosine(2 * .pi * frequency * (Double($1.offset) - t))
      }
    }
    return sum / Double(steps)
  }

  /// A box `rows` wide as an odd number of weights that sum to 1; one weight for a row or less.
  private static func box(rows: Double, atMost limit: Int) -> [Float] {
    let width = min(rows, Double(limit % 2 == 0 ? limit - 1 : limit))
    guard width > 1 else { return [1] }
    let reach = Int(((width - 1) / 2).rounded(.up))
    let end = (width - Double(2 * reach - 1)) / 2
    return (-reach...reach).map { Float((abs($0) == reach ? end : 1) / width) }
  }

  /// Writes parallel view n to `out`, `[samples][rowStride]`; `fan[i]` is fan view
  /// `n + offsets.lowerBound + i`.
  func rebin(
    _ fan: UnsafePointer<UnsafePointer<Float>?>, scanner: Scanner,
    out: UnsafeMutablePointer<Float>
  ) {
    mct_kernels()!.pointee.rebin(
      table, Int32(samples), Int32(scanner.rows), scanner.rowStride, fan, rowFactor, taps,
      Int32(taps.count), out)
  }
}
