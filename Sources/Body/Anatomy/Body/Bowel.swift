import Support

/// Colon and small bowel of the reference torso: tubes with haustra, loops, and gas that rises.
struct Bowel {
  private let frame: BodyFrame
  private(set) var pieces: [Piece] = []

  /// Bowel in the order in which it is painted.
  ///
  /// - Parameters:
  ///   - inside: whether a canvas place (mm) lies in the cavity, `depth` mm or more from its wall.
  ///   - showsGas: whether gas is a structure of its own; label maps count it with the bowel.
  static func pieces(
    frame: BodyFrame, stream: RandomStream, showsGas: Bool,
    inside: (SIMD3<Float>, Float) -> Bool
  ) -> [Piece] {
    var bowel = Bowel(frame: frame)
    bowel.mesentery(stream.split("mesentery"), inside)
    bowel.smallBowel(stream.split("small bowel"), showsGas, inside)
    bowel.colon(stream.split("colon"), showsGas, inside)
    return bowel.pieces
  }

  private init(frame: BodyFrame) { self.frame = frame }

  /// Loops: random walks that keep to the middle of the belly and turn like a rope laid down.
  private mutating func smallBowel(
    _ stream: RandomStream, _ showsGas: Bool, _ inside: (SIMD3<Float>, Float) -> Bool
  ) {
    let low = SIMD3(-100.0, 36, -225)
    let high = SIMD3(88.0, 132, -22)
    func clamped(_ p: SIMD3<Double>) -> SIMD3<Double> {
      p.clamped(lowerBound: low, upperBound: high)
    }
    for loop in 0..<24 {
      var r = stream.split(loop)
      // Start points on a jittered lattice fill the belly evenly.
      let column = Double(loop % 5)
      let row = Double(loop / 5)
      var p = clamped([
        -86 + 40 * column + r.uniform(-14...14), r.uniform(45...125),
        -44 - 40 * row + r.uniform(-14...14),
      ])
      var heading = r.uniform(0...6.28)
      var climb = r.uniform(-0.4...0.4)
      var points: [SIMD3<Float>] = []
      var radii: [Float] = []
      let width = r.uniform(9.5...13.5)
      for step in 0..<13 {
        let place = frame.place(p)
        if inside(place, 12) {
          points.append(place)
          radii.append(Float(width * (1 + 0.16 * sine(Double(step) * 2.1 + heading))))
        }
        heading += r.uniform(-0.9...0.9) + 0.25
        climb = 0.6 * climb + r.uniform(-0.35...0.35)
        let direction = SIMD3(cosine(heading), 0.8 * sine(heading), climb)
        p = clamped(p + direction * 15)
      }
      guard points.count > 2 else { continue }
      let tube = Tube.smooth(points, radii)
      pieces.append(Piece(structure: "small_bowel", layer: .abdomen, shape: .tube(tube)))
      if showsGas, r.uniform() < 0.25 {
        gas(tube, part: r.uniform(0.1...0.6), length: 5, over: "small_bowel")
      }
    }
  }

  /// Small vessels in the fat between the loops: short thin tubes in every direction.
  private mutating func mesentery(
    _ stream: RandomStream, _ inside: (SIMD3<Float>, Float) -> Bool
  ) {
    var stream = stream
    for _ in 0..<110 {
      var p = SIMD3(
        stream.uniform(-105...100), stream.uniform(25...135), stream.uniform(-225...40))
      var direction = SIMD3(
        stream.uniform(-1...1), stream.uniform(-1...1), stream.uniform(-1...1))
      let width = stream.uniform(1.0...2.6)
      var points: [SIMD3<Float>] = []
      for _ in 0..<4 {
        let place = frame.place(p)
        if inside(place, 6) { points.append(place) }
        direction += SIMD3(
          stream.uniform(-0.4...0.4), stream.uniform(-0.4...0.4), stream.uniform(-0.4...0.4))
        p += direction * 12
      }
      guard points.count > 1 else { continue }
      let radii = points.indices.map { Float(width * (1 - 0.15 * Double($0))) }
      pieces.append(
        Piece(
          structure: "soft_tissue", layer: .abdomen, shape: .tube(.smooth(points, radii)),
          over: ["visceral_fat"]))
    }
  }

  private mutating func colon(
    _ stream: RandomStream, _ showsGas: Bool, _ inside: (SIMD3<Float>, Float) -> Bool
  ) {
    var v = Variation(stream)
    let sag = v.around(0, 14)
    let d = v.shift(5, 5, 8)
    var course = OrganAnatomy.standard.tube("colon")
    for i in [1, 3, 9, 11, 15] { course[i] += SIMD4(d, 0) }
    // The transverse colon hangs.
    for (i, share) in [(5, 0.6), (6, 1.0), (7, 0.7)] { course[i].z += sag * share }
    let size = v.size(0.12)
    var tube = Tube.smooth(
      course.map { frame.place($0.x, $0.y, $0.z) }, course.map { Float($0.w * size) }, step: 5)
    // Haustra: the width swells and narrows every 30 mm or so; the rectum is smooth.
    let phase = v.uniform(0...6.28)
    let rough = tube.points.count * 17 / 20
    for i in 0..<rough {
      tube.radii[i] *= Float(1 + 0.16 * sine(Double(i) * 5 * 6.28 / 34 + phase))
    }
    // Where the wall is close, the colon lies against it rather than in it.
    let center = frame.axis
    for i in tube.points.indices {
      var tries = 0
      while !inside(tube.points[i], tube.radii[i] * 0.8), tries < 12 {
        tube.points[i].x += (center.x - tube.points[i].x) * 0.06
        tube.points[i].y += (center.y - tube.points[i].y) * 0.06
        tries += 1
      }
    }
    pieces.append(Piece(structure: "colon", layer: .abdomen, shape: .tube(tube)))
    guard showsGas else { return }
    for _ in 0..<5 { gas(tube, part: v.uniform(0...0.85), length: 9, over: "colon") }
  }

  /// A stretch of a tube whose front part is gas with a level surface.
  private mutating func gas(_ tube: Tube, part: Double, length: Int, over: String) {
    let first = Int(Double(tube.points.count) * part)
    let last = min(first + length, tube.points.count - 1)
    guard last > first + 1 else { return }
    let points = Array(tube.points[first...last])
    var radii = tube.radii[first...last].map { $0 - 3 }
    for i in radii.indices { radii[i] = max(radii[i], 2) }
    let mean = points.reduce(0) { $0 + $1.y } / Float(points.count)
    pieces.append(
      Piece(
        structure: "bowel_gas", layer: .abdomen,
        shape: .tube(Tube(points: points, radii: radii, stretch: tube.stretch)),
        floor: mean - 2, over: [over]))
  }
}
