internal import Kernels
public import Support

/// Poisson photons and Gaussian electronics of every reading.
///
/// The mean of element c is `N_c exp(-line)`, with `N_c = photonsPerMas * output * area * mAs / viewsPerRotation *
/// bowtie(c)` and `area` the element's area on the detector (mm²). The noisy reading k becomes the
/// line integral `ln N_c - ln max(k, 1)`: a reading of less than one photon counts as one, which caps
/// line integrals at `ln N_c` where photons starve.
public struct PhotonNoise: DetectorStage {
  /// Mean photons of every channel through air.
  public let incident: [Float]
  private let electronic: Float
  private let key: UInt64
  private let viewsPerRotation: Int
  private var current: TubeCurrent?

  /// The noise of a scanner at a dose.
  ///
  /// - Parameters:
  ///   - mas: tube current times rotation time, mAs.
  ///   - output: photons per mAs relative to those that the scanner states, for other beams than 120 kVp.
  ///   - bowtie: part of the photons that passes the bow-tie filter, of every channel.
  ///   - stream: names the noise; two scans with the same stream have the same noise.
  public init(
    scanner: Scanner, mas: Double, output: Double = 1, bowtie: [Double], stream: RandomStream
  ) {
    let magnification = scanner.sourceToDetector / scanner.sourceToIsocenter
    let area =
      scanner.channelAngle * scanner.sourceToDetector * scanner.rowHeight * magnification
    let central =
      scanner.photonsPerMas * output * area * mas / Double(scanner.viewsPerRotation)
    incident = bowtie.map { Float(max(2, central * $0)) }
    electronic = Float(scanner.electronicNoise)
    key = stream.key
    viewsPerRotation = scanner.viewsPerRotation
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
  public func modulated(by current: TubeCurrent) -> PhotonNoise {
    var noise = self
    noise.current = current.relative.isEmpty ? nil : current
    return noise
  }

  /// Adds noise to the signal: its own where it counts photons, otherwise that of its photons.
  func apply(to view: DetectorView) {
    guard let photons = view.photons else { return add(view: view.number, to: view.signal) }
    // The signal relative to its photons has no noise of its own: taken off before they are drawn, put back after.
    for channel in 0..<photons.channels {
      let (signal, photons) = (
        view.signal[view: 0, channel: channel], photons[view: 0, channel: channel]
      )
      for row in signal.indices { signal[row] -= photons[row] }
    }
    add(view: view.number, to: photons)
    for channel in 0..<photons.channels {
      let (signal, photons) = (
        view.signal[view: 0, channel: channel], photons[view: 0, channel: channel]
      )
      for row in signal.indices { signal[row] += photons[row] }
    }
  }

  private func add(view: Int, to readings: Readings) {
    let factor = current?.factor(view: view, viewsPerRotation: viewsPerRotation)
    let incident = factor.map { factor in self.incident.map { max(2, $0 * Float(factor)) } }
    (incident ?? self.incident).withUnsafeBufferPointer { incident in
      var noise = mct_noise(
        incident: incident.baseAddress, electronic: electronic,
        key: (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
      kernels.noise(
        &noise, Int64(view), Int32(readings.channels), Int32(readings.rows), readings.rowStride,
        readings.start)
    }
  }
}
