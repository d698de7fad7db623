import Support
public import Tissues

/// What a sequence makes of one pool of protons: closed forms, for perfect spoiling.
///
/// Between pulses longitudinal magnetisation recovers, `z -> 1 + (z - 1) e^(-t / T1)`, and a pulse of angle a leaves
/// `z cos a` of it: both are affine maps. A repetition is their composition, its steady state the fixed point
/// `z = b / (1 - a)` of `z -> a z + b`, and all spoiled sequences follow from that: the equation of Ernst for gradient
/// echoes, those of spin echo and inversion recovery, and that of MPRAGE with its train of small pulses.
struct LongitudinalMap {
  var factor = 1.0
  var offset = 0.0

  /// What comes after what was played out so far: recovery over a time.
  mutating func recover(_ time: Double, t1: Double) {
    let e = exponential(-max(0, time) / t1)
    (factor, offset) = (factor * e, offset * e + 1 - e)
  }

  /// A pulse whose transverse magnetisation is spoiled or used up.
  mutating func turn(cosine: Double) {
    (factor, offset) = (factor * cosine, offset * cosine)
  }

  /// The same as `count` times `step`, which is played out next.
  mutating func append(_ step: LongitudinalMap, count: Int) {
    let all = power(step.factor, Double(count))
    let sum =
      abs(1 - step.factor) < 1e-12 ? Double(count) : (1 - all) / (1 - step.factor)
    (factor, offset) = (all * factor, all * offset + step.offset * sum)
  }

  /// The magnetisation that a repetition leaves as it found it.
  var steadyState: Double { offset / (1 - factor) }
}

extension MRProtocol {
  /// Magnetisation along the field just before the excitation that fills the middle of k-space, relative to equilibrium.
  ///
  /// - Parameters:
  ///   - t1: ms.
  ///   - b1: transmitted field relative to its nominal value; inversions are adiabatic and follow none.
  func longitudinal(t1: Double, b1: Double = 1) -> Double {
    let angle = degrees(flipAngle ?? 90)
    var cycle = LongitudinalMap()
    switch sequence {
    case .spinEcho, .turboSpinEcho:
      let spacing = sequence == .spinEcho ? te : echoSpacing!
      cycle.turn(cosine: cosine(angle))
      var echo = LongitudinalMap()
      echo.recover(spacing / 2, t1: t1)
      echo.turn(cosine: cosine(degrees(refocusingAngle ?? 180)))
      echo.recover(spacing / 2, t1: t1)
      cycle.append(echo, count: trainLength)
      cycle.recover(tr - trainDuration - (inversionTime ?? 0), t1: t1)
      if let inversionTime {
        cycle.turn(cosine: -1)
        cycle.recover(inversionTime, t1: t1)
      }
    case .gradientEcho:
      cycle.turn(cosine: cosine(b1 * angle))
      cycle.recover(tr, t1: t1)
    case .mprage:
      var pulse = LongitudinalMap()
      pulse.turn(cosine: cosine(b1 * angle))
      pulse.recover(echoSpacing!, t1: t1)
      let before = trainLength / 2
      cycle.append(pulse, count: trainLength - before)
      cycle.recover(
        tr - inversionTime! - Double(trainLength - before) * echoSpacing!, t1: t1)
      cycle.turn(cosine: -1)
      cycle.recover(inversionTime! - Double(before) * echoSpacing!, t1: t1)
      cycle.append(pulse, count: before)
    case .balanced:
      preconditionFailure("bSSFP has no longitudinal steady state of its own")
    }
    return cycle.steadyState
  }

  /// Transverse magnetisation right after that excitation, without the decay to the echo.
  ///
  /// bSSFP with alternating pulses on resonance, `sin a (1 - E1) / (1 - (E1 - E2) cos a - E1 E2)` (Freeman and Hill, J
  /// Magn Reson 4:366, 1971); all others `sin a` of the longitudinal one. Refocusing pulses of angle t give
  /// `sin(t / 2)` of the echoes of 180 degrees, the pseudo-steady state of a long train (Hennig and Scheffler, Magn Reson
  /// Med 46:1013, 2001).
  func excited(_ relaxation: WaterRelaxation, b1: Double = 1) -> Double {
    let angle = b1 * degrees(flipAngle ?? 90)
    switch sequence {
    case .balanced:
      let (e1, e2) = (exponential(-tr / relaxation.t1), exponential(-tr / relaxation.t2))
      return sine(angle) * (1 - e1) / (1 - (e1 - e2) * cosine(angle) - e1 * e2)
    case .spinEcho, .turboSpinEcho:
      let refocusing = min(.pi, b1 * degrees(refocusingAngle ?? 180))
      return sine(min(.pi, angle)) * sine(refocusing / 2) * longitudinal(t1: relaxation.t1)
    case .gradientEcho, .mprage:
      return sine(angle) * longitudinal(t1: relaxation.t1, b1: b1)
    }
  }

  /// The part of flowing water that is in the slice for both its excitation and its refocusing, `1 - v (TE / 2) / d`: the
  /// flow void of spin echoes (Bradley and Waluch, Radiology 154:443, 1985). Gradient echoes need no second pulse.
  ///
  /// - Parameter velocity: mm/s.
  func stays(_ velocity: Double) -> Double {
    guard sequence == .spinEcho || sequence == .turboSpinEcho, dimensions == 2 else { return 1 }
    return max(0, 1 - velocity * te * 0.5e-3 / sliceThickness)
  }

  /// Decay from the excitation to an echo `time` ms after it.
  func decay(_ relaxation: WaterRelaxation, at time: Double) -> Double {
    switch sequence {
    case .spinEcho, .turboSpinEcho, .balanced: exponential(-time / relaxation.t2)
    case .gradientEcho, .mprage: exponential(-time / relaxation.t2Star)
    }
  }

  /// The signal of water in the middle of k-space, relative to pure water in equilibrium; negative where an inversion
  /// has not yet been recovered from.
  ///
  /// - Parameter b1: transmitted field relative to its nominal value.
  public func signal(_ relaxation: WaterRelaxation, b1: Double = 1, echo: Int = 0) -> Double {
    let time =
      sequence == .turboSpinEcho ? Double(effectiveEcho + 1) * echoSpacing! : time(of: echo)
    return excited(relaxation, b1: b1) * decay(relaxation, at: time)
  }

  /// Echo time of the first or the second image, ms.
  func time(of echo: Int) -> Double { echo == 0 ? te : secondTE ?? te }

  /// Whether the transmitted field changes the contrast of tissues, not only their brightness.
  var hasTransmitContrast: Bool {
    (transmitVariation ?? 0) > 0 && sequence != .spinEcho && sequence != .turboSpinEcho
  }
}

/// Radians.
func degrees(_ angle: Double) -> Double { angle * .pi / 180 }
