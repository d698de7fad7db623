import Support

/// Extended phase graphs, an independent reference for signal equations: states of dephasing under pulses, relaxation and
/// gradients (Weigel, J Magn Reson Imaging 41:266, 2015), without a closed form anywhere.
struct ExtendedPhaseGraph {
  typealias Complex = SIMD2<Double>

  /// F+, F- and Z of every order.
  private(set) var plus: [Complex]
  private(set) var minus: [Complex]
  private(set) var z: [Complex]
  let t1: Double
  let t2: Double

  init(t1: Double, t2: Double, orders: Int) {
    self.t1 = t1
    self.t2 = t2
    plus = [Complex](repeating: .zero, count: orders)
    minus = plus
    z = plus
    z[0] = [1, 0]
  }

  private func product(_ a: Complex, _ b: Complex) -> Complex {
    [a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x]
  }

  /// A pulse of an angle about an axis at a phase, degrees.
  mutating func pulse(_ angle: Double, phase: Double = 0) {
    let a = angle * .pi / 180
    let p = phase * .pi / 180
    let (c2, s2, s) = (
      cosine(a / 2) * cosine(a / 2), sine(a / 2) * sine(a / 2), sine(a)
    )
    func turn(_ angle: Double) -> Complex { [cosine(angle), sine(angle)] }
    let i: Complex = [0, 1]
    for k in plus.indices {
      let (f, g, m) = (plus[k], minus[k], z[k])
      plus[k] =
        c2 * f + s2 * product(turn(2 * p), g) - s * product(product(i, turn(p)), m)
      minus[k] =
        s2 * product(turn(-2 * p), f) + c2 * g + s * product(product(i, turn(-p)), m)
      z[k] =
        -0.5 * s * product(product(i, turn(-p)), f) + 0.5 * s * product(product(i, turn(p)), g)
        + cosine(a) * m
    }
  }

  /// Relaxation over a time, ms.
  mutating func relax(_ time: Double) {
    let (e1, e2) = (exponential(-time / t1), exponential(-time / t2))
    for k in plus.indices {
      plus[k] *= e2
      minus[k] *= e2
      z[k] *= e1
    }
    z[0].x += 1 - e1
  }

  /// A gradient that dephases by one order.
  mutating func dephase() {
    for k in (1..<plus.count).reversed() { plus[k] = plus[k - 1] }
    for k in 0..<minus.count - 1 { minus[k] = minus[k + 1] }
    minus[minus.count - 1] = .zero
    plus[0] = [minus[0].x, -minus[0].y]
  }

  /// Destroys everything but the longitudinal magnetisation.
  mutating func spoil() {
    let left = z[0]
    for k in plus.indices { (plus[k], minus[k], z[k]) = (.zero, .zero, .zero) }
    z[0] = left
  }

  /// The size of the signal.
  var signal: Double { (plus[0].x * plus[0].x + plus[0].y * plus[0].y).squareRoot() }
}
