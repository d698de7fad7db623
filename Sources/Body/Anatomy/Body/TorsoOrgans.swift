import Support

/// The soft organs of the reference torso, varied at random and placed by a body frame.
///
/// The numbers are those of `OrganAnatomy`, in reference coordinates (see `BodyFrame`).
struct TorsoOrgans {
  private let anatomy = OrganAnatomy.standard
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

  /// A tube through reference points (x, y, z, radius).
  private mutating func add(
    _ structure: String, _ points: [SIMD4<Double>], _ layer: Piece.Layer = .abdomen,
    stretch: Float = 1
  ) {
    let places = points.map { frame.place($0.x, $0.y, $0.z) }
    pieces.append(
      Piece(
        structure: structure, layer: layer,
        shape: .tube(.smooth(places, points.map { Float($0.w) }, stretch: stretch))))
  }

  /// The points of a tube, some of them shifted.
  private func points(
    _ tube: String, shifting indices: [Int] = [], by shift: SIMD3<Double> = .zero
  ) -> [SIMD4<Double>] {
    var points = anatomy.tube(tube)
    for i in indices { points[i] += SIMD4(shift, 0) }
    return points
  }

  /// Points with their radii multiplied.
  private func widened(_ points: [SIMD4<Double>], _ factor: Double) -> [SIMD4<Double>] {
    points.map { $0 * [1, 1, 1, factor] }
  }

  /// A solid as it lies in the canvas.
  private func part(
    _ solid: DrawnEllipsoid, size: Double = 1, shift: SIMD3<Double> = [0, 0, 0]
  ) -> Ellipsoid {
    Ellipsoid(
      center: frame.place(solid.at + shift), radii: SIMD3<Float>(solid.radii * frame.scale * size),
      squareness: solid.square, rotation: solid.turn)
  }

  private mutating func liverAndGallbladder() {
    var v = variation("liver")
    let shift = v.shift(4, 4, 5)
    let size = v.size(0.07)
    let leftSize = v.size(0.2)
    let tailSize = v.size(0.2)
    let lean = v.around(0, 0.12)
    let hilum = v.shift(5, 5, 6)
    var fundus = anatomy.solid("gallbladder", "fundus")
    fundus.at += v.shift(7, 7, 8)
    var right = anatomy.solid("liver", "right")
    right.turn.x += lean
    right.turn.z += lean
    var tail = anatomy.solid("liver", "tail")
    tail.radii.z *= tailSize
    var left = anatomy.solid("liver", "left")
    left.radii.x *= leftSize
    left.turn.x += lean
    left.turn.z -= lean
    var bed = anatomy.solid("liver", "cut_gallbladder")
    bed.at = fundus.at + bed.at
    add(
      "liver",
      Solid(
        adds: [
          part(right, size: size, shift: shift), part(tail, size: size, shift: shift),
          part(left, shift: shift),
        ],
        cuts: [part(anatomy.solid("liver", "cut_hilum"), shift: hilum), part(bed)]
          + ["cut_kidney", "cut_stomach", "cut_spine", "cut_vena_cava"].map {
            part(anatomy.solid("liver", $0))
          },
        blend: 26, cutBlend: 14, warp: v.warp(5, 70...150)))
    // Portal vein and hepatic veins show in every contrast phase but the native one.
    let turn = v.shift(4, 4, 4)
    add("portal_vein_and_splenic_vein", points("splenic_vein", shifting: [4, 5], by: turn))
    add("portal_vein_and_splenic_vein", points("left_portal_vein", shifting: [0, 1, 2], by: turn))
    var neck = anatomy.solid("gallbladder", "neck")
    neck.at = fundus.at + neck.at
    add(
      "gallbladder",
      Solid(
        adds: [part(fundus, size: v.size(0.14)), part(neck)], blend: 8, warp: v.warp(2)))
  }

  private mutating func spleen() {
    var v = variation("spleen")
    let shift = v.shift(3, 6, 8)
    let size = v.size(0.12)
    add(
      "spleen",
      Solid(
        adds: [part(anatomy.solid("spleen", "whole"), size: size, shift: shift)],
        cuts: [part(anatomy.solid("spleen", "cut_hilum"), shift: shift)], blend: 4, cutBlend: 14,
        warp: v.warp(4)))
  }

  private mutating func kidneys() {
    for (name, side) in [("right", 1.0), ("left", -1.0)] {
      var v = variation("kidney_\(name)")
      var kidney = anatomy.solid("kidney", "whole").on(side)
      if side < 0 { kidney.at.z = anatomy.left_kidney }
      kidney.at += v.shift(4, 4, 8)
      let size = v.size(0.07)
      var hilum = anatomy.solid("kidney", "cut_hilum").on(side)
      hilum.at = kidney.at + hilum.at
      add(
        "kidney_\(name)",
        Solid(
          adds: [part(kidney, size: size)], cuts: [part(hilum)], cutBlend: 8, warp: v.warp(2.5)))
      add(
        "adrenal_gland_\(name)",
        anatomy.tube("adrenal_gland").map { p in
          [side * p.x, p.y, p.z + (kidney.at.z + 12), p.w]
        })
    }
  }

  private mutating func stomachAndDuodenum() {
    var v = variation("stomach")
    let shift = v.shift(6, 5, 6)
    let fill = v.size(0.16)
    let solid = Solid(
      adds: ["fundus", "body", "antrum"].map {
        part(anatomy.solid("stomach", $0), size: fill, shift: shift)
      } + [part(anatomy.solid("stomach", "pylorus"), shift: shift * 0.5)],
      blend: 26, warp: v.warp(5))
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
    add("duodenum", points("duodenum", shifting: [2, 3, 4], by: v.shift(4, 5, 5)))
  }

  private mutating func pancreas() {
    var v = variation("pancreas")
    let shift = v.shift(3, 5, 7)
    let size = v.size(0.12)
    add(
      "pancreas", widened(points("pancreas", shifting: [0, 1, 2, 3, 4], by: shift), size),
      stretch: 1.25)
  }

  private mutating func pelvis() {
    var v = variation("pelvis")
    let fill = v.size(0.22)
    let bladder = part(anatomy.solid("pelvis", "bladder"), size: fill, shift: v.shift(2, 4, 4))
    add("urinary_bladder", Solid(adds: [bladder], warp: v.warp(3)))
    add(
      "prostate", Solid(adds: [part(anatomy.solid("pelvis", "prostate"))], warp: v.warp(1.5)))
  }

  private mutating func heartAndVessels() {
    var v = variation("heart")
    let shift = v.shift(4, 4, 5)
    let size = v.size(0.06)
    add(
      "heart",
      Solid(
        adds: ["ventricles", "atria"].map {
          part(anatomy.solid("heart", $0), size: size, shift: shift)
        } + [part(anatomy.solid("heart", "roots"), shift: shift)],
        blend: 24, warp: v.warp(4)), .chest)
    add("superior_vena_cava", points("superior_vena_cava"), .chest)
    for tube in ["trachea", "right_bronchus", "left_bronchus"] {
      add("trachea", points(tube), .chest)
    }
    let wide = v.size(0.12)
    add(
      "aorta", widened(points("aortic_arch") + alongSpine("aorta"), wide), .through)
    for (name, side) in [("right", 1.0), ("left", -1.0)] {
      add(
        "iliac_artery_\(name)",
        [beside(-102, -4 + side * 4, 46, 6), beside(-130, side * 16, 48, 5.5)]
          + points("iliac_artery").map { $0 * [side, 1, 1, 1] }, .through)
      add(
        "iliac_vena_\(name)",
        [beside(-108, 14 + side * 4, 44, 8), beside(-140, side * 20 + 4, 38, 7)]
          + points("iliac_vein").map { $0 * [side, 1, 1, 1] }, .through)
    }
    add(
      "inferior_vena_cava",
      widened(points("vena_cava_at_liver") + alongSpine("inferior_vena_cava"), wide), .through)
    add("esophagus", points("esophagus"), .through)
    add("thyroid_gland", points("thyroid_gland"), .chest)
  }

  /// A point at a height, beside and before the vertebra's centroid (mm), and its radius.
  private func beside(_ z: Double, _ dx: Double, _ dy: Double, _ radius: Double) -> SIMD4<Double> {
    let center = frame.vertebra(z)
    return [center.x + dx, center.y + dy, z, radius]
  }

  private func alongSpine(_ tube: String) -> [SIMD4<Double>] {
    anatomy.alongSpine(tube).map { beside($0.x, $0.y, $0.z, $0.w) }
  }
}
