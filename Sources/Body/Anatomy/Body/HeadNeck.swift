import Support

/// Head, neck and shoulders in coordinates about the brainstem's centroid: X to the right, Y to the
/// front, Z to the vertex, mm.
/// The numbers are those of `HeadNeckAnatomy`; this draws them into a frame, varied at random.
struct HeadNeck {
  private static let anatomy = HeadNeckAnatomy.standard
  /// Tilt of skull and upper face against the Frankfurt plane, radians: the face upwards.
  static let tilt = anatomy.tilt * Double.pi / 180

  private let frame: BodyFrame
  private let curve: NeckCurve
  /// Whether what is drawn goes along with the neck (`NeckCurve`), or with the skull.
  private var isNeck = false
  private(set) var pieces: [Piece] = []
  private var v: Variation

  /// Whether a map with these structures shows head and neck and nothing of the trunk.
  static func isShown(by structures: some Sequence<String>) -> Bool {
    let regions = Set(structures.compactMap { StructureCatalog.standard[$0]?.region })
    return regions == [.headAndNeck]
  }

  /// Fits the frame to the labels.
  ///
  /// - Parameters:
  ///   - field: the field of view, mm.
  ///   - heights: those on which something is labelled, mm; all of the field's where this is missing.
  static func fit(
    _ extents: [String: BodyFrameFit.Extent], field: SIMD3<Double>,
    heights: ClosedRange<Double>? = nil
  ) -> BodyFrame {
    let heights = heights ?? 0...field.z
    let features =
      anatomy.landmarks.flatMap { mark in
        BodyFrameFit.Feature.center(
          mark.structure, mark.isFrankfurt ? turned(mark.at) : mark.at, mark.deviation)
      } + anatomy.edges.map(\.feature)
    var frame = BodyFrameFit.solve(
      extents, features,
      place: [
        0.5 * field.x, 0.47 * field.y,
        heights.lowerBound + 0.6 * (heights.upperBound - heights.lowerBound),
      ],
      placeDeviation: [20, 40, 120], size: [1, 1, 1], sizeDeviation: [0.06, 0.06, 0.06])
    frame.scale.clamp(lowerBound: [0.8, 0.8, 0.8], upperBound: [1.2, 1.2, 1.2])
    return frame
  }

  /// The outlines: skin with what lies right under it, shoulders first.
  struct Outline: Sendable {
    var solid: Solid
    /// Thickness of the fat, mm.
    var fat: Float
  }

  /// The middle of the neck at a height of the canvas, in front of the spine.
  static func middle(at z: Float, frame: BodyFrame, curve: NeckCurve) -> SIMD3<Float> {
    let height = frame.height(of: Double(z))
    var middle = frame.place(curve([0, cord(height) + 30, height]))
    middle.z = z
    return middle
  }

  /// How the neck of a map is bent: along its labelled cord.
  static func curve(of map: AnatomicalMap, frame: BodyFrame) -> NeckCurve {
    NeckCurve(map, frame: frame, cord: cord)
  }

  private init(frame: BodyFrame, curve: NeckCurve, stream: RandomStream) {
    self.frame = frame
    self.curve = curve
    v = Variation(stream)
  }

  /// The outlines of a head in a frame.
  static func outlines(
    frame: BodyFrame, curve: NeckCurve = NeckCurve(), stream: RandomStream
  ) -> [Outline] {
    var head = HeadNeck(frame: frame, curve: curve, stream: stream.split("outline"))
    return head.outlines()
  }

  /// Everything inside, in the order in which it is painted.
  static func pieces(
    frame: BodyFrame, curve: NeckCurve = NeckCurve(), stream: RandomStream
  ) -> [Piece] {
    var head = HeadNeck(frame: frame, curve: curve, stream: stream.split("pieces"))
    head.isNeck = true
    head.draw(anatomy.chest)
    head.draw(anatomy.neck)
    head.isNeck = false
    head.face()
    head.cranium()
    head.isNeck = true
    head.spine()
    head.airway()
    return head.pieces
  }

  // MARK: - Building blocks

  /// The place of a reference point, canvas mm.
  private func place(_ p: SIMD3<Double>) -> SIMD3<Float> { frame.place(isNeck ? curve(p) : p) }

  /// A place given in the Frankfurt plane's frame, turned with the skull.
  private static func turned(_ p: SIMD3<Double>) -> SIMD3<Double> {
    let (c, s) = (cosine(tilt), sine(tilt))
    return [p.x, c * p.y - s * p.z, s * p.y + c * p.z]
  }

  /// A part as it lies in the canvas.
  private func ellipsoid(_ part: DrawnEllipsoid) -> Ellipsoid {
    let tilt = part.isFrankfurt ? Self.tilt : 0
    return Ellipsoid(
      center: place(part.isFrankfurt ? Self.turned(part.at) : part.at),
      radii: SIMD3<Float>(part.radii * frame.scale), squareness: part.square,
      rotation: [part.turn.x, part.turn.y + tilt, part.turn.z])
  }

  private mutating func draw(_ groups: [DrawnGroup]) {
    for group in groups {
      switch group {
      case .single(let part): draw(part, side: 1, name: "")
      case .both(let parts):
        for part in parts { draw(part, side: 1, name: "right") }
        for part in parts { draw(part, side: -1, name: "left") }
      }
    }
  }

  private mutating func draw(_ part: DrawnPart, side: Double, name: String) {
    let structure = part.structure(on: name)
    if part.solid.isEmpty {
      let points = part.tube.map { p -> SIMD4<Double> in
        let mirrored = SIMD3(side * p.x, p.y, p.z)
        return SIMD4(part.isFrankfurt ? Self.turned(mirrored) : mirrored, p.w)
      }
      tube(structure, points, stretch: part.stretch)
    } else {
      let solid = Solid(
        adds: part.solid.map { ellipsoid($0.on(side)) },
        cuts: part.cuts.map { ellipsoid($0.on(side)) }, blend: part.blend, warp: v.warp(part.warp))
      pieces.append(
        Piece(structure: structure, layer: .bone, shape: .solid(solid), over: part.over))
    }
  }

  /// A tube through points with their radii, mm.
  private mutating func tube(_ structure: String, _ points: [SIMD4<Double>], stretch: Float = 1) {
    let places = points.map { place(SIMD3($0.x, $0.y, $0.z)) }
    pieces.append(
      Piece(
        structure: structure, layer: .bone,
        shape: .tube(.smooth(places, points.map { Float($0.w) }, stretch: stretch))))
  }

  // MARK: - Outline

  private mutating func outlines() -> [Outline] {
    isNeck = true
    let parts = Self.anatomy.outline
    let broad = v.size(0.06)
    let neckSize = v.size(0.07)
    let lift = v.around(0, 10)
    let warp = v.warp(2.5, 100...200)
    var (chest, shoulders, neck, throat) = (
      parts.chest, parts.shoulders, parts.neck, parts.throat
    )
    chest.radii.x *= broad
    shoulders.radii.x *= broad
    shoulders.at.z += lift
    neck.radii.x *= neckSize
    neck.at.z += lift
    throat.radii.x *= neckSize
    let trunk = Solid(adds: [chest, shoulders, neck].map(ellipsoid), blend: 40, warp: warp)
    let throatInPlace = ellipsoid(throat)
    isNeck = false
    let head = Solid(
      adds: [parts.cranium, parts.face, parts.chin, parts.jaws].map(ellipsoid)
        + [throatInPlace, ellipsoid(parts.nose)],
      blend: 24, warp: v.warp(2, 100...200))
    return [
      Outline(solid: trunk, fat: Float(v.uniform(5...14))),
      Outline(solid: head, fat: Float(v.uniform(1...3.5))),
    ]
  }

  // MARK: - Face and cranium

  /// The cord's Y by height.
  private static func cord(_ z: Double) -> Double { BodyFrame.interpolate(anatomy.cord, z) }

  private mutating func face() {
    let shift = v.around(0, 2)
    draw(Self.anatomy.face)
    draw(Self.anatomy.palate)
    let teeth = Self.anatomy.teeth
    for k in 0..<teeth.count {
      let angle = (Double(k) / Double(teeth.count - 1) - 0.5) * teeth.span
      let (x, y) = (teeth.half_width * sine(angle), teeth.back + teeth.bulge * cosine(angle))
      for row in teeth.rows {
        let (z, radius) = (row.x + shift, row.y)
        tube(
          "skull",
          [z - teeth.half_height, z + teeth.half_height].map {
            SIMD4(Self.turned([x, y, $0]), radius)
          })
      }
    }
    draw(Self.anatomy.mouth)
  }

  private mutating func cranium() {
    let wall = v.around(6.5, 1)
    let brain = Self.anatomy.brain.map(ellipsoid)
    let warp = v.warp(1.5)
    func shell(_ structure: String, grownBy distance: Float) {
      let parts = brain.map { part in
        var part = part
        part.radii += SIMD3(repeating: distance)
        return part
      }
      pieces.append(
        Piece(
          structure: structure, layer: .bone,
          shape: .solid(Solid(adds: parts, blend: 16, warp: warp))))
    }
    shell("skull", grownBy: Float(wall))
    draw(Self.anatomy.petrous)
    shell("cerebrospinal_fluid", grownBy: 1.5)
    shell("brain", grownBy: -2)
    draw(Self.anatomy.inside_skull)
  }

  // MARK: - Spine and airway

  private mutating func spine() {
    for level in Self.anatomy.vertebrae {
      let isNeck = StructureCatalog.standard[level.structure]?.marrow == "cervical_cancellous_bone"
      let size = Float(frame.scale.z) * (isNeck ? 0.92 : 0.95)
      let center =
        place([0, Self.cord(level.z), level.z]) + SIMD3(0, Vertebra.canalOffset * size, 0)
      pieces +=
        Vertebra(
          name: level.structure, kind: isNeck ? .cervical : .thoracic, center: center,
          width: Float(level.half_width) * size, depth: Float(level.half_depth) * size,
          pitch: (isNeck ? 16.5 : 19) * Float(frame.scale.z), size: size
        ).pieces
    }
    let atlas = Self.anatomy.atlas
    tube(
      "vertebrae_C1",
      (0...12).map { k in
        let a = Double(k) / 12 * 2 * Double.pi
        return [
          atlas.at.x + atlas.radii.x * cosine(a), atlas.at.y + atlas.radii.y * sine(a), atlas.at.z,
          atlas.radii.z,
        ]
      }, stretch: 1.4)
    tube("vertebrae_C2", Self.anatomy.dens)
    // Cords are drawn as the cord or as what fills the canal; bone may lie right behind the label.
    let wide = 8 * v.size(0.12)
    let course = stride(from: -430.0, through: -24, by: 14).map { SIMD3(0, Self.cord($0), $0) }
    tube("spinal_canal", course.map { SIMD4($0, wide) })
    tube("spinal_cord", course.map { SIMD4($0, 5) })
  }

  private mutating func airway() {
    let wide = v.size(0.2)
    tube("airway", Self.anatomy.pharynx.map { $0 * [1, 1, 1, wide] }, stretch: 1.2)
    var larynx = Self.anatomy.larynx
    larynx[0].w *= wide
    tube("airway", larynx)
    tube("airway", Self.anatomy.trachea)
  }
}
