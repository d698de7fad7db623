public import Support

/// Smooth fields of a scan, drawn for a case: the transmitted field, and where the coils lie.
public struct FieldDraw: Codable, Equatable, Sendable {
  /// Coefficients of the transmitted field: centre, then x, y, z, x y, x² - y².
  public var transmit: [Double]
  /// Where the first coil lies around the body, radians.
  public var coilAngle: Double
  /// Distance of the coils from the body, mm.
  public var coilDistance: Double
  /// The moment of the breath at which the scan begins, radians.
  public var breath: Double

  /// Draws the fields of a scan.
  public static func draw(_ stream: RandomStream) -> FieldDraw {
    var stream = stream
    // Waves focus in the middle of the body at 3 T; what else they do differs from body to body.
    let center = stream.uniform(0.4...1)
    let rest = (0..<5).map { _ in stream.gaussian(mean: 0, deviation: 0.3, cut: 2) }
    return FieldDraw(
      transmit: [center] + rest, coilAngle: stream.uniform(0...2 * .pi),
      coilDistance: stream.uniform(30...70), breath: stream.uniform(0...2 * .pi))
  }

  /// Fields without any variation, for measurements.
  public static let even = FieldDraw(
    transmit: [0, 0, 0, 0, 0, 0], coilAngle: 0, coilDistance: 50, breath: 0)

  /// The transmitted field relative to its nominal value, at a place relative to the body (-1...1 along each axis).
  func transmitted(_ u: SIMD3<Double>, variation: Double) -> Double {
    let c = transmit
    let r2 = u.x * u.x + u.y * u.y
    let shape =
      c[0] * (0.7 - r2) + c[1] * u.x + c[2] * u.y + c[3] * u.z + c[4] * u.x * u.y
      + c[5] * (u.x * u.x - u.y * u.y)
    return min(1.6, max(0.4, 1 + variation * min(1.5, max(-1.5, shape))))
  }
}

/// Coils around a body, and how bright each sees every pixel of a plane; the root of the sum of squares is 1 on average
/// over the body.
///
/// A loop of radius a sees what lies at a distance d with `(1 + (d / a)²)^(-3/2)`, the field on its axis.
struct CoilMaps: Sendable {
  /// `[coil][y][x]`.
  let maps: [[Float]]
  /// Root of the sum of squares, `[y][x]`.
  let sum: [Float]

  /// - Parameters:
  ///   - center, half: of the body's outline in the plane, pixels.
  ///   - spacing: mm.
  init(
    count: Int, draw: FieldDraw, width: Int, height: Int, spacing: SIMD2<Double>,
    center: SIMD2<Double>, half: SIMD2<Double>
  ) {
    guard count > 1 else {
      maps = [[Float](repeating: 1, count: width * height)]
      sum = maps[0]
      return
    }
    let reach = half * spacing + draw.coilDistance
    let circumference = 2 * Double.pi * (0.5 * (reach.x * reach.x + reach.y * reach.y)).squareRoot()
    // Neighbours overlap a little, as those of an array do.
    let radius = Float(max(60, 0.6 * circumference / Double(count)))
    var maps: [[Float]] = []
    var squares = [Float](repeating: 0, count: width * height)
    for coil in 0..<count {
      let angle = draw.coilAngle + 2 * .pi * Double(coil) / Double(count)
      let place = SIMD2(cosine(angle), sine(angle)) * reach
      var map = [Float](repeating: 0, count: width * height)
      for y in 0..<height {
        let dy = Float((Double(y) - center.y) * spacing.y - place.y) / radius
        for x in 0..<width {
          let dx = Float((Double(x) - center.x) * spacing.x - place.x) / radius
          let t = 1 / (1 + dx * dx + dy * dy)
          let value = t * t.squareRoot()
          map[y * width + x] = value
          squares[y * width + x] += value * value
        }
      }
      maps.append(map)
    }
    // The mean over the ellipse of the body.
    var (total, count) = (0.0, 0.0)
    for y in 0..<height {
      let v = (Double(y) - center.y) / half.y
      for x in 0..<width {
        let u = (Double(x) - center.x) / half.x
        if u * u + v * v <= 1 {
          total += Double(squares[y * width + x].squareRoot())
          count += 1
        }
      }
    }
    let scale = Float(count / max(total, 1e-12))
    self.maps = maps.map { $0.map { $0 * scale } }
    sum = squares.map { $0.squareRoot() * scale }
  }
}
