import Support

/// A smooth random displacement that turns geometric bodies into grown ones.
///
/// Each component is a sum of sines of the two other coordinates, so that on a grid it costs two
/// table look-ups a component; as a shear of shears it keeps volumes.
struct Warp: Sendable {
  /// The greatest displacement along any axis, mm.
  let reach: Float
  private let waves: [[Wave]]

  private struct Wave: Sendable {
    var amplitude: Double
    var frequency: Double
    var phase: Double
  }

  /// No displacement.
  static let none = Warp(reach: 0, waves: Array(repeating: [], count: 6))

  private init(reach: Float, waves: [[Wave]]) {
    self.reach = reach
    self.waves = waves
  }

  /// Draws a displacement of about `amplitude` mm with waves of `length` mm.
  init(amplitude: Double, length: ClosedRange<Double>, stream: RandomStream) {
    var stream = stream
    waves = (0..<6).map { _ in
      (0..<2).map { index in
        Wave(
          amplitude: amplitude * stream.uniform(0.3...0.7) / Double(index + 1),
          frequency: 2 * Double.pi / (stream.uniform(length) / Double(index + 1)),
          phase: stream.uniform(0...(2 * Double.pi)))
      }
    }
    let most = waves.map { $0.reduce(0) { $0 + $1.amplitude } }
    reach = Float(max(most[0] + most[1], most[2] + most[3], most[4] + most[5]))
  }

  /// Table `kind` (0 x of y, 1 x of z, 2 y of x, 3 y of z, 4 z of x, 5 z of y) at places along an axis.
  func table(_ kind: Int, places: [Float]) -> [Float] {
    places.map { place in
      Float(
        waves[kind].reduce(0) {
          $0 + $1.amplitude * sine($1.frequency * Double(place) + $1.phase)
        })
    }
  }
}
