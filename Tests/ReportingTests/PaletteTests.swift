import Support
import Testing
@testable import Reporting

@Suite struct PaletteTests {
  /// Linear light to linear light for missing L, M and S cones (Machado et al. 2009, severity 1).
  static let visions: [(name: String, rows: [SIMD3<Double>])] = [
    ("normal", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    (
      "protanopia",
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    ),
    (
      "deuteranopia",
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    ),
    (
      "tritanopia",
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    ),
  ]

  @Test(arguments: 0..<4)
  func colorsAreToldApart(vision: Int) {
    // A distance of 2.3 in CIELAB is just noticeable; nine times that is told apart in thin lines.
    let colors = Palette.base.map { lab($0, vision: Self.visions[vision].rows) }
    for (index, color) in colors.enumerated() {
      for other in colors[..<index] {
        let gap = color - other
        #expect((gap * gap).sum().squareRoot() > 20)
      }
      #expect(color.x > 40, "bright enough for the black around the body")
    }
  }

  @Test func everyLabelHasOneColor() {
    #expect(Palette.color(of: 1) == Palette.base[0])
    #expect(Palette.color(of: 8) != Palette.color(of: 1))
    let names = (1...21).map { (label: UInt16) in "\(Palette.color(of: label))" }
    #expect(Set(names).count == 21)
    #expect(Palette.color(of: 65535) == Palette.color(of: 65535 - 21))
  }

  /// CIELAB (D65) of a colour as a person with the given vision sees it.
  private func lab(_ color: Color, vision: [SIMD3<Double>]) -> SIMD3<Double> {
    let rgb = SIMD3(
      linear(Double(color.red) / 255), linear(Double(color.green) / 255),
      linear(Double(color.blue) / 255))
    let seen = SIMD3(
      (vision[0] * rgb).sum(), (vision[1] * rgb).sum(), (vision[2] * rgb).sum())
    let light = pointwiseMax([0, 0, 0], pointwiseMin([1, 1, 1], seen))
    let x = (light * [0.4124, 0.3576, 0.1805]).sum() / 0.9505
    let y = (light * [0.2126, 0.7152, 0.0722]).sum()
    let z = (light * [0.0193, 0.1192, 0.9505]).sum() / 1.089
    let (f, g, h) = (root(x), root(y), root(z))
    return [116 * g - 16, 500 * (f - g), 200 * (g - h)]
  }

  private func linear(_ v: Double) -> Double {
    v <= 0.04045 ? v / 12.92 : power((v + 0.055) / 1.055, 2.4)
  }

  private func root(_ t: Double) -> Double {
    t > 216.0 / 24389 ? power(t, 1.0 / 3) : (24389.0 / 27 * t + 16) / 116
  }
}
