import Support

extension MRProtocol {
  /// The complex weights with which the echoes add up to the image: one for a magnitude image, two for those of Dixon.
  ///
  /// With the phases c of fat at the echoes, `S = W + c F` gives water `(c2 S1 - c1 S2) / (c2 - c1)` and fat
  /// `(S2 - S1) / (c2 - c1)` (Dixon, Radiology 153:189, 1984).
  var echoWeights: [SIMD2<Double>] {
    let kind = image ?? .magnitude
    guard kind != .magnitude else { return [[1, 0]] }
    let first = FatSpectrum.phasor(at: time(of: 0), field: fieldStrength)
    let second = FatSpectrum.phasor(at: time(of: 1), field: fieldStrength)
    let difference = second - first
    func quotient(_ a: SIMD2<Double>) -> SIMD2<Double> {
      let b = difference
      return SIMD2(a.x * b.x + a.y * b.y, a.y * b.x - a.x * b.y) / max(1e-12, (b * b).sum())
    }
    return kind == .water
      ? [quotient(second), quotient(-first)] : [quotient([-1, 0]), quotient([1, 0])]
  }

  /// The noise of the combined image over that of one echo: echoes have independent noise.
  var combinedNoise: Double {
    echoWeights.reduce(0) { $0 + ($1 * $1).sum() }.squareRoot()
  }
}
