import Support

/// Scattered photons: a smooth term on top of what comes straight, and its correction.
///
/// A ray of line integral p scatters about `p exp(-p)` of its photons into the forward direction, and they
/// arrive widely around it (Ohnesorge, Flohr, Klingenbeck-Regn, *Efficient object scatter correction
/// algorithm for third and fourth generation CT scanners*, Eur. Radiol. 9, 1999). So does a channel as a
/// whole, with the mean Q of `exp(-p)` over its rows. Per channel, in quanta relative to air and equal for
/// all rows,
///
///     S = A / t (G * (-t Q ln Q))
///
/// where t is the transmission of the bow-tie and G a Gaussian along the fan. A is such that the centre of
/// 320 mm of water has the scatter-to-primary ratio that the scanner states: what passes its grid.
///
/// The correction looks for the S that the model gives for the readings less S, `S = F(Q' - S)`. Where scatter
/// over primary is s, F falls by `k = s (p - 1) / p` for every 1 that S rises, behind the middle of a body. The
/// steps are relaxed, `S + (F(Q' - S) - S) / (1 + r)`, with r the stated ratio: then an error shrinks to `(r - k)
/// / (1 + r)` of itself, below a half for any r up to 1, where plain steps would grow from s = 1.2 on. Four
/// steps are taken. The correction leaves the noise that scattered quanta have brought.
public struct Scatter: Sendable {
  /// Standard deviation of G, radians: about 60 mm at the isocentre.
  private static let width = 0.1
  /// Steps of the correction.
  private static let steps = 4
  private let amplitude: Float
  /// r: the ratio that the scanner states.
  private let ratio: Float
  /// Part of the estimated scatter that is taken away, 0 to 1.
  private let correction: Float
  private let transmission: [Float]
  private let weights: [Float]

  /// The scatter of a scanner; `nil` for none.
  ///
  /// - Parameter waterAttenuation: of the water of bow-tie and phantom, 1/mm.
  public init?(scanner: Scanner, waterAttenuation: Double) {
    guard let ratio = scanner.scatterToPrimary, ratio > 0 else { return nil }
    self.ratio = Float(ratio)
    correction = Float(scanner.scatterCorrection ?? 1)
    let bow = scanner.bowtieWater
    transmission = bow.map { Float(exponential(-waterAttenuation * $0)) }
    let reach = min(scanner.channels, Int(3 * Self.width / scanner.channelAngle))
    let bell = (-reach...reach).map { offset in
      let x = Double(offset) * scanner.channelAngle / Self.width
      return exponential(-x * x / 2)
    }
    let sum = bell.reduce(0, +)
    weights = bell.map { Float($0 / sum) }
    let phantom = (0..<scanner.channels).map { channel in
      let offset = scanner.sourceToIsocenter * sine(scanner.angle(ofChannel: channel))
      return Float(2 * waterAttenuation * max(0, 160 * 160 - offset * offset).squareRoot())
    }
    let source = zip(phantom, transmission).map { $1 * $0 * Float(exponential(-Double($0))) }
    let middle = scanner.channels / 2
    let spread = Self.spread(source, weights)[middle] / transmission[middle]
    amplitude = Float(ratio * exponential(-Double(phantom[middle]))) / spread
  }

  private static func spread(_ source: [Float], _ weights: [Float]) -> [Float] {
    let reach = weights.count / 2
    return source.indices.map { channel in
      var sum: Float = 0
      for other in max(0, channel - reach)...min(source.count - 1, channel + reach) {
        sum += source[other] * weights[other - channel + reach]
      }
      return sum
    }
  }

  /// Scattered quanta relative to air, of every channel of a view of primary line integrals `[C][S]`.
  func quanta(scanner: Scanner, lines: UnsafePointer<Float>) -> [Float] {
    quanta(primary: Self.transmitted(scanner: scanner, lines: lines))
  }

  /// The model: scattered quanta of every channel, from the primary ones.
  private func quanta(primary: [Float]) -> [Float] {
    let source = zip(primary, transmission).map { primary, transmission in
      let part = Double(min(max(primary, 1e-30), 1))
      return transmission * Float(-part * logarithm(part))
    }
    return zip(Self.spread(source, weights), transmission).map { amplitude * $0 / $1 }
  }

  /// The mean of `exp(-line)` over the rows of every channel.
  private static func transmitted(scanner: Scanner, lines: UnsafePointer<Float>) -> [Float] {
    (0..<scanner.channels).map { channel in
      let start = channel * scanner.rowStride
      let sum = (start..<start + scanner.rows).reduce(0.0) {
        $0 + exponential(-Double(lines[$1]))
      }
      return Float(sum / Double(scanner.rows))
    }
  }

  /// Adds scattered quanta, as `quanta(scanner:lines:)` gives them, to line integrals `[C][S]`.
  func add(_ quanta: [Float], scanner: Scanner, lines: UnsafeMutablePointer<Float>) {
    for channel in 0..<scanner.channels {
      let start = channel * scanner.rowStride
      for index in start..<start + scanner.rows {
        lines[index] -= Float(
          logarithm(1 + Double(quanta[channel]) * exponential(Double(lines[index]))))
      }
    }
  }

  /// Takes the estimated scatter from measured line integrals `[C][S]`, at most nine tenths of a reading.
  func correct(scanner: Scanner, lines: UnsafeMutablePointer<Float>) {
    guard correction > 0 else { return }
    let measured = Self.transmitted(scanner: scanner, lines: lines)
    var estimate = [Float](repeating: 0, count: scanner.channels)
    for step in 0..<Self.steps {
      let next = quanta(primary: zip(measured, estimate).map { max(0.1 * $0, $0 - $1) })
      let pace = step == 0 ? 1 : 1 / (1 + ratio)
      for channel in estimate.indices {
        estimate[channel] += pace * (next[channel] - estimate[channel])
      }
    }
    for channel in 0..<scanner.channels {
      let start = channel * scanner.rowStride
      let scattered = Double(correction * estimate[channel])
      for index in start..<start + scanner.rows {
        let part = scattered * exponential(Double(lines[index]))
        lines[index] -= Float(logarithm(max(0.1, 1 - part)))
      }
    }
  }
}
