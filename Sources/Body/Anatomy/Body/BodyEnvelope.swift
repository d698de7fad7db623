import Support

/// The nested outlines of a body: skin, muscle wall, cavity; each a polar surface about one axis.
///
/// From outside to inside: air | skin | subcutaneous fat | muscle and ribs | cavity.
struct BodyEnvelope: Sendable {
  /// The axis that all surfaces run around, canvas mm.
  var axis: SIMD2<Float>
  /// Where the body ends.
  var skin: PolarSurface
  /// Where fat meets muscle.
  var muscle: PolarSurface
  /// Where the wall meets the inner organs.
  var cavity: PolarSurface

  /// Thickness of the skin, mm.
  static let skinThickness: Float = 2

  /// What labels ask of the outlines: the greatest distance (mm) from the axis, by angle and slice.
  struct Need: Sendable {
    /// Of organs inside the cavity.
    var organs: PolarSurface
    /// Of bones and muscles of the wall.
    var wall: PolarSurface
    /// The skin itself, where the map shows the body.
    var skin: PolarSurface?
  }

  /// How a patient is built, drawn once.
  struct Build: Sendable {
    /// Subcutaneous fat at the side, mm.
    var fat: Double
    /// Fat in front and behind relative to the side.
    var fatFront: Double
    var fatBack: Double
    /// Muscle wall relative to the average.
    var muscle: Double
    /// Deviations of the outline: amplitude (relative), phase and rate along z by harmonic.
    var waves: [(amplitude: Double, phase: Double, rate: Double)]
    /// Deviations of the fat's thickness around the body, by harmonic: even ones are symmetric.
    var fatWaves: [(amplitude: Double, phase: Double)]
    /// Squareness of the outline: exponent of the superellipse.
    var exponent: Double

    init(stream: RandomStream) {
      var stream = stream
      // Log-normal about 13 mm: from lean (6) to stout (30).
      fat = 13 * exponential(stream.gaussian(mean: 0, deviation: 0.4, cut: 2.2))
      fatFront = stream.uniform(0.8...1.5)
      fatBack = stream.uniform(0.7...1.2)
      muscle = stream.uniform(0.85...1.2)
      exponent = stream.uniform(2.15...2.6)
      fatWaves = (1...5).map { harmonic in
        (
          stream.gaussian(mean: 0, deviation: 0.16 / Double(harmonic).squareRoot(), cut: 2),
          stream.gaussian(mean: 0, deviation: 0.35, cut: 2)
        )
      }
      waves = (2...6).map { harmonic in
        (
          stream.gaussian(mean: 0, deviation: 0.018 / Double(harmonic), cut: 2),
          stream.uniform(0...6.28), stream.uniform(-0.008...0.008)
        )
      }
    }
  }

  /// Builds the outlines of a map of which parts may be unlabelled: an outline that the map shows fades there into
  /// that of a drawn body, to a third over 60 mm.
  ///
  /// - Parameter unlabelled: the slices at the ends on which the map shows nothing.
  init(
    frame: BodyFrame, build: Build, need: Need, slices: [Float], spacing: Float,
    unlabelled: UnlabelledSlices, limit: ((Double) -> Float)?
  ) {
    guard let shown = need.skin, !unlabelled.isEmpty, !unlabelled.labelled.isEmpty else {
      self.init(
        frame: frame, build: build, need: need, slices: slices, spacing: spacing, limit: limit)
      return
    }
    let depth = slices.count
    var held = need
    held.skin!.update { _, i, z in shown.values[i * depth + unlabelled.nearest(z)] }
    var drawn = need
    drawn.skin = nil
    self.init(
      frame: frame, build: build, need: held, slices: slices, spacing: spacing, limit: limit)
    let other = BodyEnvelope(
      frame: frame, build: build, need: drawn, slices: slices, spacing: spacing, limit: limit)
    func fade(_ surface: inout PolarSurface, into target: PolarSurface) {
      let own = surface.values
      surface.update { value, i, z in
        let edge = unlabelled.nearest(z)
        if edge == z { return value }
        let weight = Float(exponential(-Double(abs(z - edge)) * Double(spacing) / 60))
        let step = own[i * depth + edge] - target.values[i * depth + edge]
        return max(0, target.values[i * depth + z] + weight * step)
      }
    }
    fade(&skin, into: other.skin)
    fade(&muscle, into: other.muscle)
    fade(&cavity, into: other.cavity)
  }

  /// Builds the outlines.
  ///
  /// - Parameters:
  ///   - slices: canvas z (mm) of every slice.
  ///   - limit: distance (mm) from the axis to the edge of the field of view by angle; the body keeps
  ///     inside where its labels let it.
  init(
    frame: BodyFrame, build: Build, need: Need?, slices: [Float], spacing: Float,
    limit: ((Double) -> Float)?
  ) {
    axis = frame.axis
    let anatomy = TorsoAnatomy.standard
    let depth = slices.count
    let heights = slices.map { frame.height(of: Double($0)) }
    let perSlice = 1 / spacing

    // The cavity of the reference torso: 134 to either side, 103 to the front, 93 to the back.
    func outline(_ angle: Double, _ a: Double, _ front: Double, _ back: Double) -> Double {
      let c = abs(cosine(angle))
      let s = sine(angle)
      let b = s >= 0 ? front : back
      let n = build.exponent
      return power(power(c / a, n) + power(abs(s) / b, n), -1 / n)
    }
    var cavity = PolarSurface(depth: depth) { angle, z in
      let h = heights[z]
      let t = BodyFrame.interpolate(anatomy.cavity, h)
      // Depth tapers less than width, least of all in the pelvis.
      let deep = h < -100 ? 0.35 + 0.65 * t : 0.25 + 0.75 * t
      var r = outline(
        angle, 134 * t * frame.scale.x, 103 * deep * frame.scale.y, 93 * deep * frame.scale.y)
      for (k, wave) in build.waves.enumerated() {
        r *= 1 + wave.amplitude * cosine(Double(k + 2) * angle + wave.phase + wave.rate * h)
      }
      return Float(r)
    }
    if let need {
      var inner = need.organs
      inner.update { value, _, _ in value > 0 ? value + 2 : 0 }
      cavity = cavity.holding(inner, angles: 5, slices: 8 * perSlice)
    }

    // Thickness of the wall and of the fat.
    let wall = PolarSurface(depth: depth) { angle, z in
      Float(Self.wallThickness(angle: angle, height: heights[z]) * build.muscle)
    }
    let fat = PolarSurface(depth: depth) { angle, z in
      Float(build.fat * Self.fatShape(angle: angle, height: heights[z], build))
    }

    if let given = need?.skin {
      skin = given
      let inner = need!.organs
      let bones = need!.wall
      // Where the wall's bones are labelled they tell how much fat lies on them.
      var gaps: [Float] = []
      for i in 0..<PolarSurface.angles {
        for z in 0..<depth where (0...130).contains(heights[z]) {
          let bone = bones.values[i * depth + z]
          // At the sides: the back has muscle between.
          if bone > 40, abs(sine(PolarSurface.angle(i))) < 0.7 {
            gaps.append(given.values[i * depth + z] - bone)
          }
        }
      }
      var scale: Float = 1
      if gaps.count > 200 {
        gaps.sort()
        scale = min(max((gaps[gaps.count / 3] - 6) / Float(build.fat), 0.3), 4)
      }
      let depth = depth
      var muscle = PolarSurface(depth: depth)
      muscle.update { _, i, z in
        let k = i * depth + z
        let room = max(
          given.values[k] - max(inner.values[k], bones.values[k]) - Self.skinThickness, 0)
        return given.values[k] - Self.skinThickness - min(fat.values[k] * scale, 0.6 * room)
      }
      muscle = muscle.smoothed(angles: 2.5, slices: 4 * perSlice)
      self.muscle = muscle
      cavity.update { value, i, z in
        let k = i * depth + z
        let most = max(muscle.values[k] - wall.values[k], inner.values[k] + 1)
        return min(most, muscle.values[k] - 3)
      }
      self.cavity = cavity.smoothed(angles: 1.5, slices: 2 * perSlice)
      return
    }

    muscle = cavity
    muscle.update { value, i, z in value + wall.values[i * depth + z] }
    if let need {
      var outer = need.wall
      outer.update { value, _, _ in value > 0 ? value + 3 : 0 }
      muscle = muscle.holding(outer, angles: 4, slices: 6 * perSlice)
    }
    // Skin follows the trunk, not the tapering cavity: shoulders are muscle, hips are fat in which
    // the muscles of the buttocks lie.
    let side = (134 + 11 * build.muscle) * frame.scale.x
    let front = (103 + 9 * build.muscle) * frame.scale.y
    let back = (93 + 20 * build.muscle) * frame.scale.y
    let trunk = PolarSurface(depth: depth) { angle, z in
      let t = BodyFrame.interpolate(anatomy.trunk, heights[z])
      let flat =
        heights[z] > 230 ? BodyFrame.interpolate([[230, 1], [290, 0.75]], heights[z]) : 1
      return Float(outline(angle, side * t, front * min(t, 1) * flat, back * min(t, 1) * flat))
    }
    muscle.update { value, i, z in
      heights[z] > 60 ? max(value, trunk.values[i * depth + z]) : value
    }
    muscle = muscle.smoothed(angles: 2, slices: 4 * perSlice)
    let muscleNow = muscle
    func thinner(_ share: Float) -> PolarSurface {
      var skin = muscleNow
      skin.update { value, i, z in
        let k = i * depth + z
        return max(value, trunk.values[k]) + fat.values[k] * share + Self.skinThickness
      }
      return skin.smoothed(angles: 4, slices: 8 * perSlice)
    }
    // Fields of view are chosen to hold the body: a body that would not fit is a leaner one.
    var skin = thinner(1)
    for share in [Float(0.75), 0.55, 0.4, 0.3] {
      guard let limit else { break }
      var outside = 0
      for i in 0..<PolarSurface.angles {
        let edge = limit(PolarSurface.angle(i))
        for z in 0..<depth where skin.values[i * depth + z] > edge { outside += 1 }
      }
      if outside * 50 < skin.values.count { break }
      skin = thinner(share)
    }
    self.skin = skin
    self.cavity = cavity
  }

  /// Average thickness of the muscle wall, mm: thin over the ribs and in front, thick at the back.
  private static func wallThickness(angle: Double, height: Double) -> Double {
    let s = sine(angle)
    let chest = BodyFrame.interpolate([[-20, 0], [50, 1]], height)
    let side = 12 * (1 - chest) + 9.5 * chest
    let front = 9 * (1 - chest) + 10 * chest
    let back = 17.0
    let base = s > 0 ? side + (front - side) * s * s : side + (back - side) * s * s
    // The rectus: two bands beside the midline in front.
    let fromFront = abs(angle - Double.pi / 2)
    let rectus = height < 60 && fromFront < 0.55 && fromFront > 0.06 ? 2.0 : 0
    return base + rectus
  }

  /// Fat relative to the side: more at the loins and the belly, less over the ribs.
  private static func fatShape(angle: Double, height: Double, _ build: Build) -> Double {
    let s = sine(angle)
    let around = s > 0 ? 1 + (build.fatFront - 1) * s : 1 + (build.fatBack - 1) * -s
    let along = BodyFrame.interpolate(TorsoAnatomy.standard.fat, height)
    // Harmonics of the angle from the front: cosines are the same on both sides.
    var wave = 1.0
    for (k, term) in build.fatWaves.enumerated() {
      wave += term.amplitude * cosine(Double(k + 1) * (angle - Double.pi / 2) + term.phase)
    }
    // A furrow along the spine, and one along the middle of the belly.
    let furrow =
      (1 - 0.4 * exponential(-power((angle - 1.5 * Double.pi) / 0.16, 2)))
      * (1 - 0.15 * exponential(-power((angle - 0.5 * Double.pi) / 0.1, 2)))
    return around * along * furrow * min(max(wave, 0.45), 1.8)
  }
}
