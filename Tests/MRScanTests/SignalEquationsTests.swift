import Support
import Testing
import Tissues

@testable import MRScan

/// Every signal equation against phase graphs or isochromats that are played out pulse by pulse.
@Suite struct SignalEquationsTests {
  /// Fat, liver, spleen, grey matter and fluid: T1 and T2, ms.
  private static let tissues = [
    (343.0, 133.0), (586.0, 46.0), (1057.0, 79.0), (1820.0, 99.0), (4000.0, 2000.0),
  ]

  private func basic(_ sequence: MRProtocol.Sequence) -> MRProtocol {
    var p = try! MRProtocol.load("t2-spir")
    p.sequence = sequence
    (p.echoTrainLength, p.echoSpacing, p.refocusingAngle, p.fatSuppression) = (nil, nil, nil, nil)
    p.transmitVariation = nil
    return p
  }

  private func agree(_ a: Double, _ b: Double, _ what: String, tolerance: Double = 0.01) {
    // Near a null the difference counts relative to a twentieth of equilibrium.
    #expect(abs(abs(a) - abs(b)) <= tolerance * max(abs(b), 0.05), "\(what): \(a), reference \(b)")
  }

  /// The echo of a train in its steady state.
  private func train(_ p: MRProtocol, t1: Double, t2: Double, echo: Int) -> Double {
    let spacing = p.echoSpacing ?? p.te
    let length = p.echoTrainLength ?? 1
    var graph = ExtendedPhaseGraph(t1: t1, t2: t2, orders: 2 * length + 4)
    var signal = 0.0
    for _ in 0..<40 {
      graph.pulse(90, phase: 90)
      for index in 0..<length {
        graph.relax(spacing / 2)
        graph.dephase()
        graph.pulse(p.refocusingAngle ?? 180)
        graph.dephase()
        graph.relax(spacing / 2)
        if index == echo { signal = graph.signal }
      }
      graph.spoil()
      graph.relax(p.tr - Double(length) * spacing - (p.inversionTime ?? 0))
      if let time = p.inversionTime {
        graph.pulse(180)
        graph.spoil()
        graph.relax(time)
      }
    }
    return signal
  }

  @Test("spin echo", arguments: tissues)
  func spinEcho(_ t1: Double, _ t2: Double) {
    var p = basic(.spinEcho)
    for (tr, te) in [(500.0, 12.0), (2500, 80)] {
      (p.tr, p.te) = (tr, te)
      agree(
        p.signal(WaterRelaxation(t1: t1, t2: t2, t2Star: t2)),
        train(p, t1: t1, t2: t2, echo: 0), "se \(tr)/\(te), T1 \(t1)")
    }
  }

  @Test("turbo spin echo, with and without inversion", arguments: tissues)
  func turboSpinEcho(_ t1: Double, _ t2: Double) {
    var p = basic(.turboSpinEcho)
    (p.echoTrainLength, p.echoSpacing) = (15, 9)
    for (tr, te, inversion) in [
      (650.0, 9.0, nil), (3500, 81, nil), (4000, 54, 165), (9000, 108, 2500),
    ]
      as [(Double, Double, Double?)]
    {
      (p.tr, p.te, p.inversionTime) = (tr, te, inversion)
      agree(
        p.signal(WaterRelaxation(t1: t1, t2: t2, t2Star: t2)),
        train(p, t1: t1, t2: t2, echo: p.effectiveEcho), "tse \(tr)/\(te), T1 \(t1)")
    }
  }

  @Test("refocusing below 180 degrees gives the pseudo-steady state of a train")
  func refocusing() {
    // Stimulated echoes live on T1 and are longer than T2 says: the closed form leaves that out, some percent.
    var p = basic(.turboSpinEcho)
    (p.echoTrainLength, p.echoSpacing, p.tr, p.te, p.refocusingAngle) = (20, 7, 3000, 70, 150)
    for (t1, t2) in Self.tissues {
      agree(
        p.signal(WaterRelaxation(t1: t1, t2: t2, t2Star: t2)),
        train(p, t1: t1, t2: t2, echo: 9), "T1 \(t1)", tolerance: 0.08)
    }
  }

  @Test("spoiled gradient echo", arguments: tissues)
  func gradientEcho(_ t1: Double, _ t2: Double) {
    var p = basic(.gradientEcho)
    for (tr, te, angle) in [(140.0, 4.6, 75.0), (4, 1.2, 10), (8, 3, 25)] {
      (p.tr, p.te, p.flipAngle) = (tr, te, angle)
      for b1 in [0.8, 1, 1.2] {
        var z = 1.0
        var signal = 0.0
        for _ in 0..<5000 {
          let a = b1 * angle * .pi / 180
          signal = z * sine(a) * exponential(-te / t2)
          z = 1 + (z * cosine(a) - 1) * exponential(-tr / t1)
        }
        agree(
          p.signal(WaterRelaxation(t1: t1, t2: t2, t2Star: t2), b1: b1), signal,
          "gre \(tr)/\(angle), T1 \(t1), B1 \(b1)")
      }
    }
  }

  @Test(
    "spoiling by the phase of the pulses does what the equation asks for where T2 is short of TR")
  func phaseSpoiling() {
    var p = basic(.gradientEcho)
    (p.tr, p.te, p.flipAngle) = (140, 4.6, 75)
    var graph = ExtendedPhaseGraph(t1: 586, t2: 46, orders: 60)
    var signal = 0.0
    for pulse in 0..<200 {
      graph.pulse(75, phase: 117 * Double(pulse * (pulse + 1) / 2 % 360))
      var echo = graph
      echo.relax(4.6)
      signal = echo.signal
      graph.relax(140)
      graph.dephase()
    }
    agree(p.signal(WaterRelaxation(t1: 586, t2: 46, t2Star: 46)), signal, "rf-spoiled")
  }

  @Test("balanced steady state, by an isochromat", arguments: tissues)
  func balanced(_ t1: Double, _ t2: Double) {
    var p = basic(.balanced)
    for (tr, angle) in [(4.0, 60.0), (5, 35)] {
      (p.tr, p.te, p.flipAngle) = (tr, tr / 2, angle)
      var (y, z) = (0.0, 1.0)
      var signal = 0.0
      let (e1, e2) = (exponential(-tr / t1), exponential(-tr / t2))
      for pulse in 0..<20_000 {
        let a = (pulse % 2 == 0 ? 1 : -1) * angle * .pi / 180
        (y, z) = (y * cosine(a) + z * sine(a), z * cosine(a) - y * sine(a))
        signal = abs(y) * exponential(-tr / 2 / t2)
        (y, z) = (y * e2, 1 + (z - 1) * e1)
      }
      agree(
        p.signal(WaterRelaxation(t1: t1, t2: t2, t2Star: t2)), signal, "bssfp \(angle), T1 \(t1)")
    }
  }

  @Test("MPRAGE, pulse by pulse", arguments: tissues)
  func mprage(_ t1: Double, _ t2: Double) throws {
    let p = try MRProtocol.load("mprage")
    let angle = p.flipAngle! * .pi / 180
    var z = 1.0
    var signal = 0.0
    for _ in 0..<30 {
      z = 1 + (-z - 1) * exponential(-(p.inversionTime! - 88 * p.echoSpacing!) / t1)
      for pulse in 0..<176 {
        if pulse == 88 { signal = z * sine(angle) * exponential(-p.te / t2) }
        z = 1 + (z * cosine(angle) - 1) * exponential(-p.echoSpacing! / t1)
      }
      z = 1 + (z - 1) * exponential(-(p.tr - p.inversionTime! - 88 * p.echoSpacing!) / t1)
    }
    agree(p.signal(WaterRelaxation(t1: t1, t2: t2, t2Star: t2)), signal, "T1 \(t1)")
  }

  @Test("a few fixed decays stand for every T2 along a train, exactly at its middle")
  func echoBasis() {
    for (count, spacing, effective) in [(20, 7.0, 9), (43, 4.2, 20), (10, 11, 4)] {
      let basis = EchoBasis(
        times: (1...count).map { Double($0) * spacing }, effective: effective)
      for t2 in [28.0, 35, 46, 80, 130, 300, 700, 2000] {
        let c = basis.coefficients(t2: t2)
        for (echo, time) in basis.times.enumerated() {
          let sum = zip(c, basis.weights(echo: echo)).reduce(0) { $0 + $1.0 * $1.1 }
          let wanted = exponential(-time / t2)
          // Early echoes of fast decays are the hardest; they fill outer lines.
          let tolerance = echo == effective ? 1e-9 : 0.03
          #expect(abs(sum - wanted) < tolerance, "T2 \(t2), \(time) ms: \(sum), \(wanted)")
        }
      }
    }
  }
}
