import Support
import Testing
@testable import QualityAssurance

@Suite struct NoisePowerSpectrumTests {
  /// Images of 256 x 256 pixels of 0.5 mm: white noise of 10 HU, or that through a filter along x.
  private func images(count: Int, filter: [Double] = [1]) -> [PixelImage] {
    var stream = RandomStream(seed: 5)
    return (0..<count).map { _ in
      let white = (0..<256 * 256).map { _ in stream.gaussian(mean: 0, deviation: 10, cut: 8) }
      let values = white.indices.map { index in
        filter.enumerated().reduce(0.0) { sum, tap in
          let x = (index % 256 + tap.offset) % 256
          return sum + tap.element * white[index / 256 * 256 + x]
        }
      }
      return PixelImage(width: 256, height: 256, spacing: 0.5, values: values)
    }
  }

  /// White noise of s HU has NPS s² d² at all frequencies. 64 regions: a standard error of 1 / 8 for a value,
  /// and of 1 / sqrt(64 * 2 pi k) / 2 for ring k, because opposite frequencies are one.
  @Test func whiteNoiseIsFlat() {
    let spectrum = NoisePowerSpectrum(images(count: 4), size: 64)
    #expect(spectrum.regions == 64 && spectrum.values.count == 64 * 64)
    for ring in spectrum.radial.dropFirst(4) {
      #expect(abs(ring.power / 25 - 1) < 0.12, "\(ring)")
    }
    // 262 144 values: 0.3 % of the variance, and the planes' 3 of 4096.
    #expect(abs(spectrum.integral / 100 - 1) < 0.012, "\(spectrum.integral)")
    // The mean is part of the plane.
    #expect(spectrum.values[32 * 64 + 32] < 1e-9)
  }

  /// The filter [1, 0, -1] / 2 along x has |H|² = sin²(2 pi f d) = (1 - cos(4 pi f d)) / 2: NPS 0 at u = 0, most at
  /// 1 / 4d. In a region of N pixels the correlation over two pixels counts N - 2 times of N.
  @Test func filteredNoiseHasItsTransfer() {
    let spectrum = NoisePowerSpectrum(images(count: 4, filter: [0.5, 0, -0.5]), size: 64)
    for u in [4, 8, 16, 24] {
      let column = (0..<64).map { spectrum.values[$0 * 64 + 32 + u] }
      let transfer = (1 - (1 - 2.0 / 64) * cosine(4 * .pi * Double(u) / 64)) / 2
      // 64 rows of 64 regions: 1.6 %.
      let mean = column.reduce(0, +) / 64
      #expect(abs(mean / (25 * transfer) - 1) < 0.08, "\(mean) at \(u)")
    }
    // |H|² is a half on average.
    #expect(abs(spectrum.integral / 50 - 1) < 0.02, "\(spectrum.integral)")
  }

  /// Shading that a plane can follow is no noise.
  @Test func planesAreTakenAway() {
    let values = (0..<64 * 64).map { index -> Double in
      let (x, y) = (Double(index % 64), Double(index / 64))
      return 3 + 0.5 * x - 2 * y
    }
    let spectrum = NoisePowerSpectrum(
      [PixelImage(width: 64, height: 64, spacing: 1, values: values)], size: 64)
    #expect(spectrum.integral < 1e-18)
  }

  @Test func parabolaHasItsVertex() throws {
    let points = stride(from: 0.0, through: 1, by: 0.1).map {
      (x: $0, y: 3 - ($0 - 0.37) * ($0 - 0.37))
    }
    #expect(abs(try #require(Parabola(fitting: points)).vertex - 0.37) < 1e-9)
    #expect(Parabola(fitting: points.map { ($0.x, -$0.y) }) == nil)
  }

  /// A cosine of k periods has its power at k and n - k alone: (n / 2)².
  @Test func transformFindsACosine() {
    var real = (0..<16).map { cosine(2 * .pi * 3 * Double($0) / 16) }
    var imaginary = [Double](repeating: 0, count: 16)
    FourierTransform.transform(&real, &imaginary)
    for k in 0..<16 {
      let power = real[k] * real[k] + imaginary[k] * imaginary[k]
      #expect(abs(power - (k == 3 || k == 13 ? 64 : 0)) < 1e-9, "\(power) at \(k)")
    }
  }

  /// A parabola is found again from points on it, and none where the points bend upwards.
  @Test func parabolasHaveTheirVertex() throws {
    func points(_ bend: Double) -> [(x: Double, y: Double)] {
      [0.5, 1, 2, 4, 4.5].map { ($0, 5 + bend * ($0 - 3) * ($0 - 3)) }
    }
    let parabola = try #require(Parabola(fitting: points(-2)))
    #expect(abs(parabola.vertex - 3) < 1e-12 && abs(parabola.top - 5) < 1e-12)
    #expect(Parabola(fitting: points(2)) == nil)
  }
}
