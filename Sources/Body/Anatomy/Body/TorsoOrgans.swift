import Support

/// The soft organs of the reference torso, varied at random and placed by a body frame.
///
/// All places are in reference coordinates (see `BodyFrame`): X to the patient's right, Y to the
/// front, Z to the head, mm from the first lumbar vertebra.
struct TorsoOrgans {
  private let frame: BodyFrame
  private let stream: RandomStream
  private(set) var pieces: [Piece] = []

  /// All organs in the order in which they are painted: later ones displace earlier ones.
  static func pieces(frame: BodyFrame, stream: RandomStream) -> [Piece] {
    var organs = TorsoOrgans(frame: frame, stream: stream)
    organs.stomachAndDuodenum()
    organs.pancreas()
    organs.spleen()
    organs.liverAndGallbladder()
    organs.kidneys()
    organs.pelvis()
    organs.heartAndVessels()
    return organs.pieces
  }

  private init(frame: BodyFrame, stream: RandomStream) {
    self.frame = frame
    self.stream = stream
  }

  private func variation(_ name: String) -> Variation { Variation(stream.split(name)) }

  private mutating func add(_ structure: String, _ solid: Solid, _ layer: Piece.Layer = .abdomen) {
    pieces.append(Piece(structure: structure, layer: layer, shape: .solid(solid)))
  }

  /// A tube through reference points.
  private mutating func add(
    _ structure: String, _ points: [SIMD3<Double>], _ radii: [Double],
    _ layer: Piece.Layer = .abdomen, stretch: Float = 1
  ) {
    pieces.append(
      Piece(
        structure: structure, layer: layer,
        shape: .tube(.smooth(points.map(frame.place), radii.map { Float($0) }, stretch: stretch))))
  }

  /// A superellipsoid given in reference coordinates.
  private func part(
    _ center: SIMD3<Double>, _ radii: SIMD3<Double>, _ rotation: SIMD3<Double> = [0, 0, 0],
    square: Float = 0, size: Double = 1, shift: SIMD3<Double> = [0, 0, 0]
  ) -> Ellipsoid {
    Ellipsoid(
      center: frame.place(center + shift), radii: SIMD3<Float>(radii * frame.scale * size),
      squareness: square, rotation: rotation)
  }

  private mutating func liverAndGallbladder() {
    var v = variation("liver")
    let shift = v.shift(4, 4, 5)
    let size = v.size(0.07)
    let left = v.size(0.2)
    let tail = v.size(0.2)
    let lean = v.around(0, 0.12)
    let hilum = v.shift(5, 5, 6)
    let gallbladder = SIMD3(62, 96, -24) + v.shift(7, 7, 8)
    let solid = Solid(
      adds: [
        part(
          [82, 48, 22], [66, 84, 74], [lean, 0, 0.12 + lean], square: 0.35, size: size, shift: shift
        ),
        part([92, 55, -25], [48, 64, 46 * tail], [0.2, 0, 0.1], size: size, shift: shift),
        part(
          [18, 112, 48], [82 * left, 42, 38], [-0.25 + lean, -0.15, 0.25 - lean], square: 0.2,
          shift: shift),
      ],
      cuts: [
        // Porta hepatis, gallbladder bed, kidney, stomach, spine and vena cava.
        part([18, 40, -8] + hilum, [44, 36, 34], [0.3, 0, 0.3]),
        part(gallbladder + [0, 4, -6], [20, 24, 32]),
        part([72, -4, -34], [36, 34, 56]), part([-62, 78, 12], [44, 48, 48]),
        part([0, 8, 30], [34, 40, 120]), part([25, 48, 40], [14, 13, 90]),
      ], blend: 26, cutBlend: 14, warp: v.warp(5, 70...150))
    add("liver", solid)
    // Portal vein and hepatic veins show in every contrast phase but the native one.
    let turn = v.shift(4, 4, 4)
    add(
      "portal_vein_and_splenic_vein",
      [
        [-78, 32, 24], [-45, 60, 16], [-8, 66, -2], [14, 66, 8], [38, 62, 26] + turn,
        [68, 58, 36] + turn,
      ],
      [4.5, 5, 6.5, 7, 6.5, 4])
    add(
      "portal_vein_and_splenic_vein",
      [[38, 62, 26] + turn, [22, 92, 42] + turn, [-2, 110, 50] + turn],
      [5.5, 4.5, 3.5])
    add(
      "gallbladder",
      Solid(
        adds: [
          part(gallbladder, [15, 19, 24], [0, 0.5, 0], size: v.size(0.14)),
          part(gallbladder + [-8, -14, 12], [8, 10, 12]),
        ], blend: 8, warp: v.warp(2)))
  }

  private mutating func spleen() {
    var v = variation("spleen")
    let shift = v.shift(3, 6, 8)
    let size = v.size(0.12)
    let inner = part([-62, 38, 26], [36, 42, 52], shift: shift)
    let solid = Solid(
      adds: [
        part(
          [-106, 8, 34], [32, 52, 50], [0.3, 0.25, -0.1], square: 0.3, size: size, shift: shift)
      ],
      cuts: [inner], blend: 4, cutBlend: 14, warp: v.warp(4))
    add("spleen", solid)
  }

  private mutating func kidneys() {
    for (name, side) in [("right", 1.0), ("left", -1.0)] {
      var v = variation("kidney_\(name)")
      let center = SIMD3(side * 72, 3, side > 0 ? -18 : -7) + v.shift(4, 4, 8)
      let size = v.size(0.07)
      // The upper pole leans to the spine and back.
      let solid = Solid(
        adds: [
          part(center, [27, 29, 56], [side * -0.5, 0.18, side * 0.2], square: 0.15, size: size)
        ],
        cuts: [part(center + [side * -24, 14, 0], [13, 12, 18])], cutBlend: 8, warp: v.warp(2.5))
      add("kidney_\(name)", solid)
      add(
        "adrenal_gland_\(name)",
        [
          [side * 34, 34, 18], [side * 38, 24, 30], [side * 44, 14, 36],
        ].map { $0 + [0, 0, center.z + 12] }, [3, 4, 3])
    }
  }

  private mutating func stomachAndDuodenum() {
    var v = variation("stomach")
    let shift = v.shift(6, 5, 6)
    let fill = v.size(0.16)
    let solid = Solid(
      adds: [
        part([-74, 52, 58], [36, 40, 34], size: fill, shift: shift),
        part([-66, 84, 24], [30, 30, 44], [0.2, 0.3, 0], size: fill, shift: shift),
        part([-28, 108, -4], [36, 21, 20], [-0.1, 0, 0.25], size: fill, shift: shift),
        part([10, 98, -4], [22, 16, 15], shift: shift * 0.5),
      ], blend: 26, warp: v.warp(5))
    add("stomach", solid)
    // Gas collects in front, as the patient lies on the back.
    if v.chance(0.75) {
      var gas = solid
      for i in gas.adds.indices { gas.adds[i].radii *= 0.86 }
      let level = frame.place([0, v.around(104, 9), 0]).y
      pieces.append(
        Piece(
          structure: "bowel_gas", layer: .abdomen, shape: .solid(gas), floor: level,
          over: ["stomach"]))
    }
    let d = v.shift(4, 5, 5)
    add(
      "duodenum",
      [
        [20, 94, -4], [42, 80, -14], [48, 66, -48] + d, [28, 60, -74] + d, [-8, 58, -70] + d,
        [-30, 68, -46],
      ], [13, 13, 12.5, 12, 11.5, 12])
  }

  private mutating func pancreas() {
    var v = variation("pancreas")
    let d = v.shift(3, 5, 7)
    let size = v.size(0.12)
    add(
      "pancreas",
      [
        [24, 66, -34] + d, [20, 70, -14] + d, [0, 80, -4] + d, [-32, 78, 4] + d, [-62, 58, 14] + d,
        [-88, 30, 22],
      ], [11, 14, 10, 9.5, 10.5, 8].map { $0 * size }, stretch: 1.25)
  }

  private mutating func pelvis() {
    var v = variation("pelvis")
    let fill = v.size(0.22)
    add(
      "urinary_bladder",
      Solid(
        adds: [
          part([0, 52, -252], [38, 32, 28], square: 0.2, size: fill, shift: v.shift(2, 4, 4))
        ],
        warp: v.warp(3)))
    add("prostate", Solid(adds: [part([0, 30, -288], [22, 18, 17])], warp: v.warp(1.5)))
  }

  private mutating func heartAndVessels() {
    var v = variation("heart")
    let shift = v.shift(4, 4, 5)
    let size = v.size(0.06)
    add(
      "heart",
      Solid(
        adds: [
          part(
            [-26, 92, 112], [62, 42, 46], [0.45, 0, 0.35], square: 0.2, size: size, shift: shift),
          part([4, 72, 142], [44, 38, 44], size: size, shift: shift),
          part([2, 86, 176], [26, 24, 28], shift: shift),
        ], blend: 24, warp: v.warp(4)), .chest)
    add(
      "superior_vena_cava", [[36, 78, 240], [38, 70, 205], [34, 64, 165]], [8, 9.5, 10], .chest)
    add("trachea", [[6, 50, 330], [6, 48, 270], [4, 46, 222]], [9, 9, 9], .chest)
    add("trachea", [[4, 46, 224], [26, 38, 198], [44, 30, 180]], [8, 7, 6], .chest)
    add("trachea", [[4, 46, 224], [-20, 38, 196], [-42, 28, 182]], [8, 7, 5.5], .chest)
    let w = v.size(0.12)
    func spine(_ z: Double) -> SIMD2<Double> { frame.vertebra(z) }
    /// A point in front of the spine: dx beside it, dy before the vertebra's centroid.
    func beside(_ z: Double, _ dx: Double, _ dy: Double) -> SIMD3<Double> {
      let s = spine(z)
      return [s.x + dx, s.y + dy, z]
    }
    add(
      "aorta",
      [
        [14, 92, 178], [16, 88, 214], [4, 72, 238], [-14, 40, 236], beside(212, -20, 30),
        beside(150, -20, 34), beside(100, -16, 38), beside(50, -10, 44), beside(0, -9, 46),
        beside(-50, -8, 45), beside(-104, -4, 46),
      ], [15, 15, 13.5, 12.5, 12, 11.5, 11, 10.5, 9.5, 9, 8.5].map { $0 * w }, .through)
    for (name, side) in [("right", 1.0), ("left", -1.0)] {
      add(
        "iliac_artery_\(name)",
        [
          beside(-102, -4 + side * 4, 46), beside(-130, side * 16, 48), [side * 40, 48, -170],
          [side * 54, 44, -205], [side * 72, 76, -262], [side * 80, 84, -300],
        ], [6, 5.5, 5, 5, 4.5, 4.5], .through)
      add(
        "iliac_vena_\(name)",
        [
          beside(-108, 14 + side * 4, 44), beside(-140, side * 20 + 4, 38), [side * 38, 38, -180],
          [side * 50, 34, -215], [side * 66, 68, -268], [side * 72, 78, -300],
        ], [8, 7, 6.5, 6, 6, 6], .through)
    }
    add(
      "inferior_vena_cava",
      [
        [22, 68, 124], [27, 58, 92], [27, 52, 50], beside(10, 20, 44), beside(-40, 19, 42),
        beside(-106, 15, 42),
      ], [13, 13, 12.5, 11.5, 11, 10].map { $0 * w }, .through, stretch: 1)
    add(
      "esophagus",
      [
        [2, 40, 300], [0, 36, 245], [-4, 26, 190], [-8, 34, 140], [-16, 50, 100], [-28, 60, 76],
      ], [7, 7.5, 8, 8.5, 8.5, 8.5], .through)
    add(
      "thyroid_gland",
      [[26, 72, 292], [22, 82, 278], [6, 88, 272], [-10, 82, 278], [-14, 72, 292]],
      [8, 9, 5, 9, 8], .chest)
  }
}
