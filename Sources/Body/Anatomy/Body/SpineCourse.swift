import Support

/// How far a patient's spine lies from that of the fitted reference torso, by height: read off the labelled aorta and
/// inferior vena cava.
///
/// A frame places the spine to within a centimetre or so, and an aorta that runs through the vertebrae it lies on is like
/// no patient's. Both vessels lie on the bodies of the vertebrae, the aorta all the way from the chest to its division.
/// So the front of each body is laid behind them, and canal, ribs and the muscles along the spine go with it.
struct SpineCourse: Sendable, Equatable {
  /// Displacements to the right and to the front, mm of the reference, by ascending reference height.
  private var table: [(z: Double, shift: SIMD2<Double>)] = []

  /// The course of the reference torso.
  init() {}

  /// Whether the spine runs as the reference torso's.
  var isStandard: Bool { table.isEmpty }

  /// Displacement at a reference height, mm of the reference.
  func shift(_ z: Double) -> SIMD2<Double> {
    if table.isEmpty { return .zero }
    return [
      BodyFrame.interpolate(table.map { SIMD2($0.z, $0.shift.x) }, z),
      BodyFrame.interpolate(table.map { SIMD2($0.z, $0.shift.y) }, z),
    ]
  }

  static func == (a: Self, b: Self) -> Bool { a.table.elementsEqual(b.table) { $0 == $1 } }
}

extension SpineCourse {
  /// Heights between which the aorta lies before or beside the spine: below its arch, above its division.
  private static let heights = -115.0...175.0
  /// Fat and ligament between a vessel and the bone, mm.
  private static let gap = 2.5
  /// Nobody's spine lies further off the fitted one than this, mm.
  private static let most: (low: SIMD2<Double>, high: SIMD2<Double>) = ([-18, -32], [18, 22])
  /// Standard deviation, mm of height, of the weights with which slices are averaged: half a vertebra.
  private static let smoothness = 16.0
  /// Below and above the vessels the course goes back to the reference torso's over so many mm.
  private static let ends: (below: Double, above: Double) = (80, 110)

  /// A cross-section of a vessel, canvas mm.
  private struct Section {
    var height: Double
    var center: SIMD2<Double>
    var radius: Double
  }

  /// The course that labelled vessels ask for; the reference torso's where there is no aorta, or where vertebrae are
  /// labelled: the frame is fitted to those, and they say more about the spine than vessels do.
  init(_ map: AnatomicalMap, frame: BodyFrame) {
    let bones = TorsoAnatomy.standard.vertebrae.map(\.structure)
    guard Set(map.structures.values).isDisjoint(with: bones) else { return }
    let aorta = Self.sections(of: "aorta", in: map, frame: frame)
    guard aorta.count > 2 else { return }
    let cava = Self.sections(of: "inferior_vena_cava", in: map, frame: frame)
    // Above the kidneys the vena cava leaves the spine for the liver.
    let low = cava.filter { $0.height < -10 }
    let place = OrganAnatomy.standard
    let first = aorta.map(\.height).min()!
    let last = aorta.map(\.height).max()!
    let knots = Array(stride(from: first, through: last, by: 12))
    let across = knots.map { z -> Double in
      let sides = [(aorta, "aorta", 1.0), (low, "inferior_vena_cava", 0.5)].map {
        sections, name, weight in
        let beside = place.alongSpine(name).map { SIMD2($0.x, $0.y) }.sorted { $0.x < $1.x }
        return Self.mean(sections, at: z, weight: weight) { section in
          section.center.x - frame.middle
            - frame.scale.x * frame.vertebra(section.height).x
            - frame.scale.z * BodyFrame.interpolate(beside, section.height)
        }
      }
      let weight = sides[0].weight + sides[1].weight
      // A vessel that lies far to one side is as often a tortuous one as a crooked spine.
      return weight > 0 ? 0.6 * (sides[0].sum + sides[1].sum) / weight : 0
    }
    func fronts(_ sections: [Section]) -> [(section: Section, value: Double)] {
      sections.compactMap { section in
        let x = BodyFrame.interpolate(
          zip(knots, across).map { SIMD2($0, $1) }, section.height)
        return Self.setback(of: section, across: x, frame: frame).map { (section, $0) }
      }
    }
    let behind = fronts(aorta)
    let pushes = fronts(low)
    guard !behind.isEmpty else { return }
    table = zip(knots, across).map { z, x in
      let own = Self.mean(behind.map(\.section), values: behind.map(\.value), at: z)
      let other = Self.mean(pushes.map(\.section), values: pushes.map(\.value), at: z)
      var y = own.sum / own.weight
      if other.weight > 0.5 { y = min(y, other.sum / other.weight) }
      let shift = SIMD2(x, y).clamped(lowerBound: Self.most.low, upperBound: Self.most.high)
      return (z, shift / SIMD2(frame.scale.x, frame.scale.y))
    }
    table.insert((first - Self.ends.below, .zero), at: 0)
    table.append((last + Self.ends.above, .zero))
  }

  /// How far the front of the vertebra behind a vessel moves so that the vessel lies on it, mm; `nil` where the vessel
  /// lies beside it.
  private static func setback(of section: Section, across: Double, frame: BodyFrame) -> Double? {
    let anatomy = TorsoAnatomy.standard
    let z = section.height
    let size = frame.scale.z
    let center = frame.place(SIMD3(frame.vertebra(z).x, frame.vertebra(z).y, z))
    let width = BodyFrame.interpolate(anatomy.vertebra_width, z) * size
    let depth = BodyFrame.interpolate(anatomy.vertebra_depth, z) * size
    let front = Double(center.y) + Double(Vertebra.bodyOffset) * size + depth
    // Bodies are flat in front to three quarters of their width.
    let beside = max(abs(section.center.x - Double(center.x) - across) - 0.75 * width, 0)
    guard beside < section.radius else { return nil }
    let back = (section.radius * section.radius - beside * beside).squareRoot()
    return section.center.y - back - gap - front
  }

  /// Cross-sections slice by slice, without those of an arch or a stump.
  private static func sections(
    of structure: String, in map: AnatomicalMap, frame: BodyFrame
  ) -> [Section] {
    let ids = Set(map.ids(of: structure))
    if ids.isEmpty { return [] }
    let grid = map.labels.grid
    let spacing = grid.spacing
    // Sums of x, y and the count, slice by slice.
    var sums = [SIMD3<Double>](repeating: .zero, count: grid.shape.z)
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        let column = grid.offset(x, y, 0)
        for z in 0..<grid.shape.z where map.labels.values[column + z] != 0 {
          guard ids.contains(map.labels.values[column + z]) else { continue }
          sums[z] += SIMD3(Double(x), Double(y), 1)
        }
      }
    }
    let counts = sums.map(\.z).filter { $0 > 0 }.sorted()
    guard let median = counts.isEmpty ? nil : counts[counts.count / 2] else { return [] }
    return sums.indices.compactMap { z in
      let sum = sums[z]
      let height = frame.height(of: Double(z) * spacing.z)
      guard sum.z > 0.3 * median, sum.z < 2 * median, heights.contains(height) else { return nil }
      return Section(
        height: height, center: SIMD2(sum.x, sum.y) / sum.z * SIMD2(spacing.x, spacing.y),
        radius: (sum.z * spacing.x * spacing.y / Double.pi).squareRoot())
    }
  }

  /// Weighted sum of a value near a height, and the sum of the weights.
  private static func mean(
    _ sections: [Section], at z: Double, weight: Double = 1, value: (Section) -> Double
  ) -> (sum: Double, weight: Double) {
    let sums = mean(sections, values: sections.map(value), at: z)
    return (weight * sums.sum, weight * sums.weight)
  }

  private static func mean(
    _ sections: [Section], values: [Double], at z: Double
  ) -> (sum: Double, weight: Double) {
    var (sum, total) = (0.0, 0.0)
    for (section, value) in zip(sections, values) {
      let d = (section.height - z) / smoothness
      let weight = exponential(-0.5 * d * d)
      sum += weight * value
      total += weight
    }
    return (sum, total)
  }
}
