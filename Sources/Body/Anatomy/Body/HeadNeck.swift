import Support

/// Head, neck and shoulders in coordinates about the brainstem's centroid: X to the right, Y to the
/// front, Z to the vertex, mm.
///
/// Where a number comes from:
///
/// - Places of the labelled organs (parotids, mandible, cord, larynx, oesophagus) are means over 64
///   label maps of radiotherapy of the head and neck; no image was used.
/// - Sizes of the head are published anthropometry, means of men and women (`docs/background/anatomy.md`): head
///   194 long, 151 broad, 138 across the cheek bones, neck 364 around, shoulders 480 across; cranium
///   178 x 140, 134 from basion to bregma. The foramen magnum lies at Z = -32, where the label of the
///   brainstem ends, so the vertex lies 110 above the centroid.
/// - The chest hangs on the spine: lungs reach up to T1, the first ribs begin there, the notch of the
///   breastbone lies before T2 and T3, the shoulder blades behind T2 to T7 (any textbook of anatomy).
/// - Patients lie with the chin up: the lower border of the labelled mandibles slopes by 15 degrees
///   where it has 25 to the Frankfurt plane, so skull and face are tilted by 10 degrees.
struct HeadNeck {
  /// Tilt of skull and upper face against the Frankfurt plane, radians: the face upwards.
  static let tilt = 10 * Double.pi / 180

  private let frame: BodyFrame
  private let curve: NeckCurve
  /// Whether what is drawn goes along with the neck (`NeckCurve`), or with the skull.
  private var isNeck = false
  private(set) var pieces: [Piece] = []
  private var v: Variation

  /// Structures that make a map one of the head and neck, and those that make it one of the trunk.
  private static let ownStructures: Set<String> = [
    "brainstem", "parotid_gland_left", "parotid_gland_right", "mandible", "larynx", "eye_left",
    "eye_right", "submandibular_gland_left", "submandibular_gland_right", "optic_chiasm", "pharynx",
    "optic_nerve_left", "optic_nerve_right", "brain", "cerebellum", "skull", "face",
  ]
  private static let trunkStructures: Set<String> = [
    "liver", "spleen", "kidneys", "kidney_left", "kidney_right", "stomach", "urinary_bladder",
    "heart", "lungs", "lung_left", "lung_right", "lung_lower_lobe_left", "hip_left",
  ]

  /// Whether a map with these structures shows head and neck and nothing of the trunk.
  static func isShown(by structures: some Sequence<String>) -> Bool {
    let names = Set(structures)
    return !names.isDisjoint(with: ownStructures) && names.isDisjoint(with: trunkStructures)
  }

  /// Fits the frame to the labels.
  static func fit(
    _ extents: [String: BodyFrameFit.Extent], field: SIMD3<Double>
  ) -> BodyFrame {
    typealias Feature = BodyFrameFit.Feature
    let features =
      Feature.center("brainstem", [0, 0, 0], [3, 4, 4])
      + Feature.center("parotid_gland_right", [59, 25, -40], [5, 7, 10])
      + Feature.center("parotid_gland_left", [-59, 25, -40], [5, 7, 10])
      + Feature.center("mandible", [0, 72, -54], [4, 10, 12])
      + Feature.center("spinal_cord", [0, -21, 0], [4, 12, 0])
      + Feature.center("larynx", [0, 33, -120], [4, 12, 15])
      + Feature.center("esophagus", [-4, -6, 0], [4, 15, 0])
      + Feature.center("eye_right", turned([32, 87, 8]), [4, 6, 8])
      + Feature.center("eye_left", turned([-32, 87, 8]), [4, 6, 8])
      + Feature.center("submandibular_gland_right", [32, 62, -80], [5, 8, 12])
      + Feature.center("submandibular_gland_left", [-32, 62, -80], [5, 8, 12])
      + Feature.center("brain", turned([0, 6, 38]), [4, 6, 8])
      + Feature.center("skull", turned([0, 22, 28]), [4, 10, 14])
      + [
        Feature(structure: "mandible", axis: 0, part: .high, place: 58, deviation: 5),
        Feature(structure: "mandible", axis: 0, part: .low, place: -57, deviation: 5),
        Feature(structure: "mandible", axis: 1, part: .high, place: 114, deviation: 12),
      ]
    var frame = BodyFrameFit.solve(
      extents, features, place: [0.5 * field.x, 0.47 * field.y, 0.6 * field.z],
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
    head.chest()
    head.neck()
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

  /// A part of the skull or the upper face, given in the Frankfurt plane's frame.
  private func tilted(
    _ center: SIMD3<Double>, _ radii: SIMD3<Double>, _ rotation: SIMD3<Double> = [0, 0, 0],
    square: Float = 0
  ) -> Ellipsoid {
    part(
      Self.turned(center), radii, [rotation.x, rotation.y + Self.tilt, rotation.z], square: square)
  }

  private func part(
    _ center: SIMD3<Double>, _ radii: SIMD3<Double>, _ rotation: SIMD3<Double> = [0, 0, 0],
    square: Float = 0
  ) -> Ellipsoid {
    Ellipsoid(
      center: place(center), radii: SIMD3<Float>(radii * frame.scale), squareness: square,
      rotation: rotation)
  }

  private mutating func add(
    _ structure: String, _ parts: [Ellipsoid], cuts: [Ellipsoid] = [], blend: Float = 6,
    layer: Piece.Layer = .bone, warp: Double = 1.5, over: Set<String>? = nil
  ) {
    pieces.append(
      Piece(
        structure: structure, layer: layer,
        shape: .solid(Solid(adds: parts, cuts: cuts, blend: blend, warp: v.warp(warp))), over: over)
    )
  }

  private mutating func tube(
    _ structure: String, _ points: [SIMD3<Double>], _ radii: [Double], stretch: Float = 1,
    layer: Piece.Layer = .bone
  ) {
    pieces.append(
      Piece(
        structure: structure, layer: layer,
        shape: .tube(.smooth(points.map(place), radii.map { Float($0) }, stretch: stretch))))
  }

  /// The same on both sides; X is counted outwards.
  private mutating func both(_ body: (inout HeadNeck, Double, String) -> Void) {
    body(&self, 1, "right")
    body(&self, -1, "left")
  }

  // MARK: - Outline

  private mutating func outlines() -> [Outline] {
    isNeck = true
    let broad = v.size(0.06)
    let neck = v.size(0.07)
    let lift = v.around(0, 10)
    let warp = v.warp(2.5, 100...200)
    let shoulders = Solid(
      adds: [
        part([0, -22, -296], [238 * broad, 92, 132], square: 0.75),
        part([0, -42, -194 + lift], [196 * broad, 50, 52], square: 0.4),
        part([0, -20, -150 + lift], [82 * neck, 54, 46]),
      ], blend: 40, warp: warp)
    let throat = part([0, 2, -110], [57 * neck, 56, 90], square: 0.3)
    isNeck = false
    let head = Solid(
      adds: [
        tilted([0, 6, 32], [75, 97, 77], square: 0.15),
        tilted([0, 52, -24], [65, 54, 54], square: 0.35),
        part([0, 88, -60], [42, 34, 28], square: 0.3),
        // As wide as the labelled parotids, 72 to either side, and the skin over them.
        part([0, 22, -42], [76, 36, 42], square: 0.3), throat,
        tilted([0, 108, -14], [11, 14, 17]),
      ], blend: 24, warp: v.warp(2, 100...200))
    return [
      Outline(solid: shoulders, fat: Float(v.uniform(5...14))),
      Outline(solid: head, fat: Float(v.uniform(1...3.5))),
    ]
  }

  // MARK: - Below the neck

  private mutating func chest() {
    both { head, side, name in
      // The dome reaches the neck of the first rib, at T1.
      head.add(
        "lung_\(name)", [head.part([side * 56, -34, -268], [50, 66, 112], square: 0.2)], warp: 3)
      head.tube(
        "cortical_bone",
        [
          [side * 16, 34, -174], [side * 48, 44, -162], [side * 92, 22, -152],
          [side * 138, -18, -142],
        ], [8, 6, 5.5, 6.5])
      head.tube(
        "humerus_\(name)",
        [
          [side * 170, -34, -172], [side * 188, -40, -216], [side * 194, -42, -306],
          [side * 200, -40, -430],
        ], [23, 15, 12.5, 12])
      for k in 0..<5 {
        // The shoulder blade: spokes from the joint to the inner edge.
        let z = -166.0 - 32 * Double(k)
        head.tube(
          "scapula_\(name)",
          [[side * 148, -52, -180], [side * 112, -84, (z - 180) / 2 - 8], [side * 76, -98, z]],
          [7, 2.6, 3.2])
      }
      head.tube(
        "scapula_\(name)",
        [[side * 80, -108, -182], [side * 120, -104, -166], [side * 166, -62, -148]], [4, 4, 6])
      // Ribs around the lung's dome.
      for k in 0..<5 {
        let z = -164.0 - 22 * Double(k)
        let out = min(1, 0.5 + 0.14 * Double(k))
        head.tube(
          "rib_\(name)_\(k + 1)",
          [
            [side * 22, -78, z + 12], [side * (30 + 46 * out), -96 * out - 6, z + 10],
            [side * (56 + 60 * out), -40, z - 4], [side * (50 + 44 * out), 22 * out + 4, z - 22],
            [side * 24, 40, z - 30],
          ], [4.2, 4.4, 4.4, 4.2, 4], stretch: 1.4)
      }
    }
    tube("sternum", [[0, 42, -180], [0, 54, -226], [0, 66, -330]], [13, 10, 9])
    add("visceral_fat", [part([0, -20, -268], [34, 52, 95], square: 0.4)], warp: 3)
    tube(
      "aorta",
      [[14, 14, -330], [8, 16, -222], [-12, -14, -212], [-20, -44, -250], [-20, -52, -340]],
      [15, 14, 13, 12, 12])
    tube("superior_vena_cava", [[22, 18, -340], [24, 18, -205]], [9, 9])
  }

  // MARK: - Neck

  /// The cord's course: straight in the upper neck, then backwards into the chest.
  private static func cord(_ z: Double) -> Double {
    BodyFrame.interpolate(
      [
        (-420, -94), (-340, -84), (-260, -72), (-220, -59), (-200, -51), (-180, -40), (-160, -29),
        (-140, -18),
        (-120, -10), (-100, -5), (-80, -2), (-60, 0), (-40, -1),
      ], z)
  }

  private mutating func neck() {
    both { head, side, name in
      // Fat of the side of the neck, in which vessels and muscles lie.
      head.add(
        "intermuscular_fat", [head.part([side * 40, 14, -112], [16, 30, 52])], warp: 3,
        over: ["muscle"])
      head.tube(
        "muscle",
        [
          [side * 62, -10, -22], [side * 54, 6, -70], [side * 40, 26, -120], [side * 20, 38, -180],
        ], [8, 9.5, 9.5, 8], stretch: 1.5)
      head.tube(
        "muscle",
        [
          [side * 24, -42, -30], [side * 26, -48, -90], [side * 30, -66, -150],
          [side * 36, -104, -240],
        ], [22, 20, 16, 12])
      head.tube(
        "common_carotid_artery_\(name)",
        [
          [side * 14, 4, -220], [side * 20, 18, -165], [side * 24, 24, -100], [side * 26, 18, -40],
        ], [4, 3.8, 4, 2.8])
      head.tube(
        "internal_jugular_vein_\(name)",
        [
          [side * 24, 8, -205], [side * 30, 16, -150], [side * 33, 14, -95], [side * 30, 6, -35],
        ], [6.5, 6, 5.5, 4])
      head.add("thyroid_gland", [head.part([side * 18, 22, -150], [8, 10, 22])])
      head.add("submandibular_gland_\(name)", [head.part([side * 32, 62, -80], [9, 15, 13])])
      head.add(
        "parotid_gland_\(name)",
        [
          head.part([side * 60, 30, -34], [8, 17, 20]),
          head.part([side * 54, 18, -46], [10, 12, 18]),
        ])
    }
    add(
      "thyroid_cartilage", [part([0, 36, -120], [16, 15, 17])],
      cuts: [part([0, 32, -120], [12, 14, 22])])
    tube(
      "cortical_bone",
      [[26, 36, -88], [20, 52, -90], [0, 60, -92], [-20, 52, -90], [-26, 36, -88]],
      [2.4, 2.6, 3.4, 2.6, 2.4])
    tube(
      "esophagus",
      [
        [0, 14, -134], [-3, 3, -160], [-4, -7, -178], [-5, -20, -202], [-4, -32, -260],
        [-2, -42, -340],
      ],
      [6.5, 6.5, 6.5, 7, 7.5, 8])
  }

  // MARK: - Face

  private mutating func face() {
    let teeth = v.around(0, 2)
    both { head, side, name in
      head.add("muscle", [head.part([side * 57, 46, -42], [8.5, 17, 26])])
      head.add(
        "intermuscular_fat",
        [
          head.tilted([side * 46, 72, -38], [11, 15, 17]),
          head.tilted([side * 58, 62, 4], [8, 16, 16]),
        ], over: ["muscle"])
      head.add("muscle", [head.part([side * 40, 40, -32], [9, 14, 20])])
      head.add("muscle", [head.tilted([side * 64, 44, 18], [6, 28, 30])])
      // Orbit: bone, fat, eye.
      head.add("skull", [head.tilted([side * 31, 77, 8], [23, 24, 21])])
      head.add("intermuscular_fat", [head.tilted([side * 32, 81, 8], [18, 25, 17])])
      head.add(
        "optic_nerve_\(name)",
        [head.tilted([side * 27, 65, 8], [2.5, 16, 2.5], [side * -0.3, 0, 0])])
      head.add("eye_\(name)", [head.tilted([side * 32, 87, 8], [12, 12.5, 12])], warp: 0.3)
      // Upper jaw with its sinus, cheek bone.
      head.add("skull", [head.tilted([side * 24, 82, -20], [19, 19, 20], square: 0.3)])
      head.tube(
        "skull",
        [[side * 40, 86, -10], [side * 56, 74, -8], [side * 64, 52, -7], [side * 65, 26, -4]].map(
          Self.turned),
        [8, 6, 3.5, 3.5])
      head.add(
        "airway", [head.tilted([side * 25, 80, -16], [13.5, 14, 15], square: 0.2)], over: ["skull"])
      head.tube(
        "mandible",
        [
          [side * 51, 28, -14], [side * 50, 36, -42], [side * 46, 48, -58], [side * 34, 78, -68],
          [side * 14, 102, -73], [0, 106, -74],
        ],
        [5.5, 5.5, 7, 7, 7, 8], stretch: 1.5)
    }
    // Palate, teeth, nose.
    add("skull", [tilted([0, 78, -34], [26, 26, 5], square: 0.5)])
    for k in 0..<13 {
      let angle = (Double(k) / 12 - 0.5) * 2.5
      for (z, r) in [(-43 + teeth, 3.4), (-53 + teeth, 3.2)] {
        tube(
          "skull",
          [
            [29 * sine(angle), 70 + 28 * cosine(angle), z - 4],
            [29 * sine(angle), 70 + 28 * cosine(angle), z + 4],
          ].map(Self.turned), [r, r])
      }
    }
    add(
      "tongue", [tilted([0, 74, -54], [23, 30, 19]), tilted([0, 60, -72], [16, 24, 14])], blend: 12)
    add(
      "airway", [tilted([8, 84, -14], [5, 30, 17]), tilted([-8, 84, -14], [5, 30, 17])], blend: 1)
    add("airway", [tilted([0, 78, 6], [11, 17, 9])], warp: 3)
    add("airway", [tilted([0, 46, 2], [12, 11, 9])], warp: 2, over: ["skull", "muscle"])
  }

  // MARK: - Cranium

  private mutating func cranium() {
    let wall = v.around(6.5, 1)
    let brain = [
      tilted([0, 6, 39], [63, 83, 56], square: 0.15), tilted([0, 50, 28], [42, 38, 33]),
      tilted([42, 18, 6], [21, 31, 21]), tilted([-42, 18, 6], [21, 31, 21]),
      tilted([0, -38, -8], [50, 35, 27]),
    ]
    func grown(_ by: Double) -> [Ellipsoid] {
      brain.map { part in
        var part = part
        part.radii += SIMD3(repeating: Float(by))
        return part
      }
    }
    let warp = v.warp(1.5)
    func shell(_ structure: String, _ parts: [Ellipsoid], _ over: Set<String>? = nil) {
      pieces.append(
        Piece(
          structure: structure, layer: .bone,
          shape: .solid(Solid(adds: parts, blend: 16, warp: warp)), over: over))
    }
    shell("skull", grown(wall))
    both { head, side, _ in
      // The petrous bones, and the air cells behind the ears.
      head.add(
        "skull",
        [
          head.tilted([side * 44, -2, -10], [26, 13, 13], [side * -0.5, 0, 0]),
          head.tilted([side * 58, -14, -20], [11, 15, 18]),
        ], blend: 10)
    }
    shell("cerebrospinal_fluid", grown(1.5))
    shell(
      "brain",
      brain.map { part in
        var part = part
        part.radii -= SIMD3(repeating: 2)
        return part
      })
    // Ventricles, and the fluid around the brainstem.
    both { head, side, _ in
      head.tube(
        "cerebrospinal_fluid",
        [[side * 9, 48, 36], [side * 11, 14, 46], [side * 22, -22, 34], [side * 28, 4, 14]].map(
          Self.turned),
        [4.5, 5, 6, 3])
      head.add(
        "airway", [head.tilted([side * 57, -14, -18], [7, 9, 12])], warp: 4, over: ["skull"])
      head.tube("airway", [[side * 52, 8, -14], [side * 78, 6, -16]], [3, 3.5])
    }
    // Fluid before the brainstem and around its lower end. Behind, it grows together with the
    // cerebellum but for the fourth ventricle.
    add(
      "cerebrospinal_fluid",
      [
        part([0, 10, 2], [17, 9, 24]), part([0, 0, -32], [13, 13, 14]),
        part([0, -14, -4], [6, 4, 9]),
      ], blend: 2, over: ["brain", "skull", "muscle"])
    add("brainstem", [part([0, 0, 0], [14, 12, 26], [0, -0.2, 0])])
  }

  // MARK: - Spine and airway

  private mutating func spine() {
    let levels: [(name: String, z: Double, half: Double, deep: Double)] = [
      ("T9", -398, 15, 14), ("T8", -375, 14.5, 14), ("T7", -352, 14, 13.5), ("T6", -329, 14, 13),
      ("T5", -306, 14, 12.5), ("T4", -284, 14, 12), ("T3", -262, 14, 11.5), ("T2", -241, 14, 11),
      ("T1", -220, 15, 10),
      ("C7", -200, 14, 9.5), ("C6", -181, 13.5, 9.5), ("C5", -163, 13, 9.5),
      ("C4", -145, 12.5, 9.5),
      ("C3", -127, 12.5, 9.5), ("C2", -106, 12, 9.5),
    ]
    // Heights above are those of a long neck; they are drawn in to end below the skull.
    for level in levels {
      let z = -52 + (level.z + 106) * 0.88
      let isNeck = level.name.hasPrefix("C")
      let size = Float(frame.scale.z) * (isNeck ? 0.92 : 0.95)
      let center = place([0, Self.cord(z), z]) + SIMD3(0, Vertebra.canalOffset * size, 0)
      pieces +=
        Vertebra(
          name: "vertebrae_\(level.name)", kind: isNeck ? .cervical : .thoracic, center: center,
          width: Float(level.half) * size, depth: Float(level.deep) * size,
          pitch: (isNeck ? 16.5 : 19) * Float(frame.scale.z), size: size
        ).pieces
    }
    // The atlas: a ring below the skull.
    let ring = (0...12).map { k -> SIMD3<Double> in
      let a = Double(k) / 12 * 2 * Double.pi
      return [22 * cosine(a), 3 + 17 * sine(a), -38]
    }
    tube("vertebrae_C1", ring, ring.map { _ in 5 }, stretch: 1.4)
    // The dens: from the body of C2 up behind the front of the ring.
    tube("vertebrae_C2", [[0, 15, -52], [0, 11, -42], [0, 11, -34]], [6.5, 5.5, 4.5])
    var canal: [SIMD3<Double>] = []
    for z in stride(from: -430.0, through: -24, by: 14) { canal.append([0, Self.cord(z), z]) }
    // Cords are drawn as the cord or as what fills the canal; bone may lie right behind the label.
    let wide = 8 * v.size(0.12)
    tube("spinal_canal", canal, canal.map { _ in wide })
    tube("spinal_cord", canal, canal.map { _ in 5 })
  }

  private mutating func airway() {
    let wide = v.size(0.2)
    tube(
      "airway",
      [[0, 52, -14], [0, 42, -36], [0, 40, -66], [0, 36, -92]], [9, 8, 8, 7].map { $0 * wide },
      stretch: 1.2)
    tube("airway", [[0, 36, -92], [0, 33, -120], [0, 29, -138]], [6 * wide, 4, 7])
    tube(
      "airway", [[0, 29, -138], [0, 18, -170], [0, 4, -215], [0, -12, -262]], [8, 8.5, 8.5, 8.5])
  }
}
