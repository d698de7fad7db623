import Support

/// Arms that lie beside a trunk, for scans of those who cannot raise them.
///
/// Each is a chain of round cones from the shoulder over the elbow to the hand: skin, fat, muscle, and the bone of the
/// upper arm, or the two of the forearm. It lies against the trunk's skin, on the table at the elbow, and the
/// hand anywhere between the table and the hip. Radii are those of adults: 48 mm at the upper arm (a girth of 300 mm),
/// 28 mm at the wrist.
struct Arms: Sendable {
  private struct Arm {
    var skin: Tube
    var fat: Float
    var upper: Tube
    var lower: [Tube]
    var bone: String
  }
  private var arms: [Arm] = []

  /// Draws the arms of a trunk.
  ///
  /// - Parameters:
  ///   - back: canvas y of the table, mm.
  ///   - slices: canvas z of the envelope's slices, mm.
  ///   - known: sides with a bone that is known are left out.
  init(
    frame: BodyFrame, envelope: BodyEnvelope, back: Float, slices: [Float],
    known: KnownStructures, stream: RandomStream
  ) {
    for (name, side) in [("right", Float(1)), ("left", Float(-1))] {
      let bone = "humerus_\(name)"
      if known.has(bone) { continue }
      var v = Variation(stream.split(name))
      let size = Float(v.size(0.1)) * Float(frame.scale.x)
      let gap = Float(v.uniform(2...18))
      let lift = Float(v.uniform(0...90))
      var points: [SIMD3<Float>] = []
      var radii: [Float] = []
      for (z, radius, raised) in Self.course {
        let place = frame.place(0, 0, z)
        let r = Float(radius) * size
        let beside = Self.halfWidth(of: envelope, on: side, at: place.z, slices: slices)
        // The shoulder is part of the trunk; below it the arm lies against the skin.
        let x = envelope.axis.x + side * (z > 240 ? beside - 0.6 * r : beside + r + gap)
        let y = z > 240 ? envelope.axis.y - 10 : back + r + 6 + Float(raised) * lift
        points.append([x, y, place.z])
        radii.append(r)
      }
      let elbow = Self.elbow
      let upper = Array(points[...elbow])
      let lower = Array(points[elbow...])
      let bones: [Tube] = [-0.3, 0.3].map { shift in
        .smooth(
          lower.enumerated().map { k, p in
            p + SIMD3(0, Float(shift) * radii[elbow + k], 0)
          }, [Float](repeating: 6 * size, count: lower.count))
      }
      arms.append(
        Arm(
          skin: .smooth(points, radii), fat: Float(v.uniform(3...9)),
          upper: .smooth(upper, [Float](repeating: 11 * size, count: upper.count)), lower: bones,
          bone: bone))
    }
  }

  /// Reference height, radius, and how far it follows the hand upwards, from the shoulder to the fingers.
  private static let course: [(z: Double, radius: Double, raised: Double)] = [
    (268, 50, 0), (225, 50, 0), (150, 48, 0), (70, 46, 0), (-10, 44, 0), (-40, 45, 0.05),
    (-100, 42, 0.3), (-170, 35, 0.6), (-240, 28, 0.9), (-290, 30, 1), (-340, 22, 1),
  ]
  private static let elbow = 4

  /// How far the trunk reaches to a side at a height, mm from the axis.
  private static func halfWidth(
    of envelope: BodyEnvelope, on side: Float, at z: Float, slices: [Float]
  ) -> Float {
    let depth = slices.count
    let step = depth > 1 ? slices[1] - slices[0] : 1
    let slice = min(max(Int(((z - slices[0]) / step).rounded()), 0), depth - 1)
    var most: Float = 0
    for i in 0..<PolarSurface.angles {
      let c = Float(cosine(PolarSurface.angle(i))) * side
      if c > 0.6 { most = max(most, c * envelope.skin.values[i * depth + slice]) }
    }
    return most
  }

  /// The extent along x, mm; `nil` where there are none.
  var reach: ClosedRange<Float>? {
    let places = arms.flatMap { arm in
      zip(arm.skin.points, arm.skin.radii).flatMap { [$0.x - $1, $0.x + $1] }
    }
    guard let low = places.min(), let high = places.max() else { return nil }
    return low...high
  }

  /// Paints the arms into the air of a canvas.
  func paint(into canvas: inout Canvas) {
    var own = Canvas(
      shape: canvas.shape, spacing: canvas.spacing, origin: canvas.origin, workers: canvas.workers)
    let all = [Bool](repeating: true, count: 256)
    for arm in arms {
      func thinner(_ depth: Float) -> Tube {
        var tube = arm.skin
        tube.radii = tube.radii.map { max($0 - depth, 4) }
        return tube
      }
      own.paint(arm.skin, as: own.value("skin"), onto: all)
      own.paint(thinner(2), as: own.value("subcutaneous_fat"), onto: all)
      own.paint(thinner(2 + arm.fat), as: own.value("muscle"), onto: all)
      for bone in [arm.upper] + arm.lower { own.paint(bone, as: own.value(arm.bone), onto: all) }
    }
    canvas.fillAir(from: own)
  }
}
