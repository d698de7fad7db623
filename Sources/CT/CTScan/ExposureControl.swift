internal import Acquisition
import Reconstruction
internal import Support
internal import Volumes

/// Automatic exposure control: the tube current that a protocol asks for on a body.
///
/// With a noise index S the mAs are those at which
///
///     mean over views of c² (1 / q + (e / q)²) x gain = (S mu_water / 1000)²       q = N_0 I exp(-A)
///
/// with N_0 the photons of a view through air at the fan's centre, I the current over its mean, A the loss in the channel where most is
/// lost (`Scout`), c what the correction of beam hardening multiplies noise by, e the electronic noise and the gain of the reconstruction (`NoisePropagation`). In a cylinder about the axis that
/// is the standard deviation in its middle.
struct ExposureControl {
  let scanProtocol: ScanProtocol
  let kernel: ReconstructionKernel
  let response: PolychromaticResponse?
  let waterAttenuation: Double

  /// The most that is given, mAs.
  private static let limits = 0.1...10_000.0

  /// The current for a scan.
  ///
  /// - Parameters:
  ///   - grid: what is reconstructed.
  ///   - logAttenuation: along the helix; asked for only where they matter.
  func tubeCurrent(
    of scan: HelicalScan, onto grid: Grid, logAttenuation: () -> [Double]
  ) -> TubeCurrent {
    guard scanProtocol.modulation != nil || scanProtocol.noiseIndex != nil else {
      return TubeCurrent(mas: scanProtocol.mas)
    }
    let logAttenuation = logAttenuation()
    let current =
      scanProtocol.modulation.map {
        TubeCurrent(mas: scanProtocol.mas, modulation: $0, logAttenuation: logAttenuation)
      } ?? TubeCurrent(mas: scanProtocol.mas)
    guard let wanted = scanProtocol.noiseIndex else { return current }
    let noise = noise(of: scan, onto: grid, current: current, logAttenuation: logAttenuation)
    // Noise falls with the mAs.
    var (low, high) = (logarithm(Self.limits.lowerBound), logarithm(Self.limits.upperBound))
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if noise(exponential(middle)) > wanted { low = middle } else { high = middle }
    }
    return current.scaled(toMAs: exponential((low + high) / 2))
  }

  /// The noise of an image near the axis by the mAs of its scan, HU.
  ///
  /// - Parameters:
  ///   - grid: what is reconstructed.
  ///   - current: how the tube current runs along the helix.
  ///   - logAttenuation: as `Scout` gives it.
  func noise(
    of scan: HelicalScan, onto grid: Grid, current: TubeCurrent, logAttenuation: [Double]
  ) -> (_ mas: Double) -> Double {
    let scanner = scan.scanner
    let voxel = max(grid.spacing.x, grid.spacing.y)
    let propagation = NoisePropagation(
      scanner: scanner, pitch: scan.pitch,
      kernel: kernel.limited(toVoxel: min(voxel, scanProtocol.resolution ?? voxel)),
      sliceThickness: scanProtocol.sliceThickness ?? grid.spacing.z)
    let unit = photons(perMAs: scanner)
    let corrected = scanProtocol.correctsHardening ?? true ? response : nil
    let views = logAttenuation.indices.map { index -> (photons: Double, gain: Double) in
      let part = current.relative.isEmpty ? 1 : current.relative[index]
      let gain = corrected.map {
        $0.correctionGain(behind: $0.water(ofPhotonLoss: logAttenuation[index]))
      }
      return (unit * part * exponential(-logAttenuation[index]), gain ?? 1)
    }
    return { mas in
      let variance = views.reduce(0.0) { sum, view in
        let photons = max(view.photons * mas, 1)
        let electronic = scanner.electronicNoise / photons
        return sum + view.gain * view.gain * (1 / photons + electronic * electronic)
      }
      return propagation.noise(
        ofReadings: variance / Double(max(1, views.count)), waterAttenuation: waterAttenuation)
    }
  }

  /// Photons of one reading through air at the fan's centre, a mAs.
  private func photons(perMAs scanner: Scanner) -> Double {
    var bare = scanner
    bare.bowtieDiameter = 0
    let (mas, stream) = (1000.0, RandomStream(seed: 0))
    let noise =
      response.flatMap {
        try? PhotonNoise(scanner: bare, mas: mas, response: $0, stream: stream)
      } ?? PhotonNoise(scanner: bare, mas: mas, waterAttenuation: waterAttenuation, stream: stream)
    return Double(noise.incident[scanner.channels / 2]) / mas
  }
}
