import Support
import Testing
@testable import QualityAssurance

@Suite struct PowerLawTests {
  @Test func exactLawsAreFound() {
    let law = PowerLaw([25.0, 50, 100, 400].map { (x: $0, y: 120 / $0.squareRoot()) })
    #expect(abs(law.exponent + 0.5) < 1e-12 && abs(law.factor - 120) < 1e-9)
    #expect(abs(law(200) - 120 / 200.0.squareRoot()) < 1e-9)
  }

  /// Bars themselves keep all of their modulation; sines of amplitude a and frequency f give a pi / 2.
  @Test func barsKeepTheirModulation() {
    let places = (0..<4000).map { (Double($0) + 0.5) / 400 }
    let bars = places.map { (place: $0, value: $0 - $0.rounded(.down) < 0.5 ? 500.0 : 0) }
    // 400 places a period: the sum is 2 / pi within 1e-5.
    #expect(abs(BarModulation.measure(bars, frequency: 1, contrast: 500) - 1) < 1e-4)
    let waves = places.map { (place: $0, value: 30 * sine(2 * .pi * $0 + 0.3)) }
    #expect(
      abs(BarModulation.measure(waves, frequency: 1, contrast: 500) - 0.06 * .pi / 2) < 1e-9)
    #expect(BarModulation.measure(places.map { ($0, 7) }, frequency: 1, contrast: 500) < 1e-9)
  }
}
