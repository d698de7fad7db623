internal import Kernels
public import Support

/// Poisson quanta and Gaussian electronics of every reading.
///
/// The mean of element c is `N_c exp(-line)`, with `N_c = quantaPerMas * output * area * mAs / viewsPerRotation *
/// bowtie(c)` and `area` the element's area on the detector (mm²). The noisy reading k becomes the
/// line integral `ln N_c - ln max(k, 1)`: a reading of less than one quantum counts as one, which caps
/// line integrals at `ln N_c` where photons starve.
public struct QuantumNoise: Sendable {
  /// Mean quanta of every channel through air.
  public let incident: [Float]
  private let electronic: Float
  private let key: UInt64
  private var current: TubeCurrent?

  /// The noise of a scanner at a dose.
  ///
  /// - Parameters:
  ///   - mas: tube current times rotation time, mAs.
  ///   - output: quanta per mAs relative to those that the scanner states, for other beams than 120 kVp.
  ///   - bowtie: part of the quanta that passes the bow-tie filter, of every channel.
  ///   - stream: names the noise; two scans with the same stream have the same noise.
  public init(
    scanner: Scanner, mas: Double, output: Double = 1, bowtie: [Double], stream: RandomStream
  ) {
    let magnification = scanner.sourceToDetector / scanner.sourceToIsocenter
    let area =
      scanner.channelAngle * scanner.sourceToDetector * scanner.rowHeight * magnification
    let central =
      scanner.quantaPerMas * output * area * mas / Double(scanner.viewsPerRotation)
    incident = bowtie.map { Float(max(2, central * $0)) }
    electronic = Float(scanner.electronicNoise)
    key = stream.key
  }

  /// The noise of a monoenergetic beam: that of 120 kVp behind a body (`Scanner.output(ofOneEnergy:)`).
  ///
  /// - Parameter waterAttenuation: of the water that the bow-tie filter compensates for, 1/mm.
  public init(scanner: Scanner, mas: Double, waterAttenuation: Double, stream: RandomStream) {
    self.init(
      scanner: scanner, mas: mas, output: scanner.output(ofOneEnergy: waterAttenuation),
      bowtie: scanner.bowtieWater.map { exponential(-waterAttenuation * $0) }, stream: stream)
  }

  /// The noise under a tube current that changes; `incident` stays the mean over views.
  public func modulated(by current: TubeCurrent) -> QuantumNoise {
    var noise = self
    noise.current = current.relative.isEmpty ? nil : current
    return noise
  }

  /// Adds noise to the line integrals of one view, `[channel][row]`, in place.
  func apply(view: Int, scanner: Scanner, lines: UnsafeMutablePointer<Float>) {
    let factor = current?.factor(view: view, viewsPerRotation: scanner.viewsPerRotation)
    let incident = factor.map { factor in self.incident.map { max(2, $0 * Float(factor)) } }
    (incident ?? self.incident).withUnsafeBufferPointer { incident in
      var noise = mct_noise(
        incident: incident.baseAddress, electronic: electronic,
        key: (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
      kernels.noise(
        &noise, Int64(view), Int32(scanner.channels), Int32(scanner.rows), scanner.rowStride, lines)
    }
  }
}
