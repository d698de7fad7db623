internal import Kernels
public import Volumes

/// Poisson quanta and Gaussian electronics of every reading.
///
/// The mean of element c is `N_c exp(-line)`, with `N_c = quantaPerMas * area * mAs / viewsPerRotation *
/// bowtie(c)` and `area` the element's area on the detector (mm²). The noisy reading k becomes the
/// line integral `ln N_c - ln max(k, 1)`: a reading of less than one quantum counts as one, which caps
/// line integrals at `ln N_c` where photons starve.
public struct QuantumNoise: Sendable {
  /// Mean quanta of every channel through air.
  public let incident: [Float]
  private let electronic: Float
  private let key: UInt64

  /// The noise of a scanner at a dose.
  ///
  /// - Parameters:
  ///   - mas: tube current times rotation time, mAs.
  ///   - waterAttenuation: of the water that the bow-tie filter compensates for, 1/mm.
  ///   - stream: names the noise; two scans with the same stream have the same noise.
  public init(scanner: Scanner, mas: Double, waterAttenuation: Double, stream: RandomStream) {
    let magnification = scanner.sourceToDetector / scanner.sourceToIsocenter
    let area =
      scanner.channelAngle * scanner.sourceToDetector * scanner.rowHeight * magnification
    let central = scanner.quantaPerMas * area * mas / Double(scanner.viewsPerRotation)
    let radius = scanner.bowtieDiameter / 2
    incident = (0..<scanner.channels).map { channel in
      // The filter makes up for the water that a ray beside the centre does not meet. A real filter
      // is a compromise: it takes back half of the difference.
      let offset = scanner.sourceToIsocenter * sine(scanner.angle(ofChannel: channel))
      let chord = 2 * max(0, radius * radius - offset * offset).squareRoot()
      let transmission = exponential(-0.5 * waterAttenuation * (2 * radius - chord))
      return Float(max(2, central * transmission))
    }
    electronic = Float(scanner.electronicNoise)
    key = stream.key
  }

  /// Adds noise to the line integrals of one view, `[channel][row]`, in place.
  func apply(view: Int, scanner: Scanner, lines: UnsafeMutablePointer<Float>) {
    let kernels = mct_kernels()!.pointee
    incident.withUnsafeBufferPointer { incident in
      var noise = mct_noise(
        incident: incident.baseAddress, electronic: electronic,
        key: (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
      kernels.noise(
        &noise, Int64(view), Int32(scanner.channels), Int32(scanner.rows), scanner.rowStride, lines)
    }
  }
}
