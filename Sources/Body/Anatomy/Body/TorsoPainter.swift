import Support

/// Paints a torso into a canvas: layers of the wall, lungs, and pieces in their order.
struct TorsoPainter {
  var canvas: Canvas
  let frame: BodyFrame
  let envelope: BodyEnvelope

  /// Fat between and around what lies in the chest; `visceral_fat` once the map is done.
  static let mediastinum = "mediastinal_fat"
  private static let lungs: Set<String> = ["lung_left", "lung_right"]
  private static let wall: Set<String> = ["skin", "subcutaneous_fat", "muscle"]

  /// The canvas slice (continuous) of a height in mm.
  func slice(_ z: Float) -> Float { (z - canvas.origin.z) / canvas.spacing.z }

  /// Whether a place lies in the cavity, `depth` mm or more from its wall.
  func isInside(_ p: SIMD3<Float>, _ depth: Float) -> Bool {
    let d = SIMD2(p.x, p.y) - envelope.axis
    let angle = arctangent(y: Double(d.y), x: Double(d.x))
    return (d * d).sum().squareRoot() + depth
      < envelope.cavity.radius(angle: angle, slice: slice(p.z))
  }

  /// Paints air, skin, fat, muscle wall, and fat in the cavity.
  mutating func layers() {
    let skin = canvas.value("skin")
    let fat = canvas.value("subcutaneous_fat")
    let muscle = canvas.value("muscle")
    let inner = canvas.value("visceral_fat")
    let envelope = envelope
    let (origin, spacing, depth) = (canvas.origin, canvas.spacing, canvas.shape.z)
    canvas.forEachColumn(x: 0..<canvas.shape.x, y: 0..<canvas.shape.y, z: 0..<depth) {
      x, y, column in
      let dx = origin.x + spacing.x * Float(x) - envelope.axis.x
      let dy = origin.y + spacing.y * Float(y) - envelope.axis.y
      let r = (dx * dx + dy * dy).squareRoot()
      let (i, j, w) = PolarSurface.position(x: dx, y: dy)
      envelope.skin.values.withUnsafeBufferPointer { s in
        envelope.muscle.values.withUnsafeBufferPointer { m in
          envelope.cavity.values.withUnsafeBufferPointer { c in
            let (a, b) = (i * depth, j * depth)
            for z in 0..<depth {
              let rs = s[a + z] + (s[b + z] - s[a + z]) * w
              let rm = m[a + z] + (m[b + z] - m[a + z]) * w
              let rc = c[a + z] + (c[b + z] - c[a + z]) * w
              column[z] =
                r > rs
                ? 0
                : r > rs - BodyEnvelope.skinThickness
                  ? skin : r > rm ? fat : r > rc ? muscle : inner
            }
          }
        }
      }
    }
  }

  /// Paints the lungs above the diaphragm, and the mediastinum between them.
  mutating func lungs(_ diaphragm: Diaphragm, hasLungs: Bool, stream: RandomStream) {
    let left = canvas.value("lung_left")
    let right = canvas.value("lung_right")
    let between = canvas.value(Self.mediastinum)
    let inner = canvas.value("visceral_fat")
    let (origin, spacing, shape) = (canvas.origin, canvas.spacing, canvas.shape)
    let frame = frame
    // Each lung is rounded off at its apex by an ellipsoid about its own axis.
    let centers = [frame.place(-66, 40, 88), frame.place(66, 40, 88)]
    let radii = SIMD3<Float>(SIMD3(92, 132, 190) * frame.scale)
    canvas.forEachColumn(x: 0..<shape.x, y: 0..<shape.y, z: 0..<shape.z) { x, y, column in
      let floor = diaphragm.heights[y * shape.x + x]
      let px = origin.x + spacing.x * Float(x)
      let side = px > Float(frame.middle) ? 1 : 0
      let c = centers[side]
      let u = (px - c.x) / radii.x
      let v = (origin.y + spacing.y * Float(y) - c.y) / radii.y
      let flat = u * u + v * v
      let lung = side == 1 ? right : left
      for z in 0..<shape.z where column[z] == inner {
        let pz = origin.z + spacing.z * Float(z)
        if pz <= floor { continue }
        let w = pz > c.z ? (pz - c.z) / radii.z : 0
        column[z] = hasLungs && flat + w * w < 1 ? lung : between
      }
    }
    guard hasLungs else { return }
    var v = Variation(stream)
    func part(_ c: SIMD3<Double>, _ r: SIMD3<Double>, _ square: Float = 0) -> Ellipsoid {
      Ellipsoid(center: frame.place(c), radii: SIMD3<Float>(r * frame.scale), squareness: square)
    }
    let solid = Solid(
      adds: [
        part([0, 16, 150], [28, 42, 190], 0.5), part([-20, 92, 112], [62, 44, 50]),
        part([2, 74, 160], [46, 40, 60]), part([4, 122, 170], [17, 46, 110]),
        part([6, 62, 265], [42, 44, 60]),
      ], blend: 22, warp: v.warp(3))
    canvas.paint(solid, as: between, onto: canvas.table { Self.lungs.contains($0) })
  }

  /// Paints pieces in order; `ceiling` is the diaphragm's underside by column, mm.
  mutating func paint(_ pieces: [Piece], ceiling: [Float]) {
    for piece in pieces {
      let value = canvas.value(piece.structure)
      let onto = canvas.table { name in
        if let over = piece.over { return over.contains(name) }
        let structure = StructureCatalog.standard[name]
        let isBeyondSkin = structure?.isOutside == true || name == "skin"
        let isOutside = isBeyondSkin || name == "subcutaneous_fat"
        let isChest = Self.lungs.contains(name) || name == Self.mediastinum
        let isWall = Self.wall.contains(name) || structure?.tissue == "muscle"
        switch piece.layer {
        case .abdomen: return !isOutside && !isWall && !isChest
        case .chest: return isChest
        case .through: return !isOutside && !isWall
        case .muscle:
          return name == "visceral_fat" || name == "muscle" || name == "subcutaneous_fat" || isChest
        case .bone: return !isBeyondSkin
        }
      }
      let top = piece.layer == .abdomen ? ceiling : nil
      switch piece.shape {
      case .solid(let solid):
        canvas.paint(solid, as: value, onto: onto, floor: piece.floor, ceiling: top)
      case .tube(let tube):
        canvas.paint(tube, as: value, onto: onto, floor: piece.floor, ceiling: top)
      }
    }
  }
}
