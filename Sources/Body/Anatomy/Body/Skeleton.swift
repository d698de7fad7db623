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

  private mutating func solid(
    _ structure: String, _ center: SIMD3<Double>, _ radii: SIMD3<Double>,
    rotation: SIMD3<Double> = [0, 0, 0], square: Float = 0, layer: Piece.Layer = .bone,
    warp: Warp = .none
  ) {
    let body = Ellipsoid(
      center: frame.place(center), radii: SIMD3<Float>(radii * frame.scale), squareness: square,
      rotation: rotation)
    pieces.append(
      Piece(structure: structure, layer: layer, shape: .solid(Solid(adds: [body], warp: warp))))
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
    // Sacrum and coccyx: a wedge that bends back and forward again.
    let sacrum: [SIMD3<Double>] = [
      [0, 4, -158], [0, -12, -180], [0, -32, -205], [0, -48, -232], [0, -52, -256], [0, -40, -282],
    ]
    tube("sacrum", sacrum, [21, 20, 17, 13, 8, 5].map { $0 * size })
    for side in [-1.0, 1.0] {
      tube(
        "sacrum", [[side * 14, 2, -160], [side * 42, -20, -172]], [19, 14].map { $0 * size },
        stretch: 1.2)
      tube(
        "sacrum", [[side * 14, -14, -182], [side * 40, -32, -196]], [17, 12].map { $0 * size })
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
    let size = frame.scale.z
    for (name, side) in [("right", 1.0), ("left", -1.0)] {
      let hip = "hip_\(name)"
      // The wing of the ilium: spokes from the joint with the sacrum and from the socket to the crest.
      let crest: [SIMD3<Double>] = [
        [56, -56, -150], [74, -44, -128], [96, -18, -112], [112, 10, -106], [122, 38, -114],
        [126, 62, -134], [122, 82, -160],
      ]
      let root: [SIMD3<Double>] = [
        [50, -40, -190], [58, -34, -196], [70, -16, -206], [82, 4, -222], [88, 24, -230],
        [94, 40, -232], [100, 56, -226],
      ]
      for k in 0..<crest.count - 1 {
        for t in stride(from: 0.0, to: 1, by: 0.25) {
          let a = crest[k] + (crest[k + 1] - crest[k]) * t
          let b = root[k] + (root[k + 1] - root[k]) * t
          let middle = (a + b) / 2 + [3, -4, 0]
          let mirrored = [a, middle, b].map { p in SIMD3(side * p.x, p.y, p.z) }
          tube(hip, mirrored, [5.5, 3.6, 7].map { $0 * size })
        }
      }
      func m(_ x: Double, _ y: Double, _ z: Double) -> SIMD3<Double> { [side * x, y, z] }
      tube(hip, [m(88, 20, -228), m(88, 26, -252)], [18, 26].map { $0 * size })
      tube(
        hip, [m(84, 8, -262), m(72, -18, -296), m(62, -20, -322)], [19, 15, 14].map { $0 * size })
      tube(hip, [m(64, -16, -324), m(38, 24, -318), m(16, 60, -300)], [9, 7, 8].map { $0 * size })
      tube(
        hip, [m(84, 44, -252), m(52, 72, -266), m(14, 72, -286)], [13, 9, 11].map { $0 * size })
      tube(
        "femur_\(name)", [m(92, 26, -256), m(112, 20, -268), m(134, 12, -290), m(136, 16, -360)],
        [22.5, 16, 19, 15].map { $0 * size })
    }
  }

  // MARK: - Muscles

  private mutating func muscles(_ variation: Variation) {
    var v = variation
    let anatomy = TorsoAnatomy.standard
    let size = v.size(0.1)
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
      tube(
        "iliopsoas_\(name)",
        [
          [side * 26, 10, 12], [side * 33, 14, -30], [side * 42, 20, -75], [side * 52, 28, -120],
          [side * 64, 42, -170], [side * 80, 58, -220], [side * 96, 58, -265],
          [side * 112, 30, -305],
        ], [5, 12, 18, 22, 23, 20, 17, 14].map { $0 * size }, .muscle)
      // The iliacus lines the wing of the ilium.
      tube(
        "iliopsoas_\(name)",
        [[side * 96, 22, -135], [side * 90, 34, -180], [side * 92, 50, -225]],
        [12, 17, 14].map { $0 * size }, .muscle, stretch: 1.2)
      // The square muscle of the loins fills the corner between kidney and spine.
      tube(
        "muscle", [[side * 52, -30, 10], [side * 66, -28, -50], [side * 78, -30, -110]],
        [9, 12, 13].map { $0 * size }, .muscle)
      let buttock = v.size(0.1)
      solid(
        "gluteus_maximus_\(name)", [side * 84, -44, -240], SIMD3(58, 27, 84) * buttock,
        rotation: [side * 0.4, 0, side * 0.2], square: 0.2, layer: .muscle)
      solid(
        "gluteus_medius_\(name)", [side * 122, 6, -186], SIMD3(24, 54, 66) * buttock,
        rotation: [side * -0.12, 0, 0], layer: .muscle)
      // Muscles of the thigh, named together: in front, inside, behind and at the side of the femur.
      for (center, radii) in [
        ([108, 72, -325], [38, 30, 90]), ([46, 38, -330], [36, 42, 62]),
        ([80, -28, -345], [40, 26, 70]), ([140, 48, -250], [15, 28, 62]),
      ] as [(SIMD3<Double>, SIMD3<Double>)] {
        solid(
          "skeletal_muscle", [side * center.x, center.y, center.z], radii * buttock, square: 0.2,
          layer: .muscle)
      }
    }
  }
}
