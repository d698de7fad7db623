import Support

/// One part of a body: a structure's name, its shape, and what it may replace.
struct Piece: Sendable {
  /// What a piece may be painted over.
  enum Layer: Sendable {
    /// Organs below the diaphragm.
    case abdomen
    /// What lies between or in the lungs.
    case chest
    /// Vessels and tubes that pass the diaphragm: anything inside the cavity.
    case through
    /// Muscles: the cavity and the wall.
    case muscle
    /// Bones and what lies in them: everything but skin and air.
    case bone
  }

  enum Shape: Sendable {
    case solid(Solid)
    case tube(Tube)
  }

  var structure: String
  var layer: Layer
  var shape: Shape
  /// Only where y (mm) is at least this: gas above a fluid level.
  var floor: Float = -.infinity
  /// Painted only over these structures, where given.
  var over: Set<String>?
}

/// Draws the small differences between two people's organs.
struct Variation {
  private var stream: RandomStream

  init(_ stream: RandomStream) { self.stream = stream }

  /// A displacement with these standard deviations, mm.
  mutating func shift(_ x: Double, _ y: Double, _ z: Double) -> SIMD3<Double> {
    [
      stream.gaussian(mean: 0, deviation: x, cut: 2),
      stream.gaussian(mean: 0, deviation: y, cut: 2),
      stream.gaussian(mean: 0, deviation: z, cut: 2),
    ]
  }

  /// A factor around 1.
  mutating func size(_ deviation: Double) -> Double {
    exponential(stream.gaussian(mean: 0, deviation: deviation, cut: 2))
  }

  /// A number around `mean`.
  mutating func around(_ mean: Double, _ deviation: Double) -> Double {
    stream.gaussian(mean: mean, deviation: deviation, cut: 2)
  }

  /// True with the given probability.
  mutating func chance(_ probability: Double) -> Bool { stream.uniform() < probability }

  /// A uniform number.
  mutating func uniform(_ range: ClosedRange<Double>) -> Double { stream.uniform(range) }

  /// A warp of a few millimetres.
  mutating func warp(_ amplitude: Double, _ length: ClosedRange<Double> = 60...140) -> Warp {
    Warp(amplitude: amplitude, length: length, stream: RandomStream(seed: stream.next()))
  }
}
