import Support

/// Bones and the muscles along them, placed by a body frame on the inner surface of the body wall.
struct Skeleton {
  private let frame: BodyFrame
  private let envelope: BodyEnvelope
  /// Canvas z (mm) to slice (continuous).
  private let slice: (Float) -> Float
  private(set) var pieces: [Piece] = []

  /// Which parts to make.
  struct Parts: OptionSet, Sendable {
    let rawValue: Int
    static let spine = Parts(rawValue: 1)
    static let ribs = Parts(rawValue: 2)
    static let pelvis = Parts(rawValue: 4)
    static let muscles = Parts(rawValue: 8)
    static let all: Parts = [.spine, .ribs, .pelvis, .muscles]
  }

  static func pieces(
    _ parts: Parts, frame: BodyFrame, envelope: BodyEnvelope, stream: RandomStream,
    slice: @escaping (Float) -> Float
  ) -> [Piece] {
    var skeleton = Skeleton(frame: frame, envelope: envelope, slice: slice)
    if parts.contains(.muscles) { skeleton.muscles(Variation(stream.split("muscles"))) }
    if parts.contains(.pelvis) { skeleton.pelvis() }
    if parts.contains(.ribs) { skeleton.ribs(Variation(stream.split("ribs"))) }
    if parts.contains(.spine) { skeleton.spine(Variation(stream.split("spine"))) }
    return skeleton.pieces
  }

  private init(frame: BodyFrame, envelope: BodyEnvelope, slice: @escaping (Float) -> Float) {
    self.frame = frame
    self.envelope = envelope
    self.slice = slice
  }

  private mutating func tube(
    _ structure: String, _ points: [SIMD3<Double>], _ radii: [Double], _ layer: Piece.Layer = .bone,
    stretch: Float = 1
  ) {
    pieces.append(
      Piece(
        structure: structure, layer: layer,
        shape: .tube(.smooth(points.map(frame.place), radii.map { Float($0) }, stretch: stretch))))
  }

  /// A part on one side of the body, its tubes or solids larger by a factor.
  private mutating func draw(
    _ part: DrawnPart, side: Double, name: String, size: Double, layer: Piece.Layer = .bone,
    alongSpine: Bool = false
  ) {
    let structure = part.structure(on: name)
    if part.solid.isEmpty {
      tube(
        structure,
        part.tube.map { point in
          let shift = alongSpine ? frame.course.shift(point.z) : .zero
          return [side * point.x + shift.x, point.y + shift.y, point.z]
        }, part.tube.map { $0.w * size }, layer, stretch: part.stretch)
    }
    for solid in part.solid {
      let solid = solid.on(side)
      let body = Ellipsoid(
        center: frame.place(solid.at), radii: SIMD3<Float>(solid.radii * size * frame.scale),
        squareness: solid.square, rotation: solid.turn)
      pieces.append(Piece(structure: structure, layer: layer, shape: .solid(Solid(adds: [body]))))
    }
  }

  // MARK: - Spine

  private mutating func spine(_ variation: Variation) {
    var v = variation
    let anatomy = TorsoAnatomy.standard
    let levels = anatomy.vertebrae
    // Bones do not grow with the girth: their own size follows the height.
    let size = frame.scale.z * v.size(0.04)
    for (index, level) in levels.enumerated() {
      let z = level.z
      let below = index > 0 ? levels[index - 1].z : z - 36
      let above = index + 1 < levels.count ? levels[index + 1].z : z + 18
      let pitch = (above - below) / 2
      let s = frame.vertebra(z)
      // Widths from the neck (T1) to the loins (L5), half, mm.
      let w = BodyFrame.interpolate(anatomy.vertebra_width, z) * size
      let d = BodyFrame.interpolate(anatomy.vertebra_depth, z) * size
      pieces +=
        Vertebra(
          name: level.structure, kind: z < 20 ? .lumbar : .thoracic,
          center: frame.place(s.x, s.y, z),
          width: Float(w), depth: Float(d), pitch: Float(pitch * frame.scale.z), size: Float(size)
        ).pieces
    }
    tube("sacrum", anatomy.sacrum.map { [$0.x, $0.y, $0.z] }, anatomy.sacrum.map { $0.w * size })
    for side in [-1.0, 1.0] {
      for wing in anatomy.sacrum_wings { draw(wing, side: side, name: "", size: size) }
    }
    var canal: [SIMD3<Float>] = []
    var widths: [Float] = []
    for z in stride(from: -215.0, through: 310, by: 15) {
      let s = frame.vertebra(z)
      let back = (Vertebra.canalOffset + (z < -150 ? 2 : 0)) * Float(size)
      canal.append(frame.place(s.x, s.y, z) - SIMD3(0, back, 0))
      widths.append((z < -140 ? 7 : 9) * Float(size))
    }
    pieces.append(
      Piece(
        structure: "spinal_canal", layer: .bone, shape: .tube(Tube(points: canal, radii: widths))))
    // The cord ends at the first lumbar vertebra.
    let cord = canal.filter { $0.z > frame.place(0, 0, -25).z }
    guard !cord.isEmpty else { return }
    pieces.append(
      Piece(
        structure: "spinal_cord", layer: .bone,
        shape: .tube(Tube(points: cord, radii: cord.map { _ in 4.8 * Float(size) }))))
  }

  // MARK: - Ribs

  /// A place on the inner wall: `turn` degrees from the spine towards a side, `out` mm outwards.
  private func wall(_ turn: Double, _ side: Double, _ height: Double, out: Double) -> SIMD3<Float> {
    let angle = (-90 + side * turn) * Double.pi / 180
    let z = frame.place(0, 0, height).z
    let r = envelope.cavity.radius(angle: angle, slice: slice(z)) + Float(out)
    return [
      envelope.axis.x + r * Float(cosine(angle)), envelope.axis.y + r * Float(sine(angle)), z,
    ]
  }

  private mutating func ribs(_ variation: Variation) {
    var v = variation
    let size = frame.scale.z
    for (name, side) in [("right", 1.0), ("left", -1.0)] {
      for (index, rib) in TorsoAnatomy.standard.ribs.enumerated() {
        let reach = rib.reach + v.around(0, 2)
        let end = rib.end + v.around(0, 3)
        let s = frame.vertebra(rib.start - 6)
        var points = [
          frame.place([s.x + side * 19, s.y + 2, rib.start - 4]),
          frame.place([s.x + side * 33, s.y - 18, rib.start - 2]),
        ]
        let first = 30.0
        let count = 22
        for k in 0...count {
          let t = Double(k) / Double(count)
          let turn = first + (reach - first) * t
          // Ribs leave the spine level, fall along the side and level out in front.
          let fall = 0.25 * t + 0.75 * t * t * (3 - 2 * t)
          points.append(wall(turn, side, rib.start - 6 + (end - rib.start + 6) * fall, out: 4.5))
        }
        let radii = points.indices.map { Float(($0 < 3 ? 4.6 : 4.2) * size) }
        pieces.append(
          Piece(
            structure: "rib_\(name)_\(index + 1)", layer: .bone,
            shape: .tube(.smooth(points, radii, step: 5, stretch: 1.5))))
        if index < 10 { cartilage(index, from: reach, end: end, side: side) }
      }
    }
    let breast = stride(from: 108.0, through: 246, by: 6).map { height in
      wall(180, 1, height, out: 6)
    }
    for dx in [-12, -6, 0, 6, 12] {
      let points = breast.map { $0 + SIMD3(Float(dx), abs(dx) == 12 ? -1 : 0, 0) }
      pieces.append(
        Piece(
          structure: "sternum", layer: .bone,
          shape: .tube(Tube(points: points, radii: points.map { _ in 5.5 }))))
    }
  }

  /// Cartilage from a rib's end to the breastbone, or up along the costal arch to the next rib's.
  private mutating func cartilage(_ index: Int, from reach: Double, end: Double, side: Double) {
    let goal: (turn: Double, height: Double) =
      index < 7
      ? (174, TorsoAnatomy.standard.sternal[index])
      : (min(reach + 26, 160), end + [0, 0, 0, 0, 0, 0, 0, 34, 30, 22][index])
    let points = (0...10).map { k -> SIMD3<Float> in
      let t = Double(k) / 10
      let dip = index >= 4 ? -10 * sine(t * Double.pi) * (index < 7 ? 1 : 0.4) : 0
      return wall(
        reach + (goal.turn - reach) * t, side,
        end + (goal.height - end) * t * t * (3 - 2 * t) * 0.4 + (goal.height - end) * t * 0.6 + dip,
        out: 4.5)
    }
    pieces.append(
      Piece(
        structure: "costal_cartilages", layer: .bone,
        shape: .tube(.smooth(points, points.map { _ in 4.4 }, stretch: 1.3))))
  }

  // MARK: - Pelvis

  private mutating func pelvis() {
    let anatomy = TorsoAnatomy.standard
    let size = frame.scale.z
    for (name, side) in [("right", 1.0), ("left", -1.0)] {
      // Spokes from the joint with the sacrum and from the socket to the crest.
      let ilium = anatomy.ilium
      for k in 0..<ilium.crest.count - 1 {
        for t in stride(from: 0.0, to: 1, by: 0.25) {
          let a = ilium.crest[k] + (ilium.crest[k + 1] - ilium.crest[k]) * t
          let b = ilium.root[k] + (ilium.root[k + 1] - ilium.root[k]) * t
          let middle = (a + b) / 2 + ilium.bulge
          let mirrored = [a, middle, b].map { p in SIMD3(side * p.x, p.y, p.z) }
          tube("hip_\(name)", mirrored, ilium.radii.map { $0 * size })
        }
      }
      for part in anatomy.pelvis { draw(part, side: side, name: name, size: size) }
    }
  }

  // MARK: - Muscles

  /// The crura of the diaphragm, from beside the aorta down to the front of the spine. They are placed by a spine that is
  /// known to lie behind the vessels: elsewhere they would miss them.
  private mutating func crura() {
    let bone = frame.scale.z / frame.scale
    for part in TorsoAnatomy.standard.crura {
      tube(
        part.structure,
        part.tube.map { point in
          let s = frame.vertebra(point.z)
          return [s.x + point.x * bone.x, s.y + point.y * bone.y, point.z]
        }, part.tube.map(\.w), .muscle, stretch: part.stretch)
    }
  }

  private mutating func muscles(_ variation: Variation) {
    var v = variation
    let anatomy = TorsoAnatomy.standard
    let size = v.size(0.1)
    if !frame.course.isStandard { crura() }
    for (name, side) in [("right", 1.0), ("left", -1.0)] {
      var back: [SIMD3<Double>] = []
      for z in stride(from: -200.0, through: 310, by: 17) {
        let s = frame.vertebra(z)
        let spread = BodyFrame.interpolate(anatomy.back_spread, z)
        back.append([s.x + side * spread, max(s.y - 42, -66), z])
      }
      let thick = back.map { p in
        BodyFrame.interpolate(anatomy.back_radius, p.z) * size
      }
      // Short muscles fill the groove between the spinous and the transverse processes.
      let groove = back.map { p in
        SIMD3(p.x - side * BodyFrame.interpolate(anatomy.back_groove, p.z), p.y, p.z)
      }
      tube("autochthon_\(name)", groove, thick.map { $0 * 0.82 }, .muscle)
      tube("autochthon_\(name)", back, thick, .muscle)
      let wide = back.map { $0 + [side * 16, -1, 0] }
      tube("autochthon_\(name)", wide, thick.map { $0 * 0.8 }, .muscle)
      for part in anatomy.muscles {
        draw(part, side: side, name: name, size: size, layer: .muscle, alongSpine: true)
      }
      let buttock = v.size(0.1)
      for part in anatomy.buttocks {
        draw(part, side: side, name: name, size: buttock, layer: .muscle)
      }
    }
  }
}
