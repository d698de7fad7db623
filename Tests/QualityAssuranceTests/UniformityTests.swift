import Testing

@testable import QualityAssurance

@Suite struct UniformityTests {
  private func image(_ value: (SIMD2<Double>) -> Double) -> PixelImage {
    PixelImage(
      width: 121, height: 121, spacing: 1,
      values: (0..<121 * 121).map { value(SIMD2(Double($0 % 121), Double($0 / 121)) - 60) })
  }

  /// A cup of r² / 500 HU: ring means are those of r² over the ring, within half a pixel's raster.
  @Test func cupIsFound() {
    let cup = Uniformity([image { ($0 * $0).sum() / 500 }], reach: 50, width: 5)
    #expect(cup.radii.count == 10 && cup.radii[9] == 47.5)
    // Mean of r² over 45 to 50 mm: 2262.5; over the middle 5 mm: 12.5.
    #expect(abs(cup.deviation - 4.5) < 0.05, "\(cup.deviation)")
    #expect(abs(cup.middle - 0.025) < 0.005)
  }

  /// The sign of the largest deviation is kept.
  @Test func capIsNegative() {
    let cap = Uniformity([image { -($0 * $0).sum() / 500 + 3 }], reach: 50, width: 5)
    #expect(cap.deviation < -4.4 && cap.middle > 2.9)
  }

  @Test func momentsAreThoseOfTheTextbook() {
    let moments = Moments([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(moments.mean == 5 && abs(moments.variance - 32.0 / 7) < 1e-12)
    #expect(moments.range == 2...9)
    #expect(Moments([]).mean.isNaN && Moments([1]).variance.isNaN)
  }

  @Test func artefactsAreDifferences() {
    let artefact = Artefact([3, -4, 0, 0])
    #expect(artefact.rms == 2.5 && artefact.largest == 4 && artefact.count == 4)
    #expect(Artefact([]).rms == 0)
  }

  @Test func discsHoldTheirPixels() {
    let ones = image { _ in 1 }
    // Gauss's circle problem: 317 points within 10, of which 12 lie on the circle.
    #expect(ones.disc([0, 0], radius: 10).count == 305)
  }
}
