import Support

/// Vessels in the lungs: trees that start at each hilum and branch towards the wall.
enum LungVessels {
  /// Branches of both lungs, thick ones first.
  static func pieces(frame: BodyFrame, stream: RandomStream) -> [Piece] {
    var pieces: [Piece] = []
    for (name, side) in [("lung_right", 1.0), ("lung_left", -1.0)] {
      var stream = stream.split(name)
      let hilum = SIMD3(side * 34, 42, 165)
      // Trunks point to all parts of the lung, most of them down, where most of the lung is.
      for _ in 0..<11 {
        let goal = SIMD3(
          side * stream.uniform(45...125), stream.uniform(-40...125), stream.uniform(30...250))
        grow(
          from: hilum, towards: goal, radius: stream.uniform(3.2...5.5), generation: 0,
          lung: name, frame, &stream, &pieces)
      }
    }
    return pieces
  }

  /// A branch towards a goal, with thinner ones leaving it on the way.
  private static func grow(
    from start: SIMD3<Double>, towards goal: SIMD3<Double>, radius: Double, generation: Int,
    lung: String, _ frame: BodyFrame, _ stream: inout RandomStream, _ pieces: inout [Piece]
  ) {
    let span = goal - start
    let length = (span * span).sum().squareRoot()
    guard length > 8 else { return }
    var points: [SIMD3<Double>] = []
    let count = max(3, Int(length / 14))
    let sag =
      SIMD3(
        stream.uniform(-0.1...0.1), stream.uniform(-0.1...0.1), stream.uniform(-0.1...0.1)) * length
    for k in 0...count {
      let t = Double(k) / Double(count)
      points.append(start + span * t + sag * (4 * t * (1 - t)))
    }
    let radii = points.indices.map { k in
      Float(radius * (1 - 0.65 * Double(k) / Double(count)))
    }
    pieces.append(
      Piece(
        structure: "pulmonary_vein", layer: .chest,
        shape: .tube(Tube(points: points.map(frame.place), radii: radii)), over: [lung]))
    guard generation < 2, radius > 1.3 else { return }
    for _ in 0..<(generation == 0 ? 4 : 2) {
      let at = points[max(1, Int(stream.uniform(0.25...0.9) * Double(count)))]
      let turn = SIMD3(
        stream.uniform(-1...1), stream.uniform(-1...1), stream.uniform(-1...1))
      grow(
        from: at, towards: at + (span / length + turn) * (length * stream.uniform(0.25...0.45)),
        radius: radius * stream.uniform(0.45...0.65), generation: generation + 1, lung: lung, frame,
        &stream, &pieces)
    }
  }
}
