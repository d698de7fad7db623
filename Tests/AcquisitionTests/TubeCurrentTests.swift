import Acquisition
import Support
import Testing

@Suite struct TubeCurrentTests {
  /// Losses of an elliptical body that grows along the table: `A = 4 + 2 z + 1.2 cos 2a` over eight rotations.
  private let logAttenuation = (0..<8 * TubeCurrent.steps).map { place -> Double in
    let turns = Double(place) / Double(TubeCurrent.steps)
    return 4 + 2 * turns / 8 + 1.2 * cosine(4 * .pi * turns)
  }

  /// The variance in the middle of the image of every rotation, over that of a constant current in the first.
  private func variances(_ current: TubeCurrent) -> [Double] {
    (0..<8).map { rotation in
      (0..<TubeCurrent.steps).reduce(0.0) { sum, step in
        let place = rotation * TubeCurrent.steps + step
        let part = current.relative.isEmpty ? 1 : current.relative[place]
        return sum + exponential(logAttenuation[place] - 4) / part / Double(TubeCurrent.steps)
      }
    }
  }

  /// All have the dose of the constant current. The square root of the loss makes the least noise of it: by
  /// Schwarz's inequality `(M exp(A / 2))²` instead of `M exp(A)`. Along z the noise is the same; the ends
  /// see half a rotation only, so a rotation less is judged on both.
  @Test func makesNoiseLessAndEven() {
    func current(_ modulation: CurrentModulation) -> TubeCurrent {
      TubeCurrent(mas: 100, modulation: modulation, logAttenuation: logAttenuation)
    }
    for modulation in CurrentModulation.allCases {
      let relative = current(modulation).relative
      #expect(abs(relative.reduce(0, +) / Double(relative.count) - 1) < 1e-9)
      #expect(relative.min()! >= 0.099 && relative.max()! <= 5.01)
    }
    let constant = variances(TubeCurrent(mas: 100))
    let angular = variances(current(.angular))
    // M exp(x) and (M exp(x/2))² of a cosine of amplitude 1.2 are Bessel functions: I0(0.6)² / I0(1.2) = 0.86.
    for (with, without) in zip(angular, constant) { #expect(abs(with / without - 0.86) < 0.03) }
    for modulation in [CurrentModulation.longitudinal, .combined] {
      let inner = variances(current(modulation))[1..<7]
      #expect(inner.max()! / inner.min()! < 1.06, "\(inner)")
    }
    #expect(constant[6] / constant[1] > 3)
  }

  /// A scout sees the longest way through the body and the bow-tie: 200 mm of water about the axis.
  @Test(arguments: ["rows16", "rows64", "rows128"]) func scoutSeesTheLongestWay(name: String) throws
  {
    let scanner = try Scanner.load(name)
    let scan = HelicalScan(scanner: scanner, pitch: 1, covering: 0...100, radius: 120)
    let water = AnalyticPhantom([.init(.cylinder(center: [0, 0], radius: 100), hu: 0)])
    let logAttenuation = Scout.logAttenuation(
      scan, body: AnalyticObject(water, waterAttenuation: 0.02), waterAttenuation: 0.02,
      workers: Workers())
    // From the middle outwards the chord loses 2 x² / 200 and the bow-tie gains a third of that; a channel is at most
    // 3 mm off.
    for loss in logAttenuation { #expect(abs(loss - 4) < 0.004, "\(loss)") }
    let last = Double(scan.viewCount - 1) / Double(scanner.viewsPerRotation)
    #expect(logAttenuation.count > Int(last * Double(TubeCurrent.steps)))
  }

  /// Between its places the current is interpolated, at and beyond its ends it is theirs.
  @Test func isInterpolated() {
    let current = TubeCurrent(
      mas: 100, modulation: .longitudinal, logAttenuation: (0..<200).map { Double($0) / 50 })
    let (n, steps) = (480, TubeCurrent.steps)
    #expect(current.factor(view: 0, viewsPerRotation: n) == current.relative[0])
    #expect(current.factor(view: 100_000, viewsPerRotation: n) == current.relative[199])
    let between = current.factor(view: 405, viewsPerRotation: n)
    let place = 405 * steps / n
    #expect(abs(between - (current.relative[place] + current.relative[place + 1]) / 2) < 1e-9)
    #expect(TubeCurrent(mas: 100).factor(view: 7, viewsPerRotation: n) == 1)
  }
}
