import Support
import Testing
@testable import QualityAssurance

@Suite struct ModulationTransferTests {
  /// A Gaussian of s mm off the pixels' raster has the transfer exp(-2 pi² s² f²). The ring of background holds
  /// 1e-9 of it, and sums over pixels of 0.1 mm are exact to that, too.
  @Test(arguments: [0.4, 0.7]) func gaussianHasItsTransfer(s: Double) {
    let center = SIMD2(0.73, -0.41)
    let image = PixelImage(
      width: 181, height: 181, spacing: 0.1,
      values: (0..<181 * 181).map { index in
        let q = (SIMD2(Double(index % 181), Double(index / 181)) - 90) * 0.1 - center
        return -1000 + 50 * exponential(-(q * q).sum() / (2 * s * s))
      })
    let transfer = ModulationTransfer(
      wire: image, at: center, diameter: 0, reach: 6, highest: 1.3)
    for (f, value) in zip(transfer.frequencies, transfer.values) {
      #expect(abs(value - exponential(-2 * .pi * .pi * s * s * f * f)) < 1e-5, "\(value) at \(f)")
    }
    for part in [0.5, 0.1] {
      let exact = (-logarithm(part) / 2).squareRoot() / (.pi * s)
      // Linear interpolation between frequencies 0.013 lp/mm apart.
      #expect(abs(transfer.frequency(ofTransfer: part) / exact - 1) < 1e-3)
    }
  }

  /// 2 J1(pi x) / (pi x): first zero at 3.83171 / pi; J1(1) = 0.440051.
  @Test func rodIsABesselFunction() {
    #expect(ModulationTransfer.rod(0) == 1)
    #expect(abs(ModulationTransfer.rod(1 / Double.pi) - 2 * 0.440051) < 1e-6)
    #expect(abs(ModulationTransfer.rod(3.831706 / .pi)) < 1e-6)
  }

  /// What counts is the fall below a part, not the rise above it of a kernel that enhances edges.
  @Test func enhancedEdgesAreNoCrossing() {
    let curve = ModulationTransfer(
      frequencies: [0, 0.1, 0.2, 0.3, 0.4], values: [1, 1.2, 1, 0.6, 0.2])
    #expect(abs(curve.frequency(ofTransfer: 0.5) - 0.325) < 1e-12)
    #expect(curve.frequency(ofTransfer: 0.1).isNaN)
  }
}
