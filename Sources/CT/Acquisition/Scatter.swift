import Support

/// Scattered photons: a smooth term on top of what comes straight. `ScatterCorrection` subtracts it again.
///
/// A ray of line integral p scatters about `p exp(-p)` of its photons into the forward direction, and they
/// arrive widely around it (Ohnesorge, Flohr, Klingenbeck-Regn, *Efficient object scatter correction
/// algorithm for third and fourth generation CT scanners*, Eur. Radiol. 9, 1999). So does a channel as a
/// whole, with the mean Q of `exp(-p)` over its rows. Per channel, in photons relative to air and equal for
/// all rows,
///
///     S = A / t (G * (-t Q ln Q))
///
/// where t is the transmission of the bow-tie and G a Gaussian along the fan. A is such that the centre of
/// 320 mm of water has the scatter-to-primary ratio that the scanner states: what passes its grid.
struct Scatter: DetectorStage {
  /// Standard deviation of G, radians: about 60 mm at the isocentre.
  private static let width = 0.1
  private let amplitude: Float
  /// r: the ratio that the scanner states.
  let ratio: Float
  /// Part of the estimated scatter that is subtracted, 0 to 1.
  let correction: Float
  private let transmission: [Float]
  private let weights: [Float]

  /// The scatter of a scanner; `nil` for none.
  ///
  /// - Parameter waterAttenuation: of the water of bow-tie and phantom, 1/mm.
  init?(scanner: Scanner, waterAttenuation: Double) {
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

  /// Adds scattered photons to the signal, and as many to the photons that its noise comes from.
  func apply(to view: DetectorView) {
    let scattered = photons(primary: Self.transmitted(view.signal))
    add(scattered, to: view.signal)
    if let photons = view.photons { add(scattered, to: photons) }
  }

  /// The model: scattered photons of every channel relative to air, from the primary ones.
  func photons(primary: [Float]) -> [Float] {
    let source = zip(primary, transmission).map { primary, transmission in
      let part = Double(min(max(primary, 1e-30), 1))
      return transmission * Float(-part * logarithm(part))
    }
    return zip(Self.spread(source, weights), transmission).map { amplitude * $0 / $1 }
  }

  /// Q: the mean of `exp(-line)` over the rows of every channel of a view.
  static func transmitted(_ view: Readings) -> [Float] {
    (0..<view.channels).map { channel in
      let rows = view[view: 0, channel: channel]
      let sum = rows.indices.reduce(0.0) { $0 + exponential(-Double(rows[$1])) }
      return Float(sum / Double(rows.count))
    }
  }

  private func add(_ scattered: [Float], to view: Readings) {
    for channel in scattered.indices {
      let rows = view[view: 0, channel: channel]
      for row in rows.indices {
        rows[row] -= Float(
          logarithm(1 + Double(scattered[channel]) * exponential(Double(rows[row]))))
      }
    }
  }
}
