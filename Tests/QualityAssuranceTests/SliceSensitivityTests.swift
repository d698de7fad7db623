import Support
import Testing
@testable import QualityAssurance

@Suite struct SliceSensitivityTests {
  private let heights = (-80...80).map { Double($0) / 10 }

  /// A Gaussian of s mm is 2.3548 s wide at half of its greatest, and 4.2919 s at a tenth.
  @Test func gaussianHasItsWidths() {
    let profile = SliceSensitivity(
      heights: heights, signal: heights.map { -1000 + 80 * exponential(-$0 * $0 / 2) },
      background: -1000)
    // Linear interpolation over h = 0.1 mm moves a crossing by at most h² / 8 f'' / f': 0.0004 and 0.0021 mm.
    #expect(abs(profile.width(at: 0.5) - 2.35482) < 1e-3)
    #expect(abs(profile.width(at: 0.1) - 4.29193) < 5e-3)
  }

  /// A triangle is exact under linear interpolation.
  @Test func triangleIsExact() {
    let profile = SliceSensitivity(
      heights: heights, signal: heights.map { max(0, 3 - abs($0 - 0.5)) }, background: 0)
    #expect(abs(profile.width(at: 0.5) - 3) < 1e-9)
  }

  /// A profile that does not fall within the slices has no width.
  @Test func cutProfilesHaveNone() {
    let profile = SliceSensitivity(
      heights: heights, signal: heights.map { 10 - abs($0) }, background: 0)
    #expect(profile.width(at: 0.1).isNaN)
    #expect(
      SliceSensitivity(heights: heights, signal: heights.map { _ in 0 }, background: 0)
        .width(at: 0.5).isNaN)
  }
}
