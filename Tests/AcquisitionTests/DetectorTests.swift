import Support
import Testing
@testable import Acquisition

/// What blurs a reading, leaks into it or is scattered onto it.
@Suite struct DetectorTests {
  private static func scanner(
    focalSpot: Double? = nil, aperture: Double? = nil, crosstalk: Double? = nil,
    scatter: Double? = nil
  ) -> Scanner {
    var scanner = Scanner(
      name: "test", sourceToIsocenter: 570, sourceToDetector: 1040, channels: 600, fanAngle: 45,
      rows: 16, rowHeight: 1, viewsPerRotation: 100, bowtieDiameter: 320)
    scanner.focalSpot = focalSpot
    scanner.detectorAperture = aperture
    scanner.crosstalk = crosstalk
    scanner.scatterToPrimary = scatter
    return scanner
  }

  /// A view whose rows all read `photons(u)` relative to air, u the place in channels, of `rays` rays per element.
  private func view(of scanner: Scanner, rays: Int = 1, _ photons: (Double) -> Double) -> Readings {
    let view = Readings(views: 1, of: scanner)
    for ray in 0..<view.channels {
      let rows = view[view: 0, channel: ray]
      let u = (Double(ray) - Double(rays - 1) / 2) / Double(rays)
      for row in 0..<rows.padded { rows[row] = Float(-logarithm(photons(u))) }
    }
    return view
  }

  /// Amplitude of the photons of a view that were `1 + cos(2 pi f u) / 2`, u in channels.
  private func amplitude(_ f: Double, of view: Readings) -> Double {
    // The cosine's own amplitude, over the channels away from the ends.
    var (product, norm) = (0.0, 0.0)
    for channel in 50..<550 {
      let wave = cosine(2 * .pi * f * Double(channel))
      product += (exponential(-Double(view[view: 0, channel: channel][3])) - 1) * wave
      norm += wave * wave
    }
    return 2 * product / norm
  }

  /// The transfer of photons is the product of the two sincs up to the Nyquist frequency of the channels.
  /// Boxes on a grid of three rays a channel are exact in variance and 0.005 off at worst.
  @Test(arguments: [(0.0, 1.0), (1.2, 0.0), (0.6, 0.8), (1.2, 0.9)])
  func blurIsTheProductOfSincs(focalSpot: Double, aperture: Double) throws {
    let scanner = Self.scanner(focalSpot: focalSpot, aperture: aperture)
    let blur = try #require(ApertureBlur(scanner: scanner))
    #expect(abs(blur.taps.reduce(0, +) - 1) < 1e-6 && blur.taps.allSatisfy { $0 >= 0 })
    let channel = scanner.sourceToIsocenter * scanner.channelAngle
    for f in [0.02, 0.1, 0.2, 0.3, 0.4, 0.498] {
      let rays = view(of: blur.subdivided(scanner), rays: ApertureBlur.factor) {
        1 + cosine(2 * .pi * f * $0) / 2
      }
      let readings = Readings(views: 1, of: scanner)
      blur.average(rays, into: readings)
      let (got, expected) = (amplitude(f, of: readings), blur.modulation(at: f / channel))
      #expect(abs(got - expected) < 0.006, "\(got) for \(expected) at \(f)")
    }
  }

  /// The same along the rows, with elements that are as high as wide and ones that are three times as high.
  @Test(arguments: [(0.0, 1.0, 1.0), (1.2, 0.9, 1.0), (1.0, 0.9, 2.5)])
  func blurAlongRowsIsTheProductOfSincs(focalSpot: Double, aperture: Double, height: Double) throws
  {
    var scanner = Self.scanner(focalSpot: focalSpot, aperture: aperture)
    (scanner.channels, scanner.rows, scanner.rowHeight) = (6, 128, height)
    let blur = try #require(ApertureBlur(scanner: scanner))
    #expect(abs(blur.rowTaps.reduce(0, +) - 1) < 1e-6 && blur.rowTaps.allSatisfy { $0 >= 0 })
    let fine = blur.subdivided(scanner)
    for f in [0.05, 0.2, 0.3, 0.4, 0.48] {
      let thin = Readings(views: 1, of: fine)
      for ray in 0..<fine.channels {
        let rows = thin[view: 0, channel: ray]
        for row in rows.indices {
          let u = (Double(row) - Double(fine.rows - 1) / 2) / Double(ApertureBlur.factor)
          rows[row] = Float(-logarithm(1 + cosine(2 * .pi * f * u) / 2))
        }
      }
      let readings = Readings(views: 1, of: scanner)
      blur.average(thin, into: readings)
      var (product, norm) = (0.0, 0.0)
      for row in 14..<114 {
        let wave = cosine(2 * .pi * f * (Double(row) - 63.5))
        product += (exponential(-Double(readings[view: 0, channel: 2][row])) - 1) * wave
        norm += wave * wave
      }
      let expected = blur.axialModulation(at: f / height)
      #expect(abs(2 * product / norm - expected) < 0.006, "\(2 * product / norm) for \(expected)")
    }
  }

  /// Beyond the detector's edges its outermost rays go on: what all rays see alike is read as it is, by the first
  /// channel and row, too, with a focal spot as wide as five channels.
  @Test func evenLightStaysEven() throws {
    let scanner = Self.scanner(focalSpot: 3, aperture: 1)
    let blur = try #require(ApertureBlur(scanner: scanner))
    let thin = view(of: blur.subdivided(scanner)) { _ in exponential(-2.5) }
    let readings = Readings(views: 1, of: scanner)
    blur.average(thin, into: readings)
    for channel in 0..<readings.channels {
      let rows = readings[view: 0, channel: channel]
      #expect(rows.indices.allSatisfy { abs(rows[$0] - 2.5) < 2e-6 }, "channel \(channel)")
    }
  }

  @Test func crosstalkHasItsTransfer() throws {
    let scanner = Self.scanner(crosstalk: 0.03)
    let crosstalk = try #require(Crosstalk(scanner: scanner))
    for f in [0.05, 0.25, 0.45] {
      let readings = view(of: scanner) { 1 + cosine(2 * .pi * f * $0) / 2 }
      crosstalk.apply(to: DetectorView(number: 0, signal: readings, photons: nil))
      let got = amplitude(f, of: readings)
      // Rounding of float logarithms, summed over 500 channels.
      #expect(abs(got - (1 - 0.06 * (1 - cosine(2 * .pi * f)))) < 1e-5, "\(got) at \(f)")
    }
    #expect(Crosstalk(scanner: Self.scanner()) == nil)
    #expect(ApertureBlur(scanner: Self.scanner()) == nil)
  }

  /// Behind the middle of 320 mm of water scatter over primary is what the scanner states, and the correction
  /// takes it away again. Four relaxed steps leave 0.02 % of the ratio in the line integrals at 0.3 and 0.5 % at 1
  /// (the same iteration in double precision, on this phantom); two plain steps would leave 3.8 % at 0.3, and
  /// 36 % at 1.
  @Test(arguments: [0.05, 0.3, 1]) func scatterIsAddedAndCorrected(ratio: Double) throws {
    let scanner = Self.scanner(scatter: ratio)
    let scatter = try #require(Scatter(scanner: scanner, waterAttenuation: 0.02))
    let readings = Readings(views: 1, of: scanner)
    let primary = (0..<600).map { channel in
      let offset = 570 * sine(scanner.angle(ofChannel: channel))
      return Float(0.02 * 2 * max(0, 160 * 160 - offset * offset).squareRoot())
    }
    for channel in 0..<600 {
      let rows = readings[view: 0, channel: channel]
      for row in rows.indices { rows[row] = primary[channel] }
    }
    let photons = scatter.photons(primary: Scatter.transmitted(readings))
    let middle = Double(photons[300]) * exponential(Double(primary[300]))
    #expect(abs(middle / ratio - 1) < 1e-3)
    // Smooth: on the detector, behind the bow-tie that photons are relative to, it changes from channel to
    // channel by at most the steepest slope of the Gaussian, 0.6 of its height in 0.1 radians.
    let scattered = zip(photons, scanner.bowtieWater).map { Double($0) * exponential(-0.02 * $1) }
    let step = 0.6 * scanner.channelAngle / 0.1 * scattered.max()!
    let steps = zip(scattered, scattered.dropFirst()).map { abs($1 - $0) }
    #expect(steps.max()! < 2 * step, "\(steps.max()!) for \(step)")
    let view = DetectorView(number: 0, signal: readings, photons: nil)
    scatter.apply(to: view)
    let added = Double(primary[300] - readings[view: 0, channel: 300][0])
    #expect(abs(added - logarithm(1 + ratio)) < 1e-3)
    ScatterCorrection(scatter).apply(to: view)
    for channel in stride(from: 0, to: 600, by: 7) {
      #expect(
        abs(readings[view: 0, channel: channel][0] - primary[channel]) < 0.01 * Float(ratio))
    }
  }

  /// Scattered photons add to the signal's photons as they add to the signal, and noise is drawn from photons alone.
  @Test func signalAndPhotonsStayApart() throws {
    let scanner = Self.scanner(scatter: 0.3)
    let signal = view(of: scanner) { _ in 0.2 }
    let photons = view(of: scanner) { _ in 0.1 }
    let detected = DetectorView(number: 3, signal: signal, photons: photons)
    let scatter = try #require(Scatter(scanner: scanner, waterAttenuation: 0.02))
    let scattered = scatter.photons(primary: Scatter.transmitted(signal))[300]
    scatter.apply(to: detected)
    #expect(
      abs(exponential(-Double(signal[view: 0, channel: 300][2])) - 0.2 - Double(scattered)) < 1e-6)
    #expect(
      abs(exponential(-Double(photons[view: 0, channel: 300][2])) - 0.1 - Double(scattered)) < 1e-6)
    let clean = signal[view: 0, channel: 300][2] - photons[view: 0, channel: 300][2]
    PhotonNoise(
      scanner: scanner, mas: 1, bowtie: [Double](repeating: 1, count: scanner.channels),
      stream: RandomStream(seed: 4)
    ).apply(to: detected)
    let noisy = signal[view: 0, channel: 300][2] - photons[view: 0, channel: 300][2]
    #expect(abs(noisy - clean) < 1e-6)
  }
}
