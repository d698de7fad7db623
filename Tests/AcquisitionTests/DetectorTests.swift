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

  /// Amplitude left of quanta `1 + cos(2 pi f u) / 2`, u in channels, after `apply`.
  private func amplitude(
    _ f: Double, rays: Int, scanner: Scanner,
    _ apply: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> Double {
    let stride = scanner.rowStride
    // As many rays a row, which all see the same.
    let fineStride = (scanner.rows * rays + 15) / 16 * 16
    var thin = [Float](repeating: 0, count: scanner.channels * rays * fineStride)
    for ray in 0..<scanner.channels * rays {
      let u = (Double(ray) - Double(rays - 1) / 2) / Double(rays)
      let quanta = 1 + cosine(2 * .pi * f * u) / 2
      for row in 0..<fineStride { thin[ray * fineStride + row] = Float(-logarithm(quanta)) }
    }
    var lines = [Float](repeating: 0, count: scanner.viewStride)
    thin.withUnsafeMutableBufferPointer { thin in
      lines.withUnsafeMutableBufferPointer { apply(thin.baseAddress!, $0.baseAddress!) }
    }
    // The cosine's own amplitude, over the channels away from the ends.
    var (product, norm) = (0.0, 0.0)
    for channel in 50..<550 {
      let wave = cosine(2 * .pi * f * Double(channel))
      product += (exponential(-Double(lines[channel * stride + 3])) - 1) * wave
      norm += wave * wave
    }
    return 2 * product / norm
  }

  /// The transfer of quanta is the product of the two sincs up to the Nyquist frequency of the channels.
  /// Boxes on a grid of three rays a channel are exact in variance and 0.005 off at worst.
  @Test(arguments: [(0.0, 1.0), (1.2, 0.0), (0.6, 0.8), (1.2, 0.9)])
  func blurIsTheProductOfSincs(focalSpot: Double, aperture: Double) throws {
    let scanner = Self.scanner(focalSpot: focalSpot, aperture: aperture)
    let blur = try #require(ApertureBlur(scanner: scanner))
    #expect(abs(blur.taps.reduce(0, +) - 1) < 1e-6 && blur.taps.allSatisfy { $0 >= 0 })
    let channel = scanner.sourceToIsocenter * scanner.channelAngle
    for f in [0.02, 0.1, 0.2, 0.3, 0.4, 0.498] {
      let got = amplitude(f, rays: ApertureBlur.factor, scanner: scanner) {
        blur.apply(scanner: scanner, rays: $0, lines: $1)
      }
      let expected = blur.modulation(at: f / channel)
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
      var thin = [Float](repeating: 0, count: fine.viewStride)
      for ray in 0..<fine.channels {
        for row in 0..<fine.rows {
          let u = (Double(row) - Double(fine.rows - 1) / 2) / Double(ApertureBlur.factor)
          thin[ray * fine.rowStride + row] = Float(-logarithm(1 + cosine(2 * .pi * f * u) / 2))
        }
      }
      var lines = [Float](repeating: 0, count: scanner.viewStride)
      blur.apply(scanner: scanner, rays: &thin, lines: &lines)
      var (product, norm) = (0.0, 0.0)
      for row in 14..<114 {
        let wave = cosine(2 * .pi * f * (Double(row) - 63.5))
        product += (exponential(-Double(lines[2 * scanner.rowStride + row])) - 1) * wave
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
    var thin = [Float](repeating: 2.5, count: blur.subdivided(scanner).viewStride)
    var lines = [Float](repeating: 0, count: scanner.viewStride)
    blur.apply(scanner: scanner, rays: &thin, lines: &lines)
    #expect(lines.allSatisfy { abs($0 - 2.5) < 2e-6 })
  }

  @Test func crosstalkHasItsTransfer() throws {
    let scanner = Self.scanner(crosstalk: 0.03)
    let crosstalk = try #require(Crosstalk(scanner: scanner))
    for f in [0.05, 0.25, 0.45] {
      let got = amplitude(f, rays: 1, scanner: scanner) { thin, lines in
        crosstalk.apply(scanner: scanner, lines: thin)
        for index in 0..<scanner.viewStride { lines[index] = thin[index] }
      }
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
    var lines = [Float](repeating: 0, count: scanner.viewStride)
    for channel in 0..<600 {
      let offset = 570 * sine(scanner.angle(ofChannel: channel))
      let chord = 2 * max(0, 160 * 160 - offset * offset).squareRoot()
      for row in 0..<16 { lines[channel * 16 + row] = Float(0.02 * chord) }
    }
    let primary = lines
    lines.withUnsafeMutableBufferPointer { buffer in
      let quanta = scatter.quanta(scanner: scanner, lines: buffer.baseAddress!)
      let middle = Double(quanta[300]) * exponential(Double(primary[300 * 16]))
      #expect(abs(middle / ratio - 1) < 1e-3)
      // Smooth: on the detector, behind the bow-tie that `quanta` are relative to, it changes from channel to
      // channel by at most the steepest slope of the Gaussian, 0.6 of its height in 0.1 radians.
      let scattered = zip(quanta, scanner.bowtieWater).map { Double($0) * exponential(-0.02 * $1) }
      let step = 0.6 * scanner.channelAngle / 0.1 * scattered.max()!
      let steps = zip(scattered, scattered.dropFirst()).map { abs($1 - $0) }
      #expect(steps.max()! < 2 * step, "\(steps.max()!) for \(step)")
      scatter.add(quanta, scanner: scanner, lines: buffer.baseAddress!)
      let added = Double(primary[300 * 16] - buffer[300 * 16])
      #expect(abs(added - logarithm(1 + ratio)) < 1e-3)
      scatter.correct(scanner: scanner, lines: buffer.baseAddress!)
      for channel in stride(from: 0, to: 600, by: 7) {
        #expect(abs(buffer[channel * 16] - primary[channel * 16]) < 0.01 * Float(ratio))
      }
    }
  }
}
