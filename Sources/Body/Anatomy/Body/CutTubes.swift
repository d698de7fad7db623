import Support
import Volumes

/// Vessels and other tubes that an end of a label map cuts, with the course that they take beyond it.
///
/// The course is that of the reference body in the map's frame, joined to the cut: at a height h beyond it, place and radius
/// are moved by what they lack at the cut times `exp(-h / 60 mm)`. So the tube leaves the map where, and as wide as, it
/// is labelled, and turns into the reference body's.
struct CutTubes: Sendable {
  /// One of them.
  struct Part: Sendable {
    var structure: String
    var id: UInt16
    var tube: Tube
  }
  /// Tubes that the lower end cuts.
  private(set) var below: [Part] = []
  /// Tubes that the upper end cuts.
  private(set) var above: [Part] = []

  /// Structures whose course beyond a cut is known well enough: one tube along the body.
  private static let structures: Set<String> = [
    "aorta", "inferior_vena_cava", "esophagus", "iliac_artery_left", "iliac_artery_right",
    "iliac_vena_left", "iliac_vena_right", "spinal_cord",
  ]
  /// How far the joint is felt, mm.
  private static let reach = 60.0
  /// A course that lies further off the cut is another's, mm.
  private static let farthest: Float = 40

  /// Finds the tubes that are cut.
  init(_ map: AnatomicalMap, workers: Workers) {
    let shown = map.structures.filter { Self.structures.contains($0.value) }
    guard !shown.isEmpty else { return }
    let labelled = map.labelledSlices ?? 0..<map.labels.grid.shape.z
    let cuts = [
      (slice: labelled.lowerBound, isAbove: false), (slice: labelled.upperBound - 1, isAbove: true),
    ].map { end in
      shown.sorted { $0.key < $1.key }.compactMap { id, name in
        Cut(map.labels, id: id, slice: end.slice).map { (id, name, end.isAbove, $0) }
      }
    }.flatMap { $0 }
    guard !cuts.isEmpty else { return }
    let courses = Self.courses(around: map, workers: workers)
    for (id, name, isAbove, cut) in cuts {
      guard let tube = courses[name].flatMap({ cut.joined(to: $0, isAbove: isAbove) }) else {
        continue
      }
      let part = Part(structure: name, id: id, tube: tube)
      if isAbove { above.append(part) } else { below.append(part) }
    }
  }

  /// The tubes of the reference body in the frame of a map, by structure.
  private static func courses(around map: AnatomicalMap, workers: Workers) -> [String: Tube] {
    let (extents, heights) = (
      BodyFrameFit.extents(of: map, workers: workers), map.labelledHeights
    )
    let field = map.labels.grid.extent
    let stream = RandomStream(seed: 0)
    let pieces: [Piece]
    if HeadNeck.isShown(by: map.structures.values) {
      let frame = HeadNeck.fit(extents, field: field, heights: heights)
      pieces = HeadNeck.pieces(
        frame: frame, curve: HeadNeck.curve(of: map, frame: frame), stream: stream)
    } else {
      var frame = BodyFrameFit.fit(
        extents, field: field, middle: (heights.lowerBound + heights.upperBound) / 2, outline: nil,
        stream: stream)
      frame.bow = .zero
      pieces = TorsoOrgans.pieces(frame: frame, stream: stream)
    }
    var courses: [String: Tube] = [:]
    for piece in pieces where structures.contains(piece.structure) {
      if case .tube(let tube) = piece.shape { courses[piece.structure] = tube }
    }
    return courses
  }

  /// Where a structure meets an end of the map.
  private struct Cut {
    var middle: SIMD3<Float>
    var radius: Float

    /// Measures a structure on a slice; `nil` where it is not there, or in several places.
    init?(_ labels: LabelMap, id: UInt16, slice z: Int) {
      let (shape, spacing) = (labels.grid.shape, labels.grid.spacing)
      var places: [SIMD2<Float>] = []
      for y in 0..<shape.y {
        for x in 0..<shape.x where labels[x, y, z] == id {
          places.append([Float(Double(x) * spacing.x), Float(Double(y) * spacing.y)])
        }
      }
      guard !places.isEmpty else { return nil }
      let center = places.reduce(SIMD2<Float>(), +) / Float(places.count)
      radius = (Float(places.count) * Float(spacing.x * spacing.y) / .pi).squareRoot()
      // Two cross-sections, as of an arch, lie far from their common middle.
      let limit = 2.5 * radius + Float(spacing.x + spacing.y)
      guard places.allSatisfy({ (($0 - center) * ($0 - center)).sum() < limit * limit }) else {
        return nil
      }
      middle = [center.x, center.y, Float(Double(z) * spacing.z)]
    }

    /// The course from here on; `nil` where it does not pass near.
    func joined(to course: Tube, isAbove: Bool) -> Tube? {
      func beside(_ i: Int) -> Float {
        let d = SIMD2(course.points[i].x - middle.x, course.points[i].y - middle.y)
        return (d * d).sum().squareRoot()
      }
      let near = course.points.indices.filter { abs(course.points[$0].z - middle.z) < 12 }
      guard let start = near.min(by: { beside($0) < beside($1) }), beside(start) < farthest else {
        return nil
      }
      // Along the chain to the side on which it leaves the map.
      let sign: Float = isAbove ? 1 : -1
      func leaves(_ step: Int) -> Bool {
        let next = start + 2 * step
        return course.points.indices.contains(next)
          && sign * (course.points[next].z - course.points[start].z) > 0
      }
      let order: [Int]
      if leaves(1) {
        order = Array(start..<course.points.count)
      } else if leaves(-1) {
        order = Array((0...start).reversed())
      } else {
        return nil
      }
      let shift = middle - course.points[start]
      let wider = radius / course.radii[start] - 1
      var tube = Tube(points: [], radii: [], stretch: course.stretch)
      for i in order {
        let p = course.points[i]
        let weight = Float(exponential(-Double(abs(p.z - middle.z)) / reach))
        tube.points.append([p.x + weight * shift.x, p.y + weight * shift.y, p.z])
        tube.radii.append(course.radii[i] * (1 + weight * wider))
      }
      // From inside the map, so that the first slice beyond it is whole.
      tube.points.insert([middle.x, middle.y, middle.z - sign * radius], at: 0)
      tube.radii.insert(radius, at: 0)
      return tube
    }
  }
}

extension AnatomicalMap {
  /// Draws the tubes that an end cuts on the slices beyond it, as labels.
  mutating func continueTubes(_ cut: CutTubes, workers: Workers) {
    guard let labelled = labelledSlices else { return }
    let (shape, spacing) = (labels.grid.shape, SIMD3<Float>(labels.grid.spacing))
    // Copied out and back: every change of `labels` in place would forget the census anew.
    var own = labels
    for (parts, slices) in [
      (cut.below, 0..<labelled.lowerBound), (cut.above, labelled.upperBound..<shape.z),
    ] where !parts.isEmpty && !slices.isEmpty {
      var canvas = Canvas(
        shape: [shape.x, shape.y, slices.count], spacing: spacing,
        origin: [0, 0, spacing.z * Float(slices.lowerBound)], workers: workers)
      var ids: [UInt16] = [0]
      for part in parts {
        let value = canvas.value(part.structure)
        if ids.count <= Int(value) { ids.append(part.id) }
        canvas.paint(part.tube, as: value, onto: canvas.table { $0 == "air" })
        continuedStructures.insert(part.structure)
      }
      for column in 0..<shape.x * shape.y {
        for z in 0..<slices.count {
          let value = canvas.values[column * slices.count + z]
          if value != 0 {
            own.values[column * shape.z + slices.lowerBound + z] = ids[Int(value)]
          }
        }
      }
    }
    labels = own
  }
}
