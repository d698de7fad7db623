import Acquisition
import Support
import Testing
import Volumes

@Suite struct PhotonNoiseTests {
  /// Counts of an empty scan: mean and variance of a Poisson number are both N, whatever the method
  /// (inversion below 10, rejection above).
  @Test(arguments: [2.5, 7, 12, 60, 1500, 90_000]) func countsArePoisson(mean: Double) throws {
    let scanner = Scanner(
      name: "test", sourceToIsocenter: 570, sourceToDetector: 1040, channels: 64, fanAngle: 4,
      rows: 32, rowHeight: 0.6, viewsPerRotation: 100, electronicNoise: 0)
    let unit = PhotonNoise(
      scanner: scanner, mas: 1000, waterAttenuation: 0.02, stream: RandomStream(seed: 1))
    let mas = 1000 * mean / Double(unit.incident[0])
    let noise = PhotonNoise(
      scanner: scanner, mas: mas, waterAttenuation: 0.02, stream: RandomStream(seed: 3))
    let air = Volume<Float>(grid: Grid(shape: [4, 4, 4], spacing: [1, 1, 1]), repeating: -1000)
    let body = AttenuationVolume(
      hu: air, placement: GantryPlacement(first: [0, 0, 0], spacing: [1, 1, 1]),
      waterAttenuation: 0.02, radius: 10, workers: Workers())
    let scan = HelicalScan(scanner: scanner, pitch: 1, covering: 0...10, radius: 5)
    let source = SimulatedScan(scan: scan, body: body, noise: noise, workers: Workers())
    let lines = try source.lineIntegrals(of: 0..<100)
    let counts = lines.map { mean * exponential(-Double($0)) }
    let n = Double(counts.count)
    // A reading of nothing is recorded as one photon; take that out of the expected moments.
    let none = exponential(-mean)
    let expectedMean = mean + none
    let expectedVariance = mean + mean * mean + none - expectedMean * expectedMean
    let average = counts.reduce(0, +) / n
    let variance = counts.reduce(0) { $0 + ($1 - average) * ($1 - average) } / n
    // Five standard errors of 204 800 numbers, plus 2e-6 of rounding in the logarithms.
    #expect(abs(average - expectedMean) < 5 * (mean / n).squareRoot() + 2e-6 * mean)
    let error = (expectedVariance * expectedVariance * (2 + 1 / mean) / n).squareRoot()
    #expect(abs(variance - expectedVariance) < 5 * error, "\(variance) for \(expectedVariance)")
    let third = counts.reduce(0) { $0 + ($1 - average) * ($1 - average) * ($1 - average) } / n
    if mean > 10 {  // skewness of a Poisson number: 1 / sqrt(mean), standard error sqrt(6 / n)
      let skewness = third / (variance * variance.squareRoot())
      #expect(abs(skewness - 1 / mean.squareRoot()) < 5 * (6 / n).squareRoot() * 1.3)
    }
  }

  /// A scan of one energy is as noisy as one of 120 kVp at the same mAs, behind a head as behind a large abdomen.
  @Test(arguments: [50.0, 60, 70]) func oneEnergyIsAsNoisyAs120kVp(energy: Double) throws {
    let scanner = try Scanner.load("rows64")
    let stream = RandomStream(seed: 1)
    let water = Material.water.attenuation(at: energy)
    let one = PhotonNoise(scanner: scanner, mas: 200, waterAttenuation: water, stream: stream)
    let response = try scanner.response(kvp: 120)
    let many = try PhotonNoise(scanner: scanner, mas: 200, response: response, stream: stream)
    let center = scanner.channels / 2
    let filter = scanner.bowtieWater[center]
    func photons(behind depth: Double) -> (one: Double, many: Double) {
      let lost =
        response.photonLoss(water: Float(depth + filter), bone: 0)
        - response.photonLoss(water: Float(filter), bone: 0)
      return (
        Double(one.incident[center]) * exponential(-water * depth),
        Double(many.incident[center]) * exponential(-Double(lost))
      )
    }
    // The same behind 26 cm; the tables are within 2e-4 of the sums.
    let same = photons(behind: 260)
    #expect(abs(same.one / same.many - 1) < 2e-3, "\(same)")
    // What one energy misses of hardening: 4 % at 70 keV, next to which the beam is behind a body.
    guard energy == 70 else { return }
    for depth in stride(from: 150.0, through: 400, by: 50) {
      let photons = photons(behind: depth)
      #expect(abs(photons.one / photons.many - 1) < 0.045, "\(photons) behind \(depth) mm")
    }
  }

  /// The variance of line integrals is what photons and electronics make of it in theory.
  @Test(arguments: [(60.0, 0.0), (100, 0), (100, 4), (200, 4), (2000, 20)])
  func lineIntegralsVaryAsInTheory(mean: Double, electronic: Double) throws {
    let scanner = Scanner(
      name: "test", sourceToIsocenter: 570, sourceToDetector: 1040, channels: 64, fanAngle: 4,
      rows: 32, rowHeight: 0.6, viewsPerRotation: 100, electronicNoise: electronic)
    let unit = PhotonNoise(
      scanner: scanner, mas: 1000, bowtie: Array(repeating: 1, count: 64),
      stream: RandomStream(seed: 1))
    let noise = PhotonNoise(
      scanner: scanner, mas: 1000 * mean / Double(unit.incident[0]),
      bowtie: Array(repeating: 1, count: 64), stream: RandomStream(seed: 5))
    let air = Volume<Float>(grid: Grid(shape: [4, 4, 4], spacing: [1, 1, 1]), repeating: -1000)
    let body = AttenuationVolume(
      hu: air, placement: GantryPlacement(first: [0, 0, 0], spacing: [1, 1, 1]),
      waterAttenuation: 0.02, radius: 10, workers: Workers())
    let scan = HelicalScan(scanner: scanner, pitch: 1, covering: 0...10, radius: 5)
    let source = SimulatedScan(scan: scan, body: body, noise: noise, workers: Workers())
    let lines = try source.lineIntegrals(of: 0..<100)
    let n = Double(lines.count)
    let average = lines.reduce(0) { $0 + Double($1) } / n
    let variance = lines.reduce(0) { $0 + (Double($1) - average) * (Double($1) - average) } / n
    let theory = PhotonNoise.variance(ofReading: mean, electronic: electronic)
    // Five standard errors of a variance of 204 800 numbers, and the terms beyond the third, of order s⁴.
    let square = 1 / mean + electronic * electronic / (mean * mean)
    let limit = 5 * (2 / n).squareRoot() + 12 * square * square
    #expect(abs(variance / theory - 1) < limit, "\(variance) for \(theory)")
  }

  /// Noise is a function of stream, view, channel and row alone.
  @Test func noiseIsTheSameHoweverViewsAreRead() throws {
    let scanner = Scanner(
      name: "test", sourceToIsocenter: 570, sourceToDetector: 1040, channels: 32, fanAngle: 4,
      rows: 16, rowHeight: 1, viewsPerRotation: 50)
    let air = Volume<Float>(grid: Grid(shape: [4, 4, 4], spacing: [1, 1, 1]), repeating: -1000)
    let body = AttenuationVolume(
      hu: air, placement: GantryPlacement(first: [0, 0, 0], spacing: [1, 1, 1]),
      waterAttenuation: 0.02, radius: 10, workers: Workers())
    let scan = HelicalScan(scanner: scanner, pitch: 1, covering: 0...10, radius: 5)
    let noise = PhotonNoise(
      scanner: scanner, mas: 50, waterAttenuation: 0.02, stream: RandomStream(seed: 9))
    let many = SimulatedScan(scan: scan, body: body, noise: noise, workers: Workers(count: 3))
    let whole = try many.lineIntegrals(of: 0..<40)
    let one = SimulatedScan(scan: scan, body: body, noise: noise, workers: Workers(count: 1))
    let single = try (0..<40).flatMap { try one.lineIntegrals(of: $0..<$0 + 1) }
    #expect(whole == single)
  }
}
