internal import Acquisition
internal import Kernels
internal import Support

/// Row-wise rebinning of a helical scan from fan to parallel geometry.
///
/// Sample i of a parallel view lies at `p = (i - (P - 1) / 2) step`, fan angle `beta = asin(p / R)`; parallel
/// view n, at `theta_n = firstAngle + 2 pi n / N`, takes it from fan view `n - beta N / 2 pi`. Cubic Lagrange
/// interpolation in both. Rays keep their row; they are multiplied with the cosine of their cone
/// angle. With `RayInterleaving` samples lie twice as dense, and a share of each row is its own channels
/// among zeros for those of the other side.
struct Rebinning: Sendable {
  /// P: samples of a parallel view.
  let samples: Int
  /// Distance between samples, mm.
  let step: Double
  /// Fan views that parallel view n needs: `n + offsets`.
  let offsets: ClosedRange<Int>
  let table: [mct_rebin]
  /// The same with weights among the channels of both sides; empty without interleaving.
  private let interleavedTable: [mct_rebin]
  private let interleaving: RayInterleaving?
  /// Where between two channels the axis lies.
  private let axisFraction: Double
  /// R times the channel angle, mm.
  private let channelWidth: Double
  let rowFactor: [Float]
  let taps: [Float]

  /// - Parameters:
  ///   - sliceThickness: width of the box along z, mm at the isocentre.
  ///   - interleaving: the shares of the rows that are interleaved with opposite rays; `nil` for none.
  init(scanner: Scanner, sliceThickness: Double, interleaving: RayInterleaving? = nil) {
    let radius = scanner.fieldOfViewRadius
    self.interleaving = interleaving
    channelWidth = scanner.sourceToIsocenter * scanner.channelAngle
    axisFraction = scanner.centralChannel - scanner.centralChannel.rounded(.down)
    step = channelWidth / (interleaving == nil ? 1 : 2)
    samples = 2 * Int(radius / step) + 1
    let viewsPerRadian = Double(scanner.viewsPerRotation) / (2 * .pi)
    var offsetLow = Int.max
    var offsetHigh = Int.min
    var rows: [(view: Int, viewFraction: Double, channel: Double)] = []
    for i in 0..<samples {
      let p = (Double(i) - 0.5 * Double(samples - 1)) * step
      let beta = arcsine(p / scanner.sourceToIsocenter)
      let view = -beta * viewsPerRadian
      let channel = beta / scanner.channelAngle + scanner.centralChannel
      let firstView = Int(view.rounded(.down)) - 1
      offsetLow = min(offsetLow, firstView)
      offsetHigh = max(offsetHigh, firstView + 3)
      rows.append((firstView, view - Double(firstView), channel))
    }
    offsets = offsetLow...offsetHigh
    let channels = scanner.channels
    func entries(
      _ weights: (Double) -> (first: Int, weights: (Float, Float, Float, Float))
    ) -> [mct_rebin] {
      rows.map { row in
        let channel = weights(row.channel)
        return mct_rebin(
          view: Int32(row.view - offsetLow), channel: Int32(channel.first),
          view_weight: Self.lagrange(row.viewFraction), channel_weight: channel.weights)
      }
    }
    table = entries { Self.plain($0, channels: channels) }
    interleavedTable =
      interleaving == nil ? [] : entries { Self.interleaved($0, channels: channels) }
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

  /// Cubic interpolation among four channels.
  private static func plain(
    _ channel: Double, channels: Int
  ) -> (first: Int, weights: (Float, Float, Float, Float)) {
    let first = min(max(Int(channel.rounded(.down)) - 1, 0), channels - 4)
    return (first, lagrange(channel - Double(first)))
  }

  /// Lagrange interpolation among eight channels of both sides, without those of the other side, doubled.
  ///
  /// Nodes lie at whole and half channels; the whole ones are channels of this side. Eight, because the kernels
  /// that are interleaved pass up to 0.45 periods a node, where four would lose half near the middle between two.
  ///
  /// - Returns: the first of four channels.
  private static func interleaved(
    _ channel: Double, channels: Int
  ) -> (first: Int, weights: (Float, Float, Float, Float)) {
    let node = Int((2 * channel).rounded(.down)) - 3
    let nodes = lagrange8(2 * channel - Double(node))
    let even = node & 1
    let wanted = (node + even) / 2
    let first = min(max(wanted, 0), channels - 4)
    var weights: [Float] = [0, 0, 0, 0]
    for index in 0..<4 where weights.indices ~= wanted + index - first {
      weights[wanted + index - first] = Float(2 * nodes[2 * index + even])
    }
    return (first, (weights[0], weights[1], weights[2], weights[3]))
  }

  /// Weights of Lagrange interpolation at `t` for nodes 0 to 7.
  private static func lagrange8(_ t: Double) -> [Double] {
    (0..<8).map { node in
      (0..<8).reduce(1.0) {
        $1 == node ? $0 : $0 * (t - Double($1)) / Double(node - $1)
      }
    }
  }

  /// The transfer of the rebinning along p at a frequency in lp/mm, on the mean over places and heights.
  func transfer(_ frequency: Double) -> Double {
    let steps = 32
    return transfer(frequency, places: (0..<steps).map { (Double($0) + 0.5) / Double(steps) })
  }

  /// The same about the axis, where samples lie at fixed places between the channels.
  func axisTransfer(_ frequency: Double) -> Double {
    transfer(
      frequency,
      places: interleaving == nil ? [axisFraction] : [axisFraction, axisFraction + 0.5])
  }

  /// - Parameter places: of samples, in channels.
  private func transfer(_ frequency: Double, places: [Double]) -> Double {
    let plain = Self.transfer(frequency * channelWidth, places: places) {
      let weights = Self.lagrange($0 + 1)
      return [weights.0, weights.1, weights.2, weights.3].map(Double.init)
    }
    guard let mean = interleaving?.mean else { return plain }
    let opposite = Self.transfer(frequency * step, places: places.map { 2 * $0 }) {
      Self.lagrange8($0 + 3)
    }
    return mean * opposite + (1 - mean) * plain
  }

  /// The transfer that the filter makes up for: not less than 0.4. Where a fast table leaves hardly any opposite
  /// rays, what images lack is not amplified further.
  func correctedTransfer(_ frequency: Double) -> Double {
    interleaving == nil ? transfer(frequency) : max(0.4, transfer(frequency))
  }

  /// The transforms at f (lp/mm) of what one channel adds to the samples about the axis: as it is, and where it is
  /// interleaved with the other side.
  ///
  ///     G(f) = sum over samples i of w_i exp(-2 pi i f i step)
  func channelTransforms(_ f: Double) -> (plain: SIMD2<Double>, interleaved: SIMD2<Double>) {
    func transform(
      _ weights: (Double, Int) -> (first: Int, weights: (Float, Float, Float, Float))
    ) -> SIMD2<Double> {
      (-8...8).reduce(into: SIMD2(0.0, 0)) { sum, sample in
        // Channel 12 of 24, and samples on both sides of it.
        let place = 12 + axisFraction + Double(sample) * step / channelWidth
        let (first, values) = weights(place, 24)
        let four = [values.0, values.1, values.2, values.3]
        guard four.indices ~= 12 - first else { return }
        let phase = -2 * .pi * f * step * Double(sample)
        sum += Double(four[12 - first]) * SIMD2(cosine(phase), sine(phase))
      }
    }
    let plain = transform { Self.plain($0, channels: $1) }
    return (plain, interleaving == nil ? plain : transform { Self.interleaved($0, channels: $1) })
  }

  /// The transfer of an interpolation along the fan at a frequency in periods a node, on the mean over places.
  ///
  ///     H(f) = < sum_k w_k(t) cos(2 pi f (k - t)) >          t from 0 to 1, between the two nodes in the middle
  ///
  /// With four channels it is 1.5 % less at a quarter, where samples about the axis lie, than on the mean at 0.3.
  ///
  /// - Parameter places: of samples, in nodes.
  private static func transfer(
    _ frequency: Double, places: [Double], weights: (Double) -> [Double]
  ) -> Double {
    let sum = places.reduce(0.0) { sum, place in
      let t = place.truncatingRemainder(dividingBy: 1)
      let nodes = weights(t)
      let middle = Double(nodes.count / 2 - 1) + t
      return nodes.enumerated().reduce(sum) {
        $0 + $1.element * cosine(2 * .pi * frequency * (Double($1.offset) - middle))
      }
    }
    return sum / Double(places.count)
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
    func rebin(_ table: [mct_rebin], _ out: UnsafeMutablePointer<Float>) {
      kernels.rebin(
        table, Int32(samples), Int32(scanner.rows), scanner.rowStride, fan, rowFactor, taps,
        Int32(taps.count), out)
    }
    rebin(table, out)
    guard let interleaving else { return }
    // Shares count after the box along the rows, as the weights of back-projection do. Padding has none.
    let stride = scanner.rowStride
    var shares = [Float](repeating: 0, count: stride)
    for (row, share) in interleaving.shares.enumerated() { shares[row] = Float(share) }
    withUnsafeTemporaryAllocation(byteCount: 4 * samples * stride, alignment: 64) { other in
      let other = other.bindMemory(to: Float.self).baseAddress!
      rebin(interleavedTable, other)
      for sample in 0..<samples {
        let (from, to) = (other + sample * stride, out + sample * stride)
        for row in 0..<stride { to[row] += shares[row] * (from[row] - to[row]) }
      }
    }
  }
}
