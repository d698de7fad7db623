/// How far a patient's neck and chest lie from where they lie on average, by height: read off the
/// labelled cord.
///
/// Necks are bent in as many ways as there are pillows: from 100 mm below the brainstem on, cords of two
/// patients lie 12-16 mm apart (standard deviation over 64 label maps), more than a canal is wide. So
/// spine, airway, vessels and outline go along with the cord.
struct NeckCurve: Sendable, Equatable {
  /// Displacements to the right and to the front, mm of the reference, by ascending reference height.
  private(set) var table: [(z: Double, shift: SIMD2<Double>)] = []

  /// The average neck.
  init() {}

  /// The curve of a map's labelled cord; the average neck where there is none.
  ///
  /// - Parameter cord: Y of the average cord by height Z.
  init(_ map: AnatomicalMap, frame: BodyFrame, cord: (Double) -> Double) {
    let ids = Set(map.ids(of: "spinal_cord"))
    if ids.isEmpty { return }
    let grid = map.labels.grid
    let spacing = grid.spacing
    // Sums of x, y and z over layers of 10 mm.
    let layer = 10.0
    var sums: [Int: SIMD4<Double>] = [:]
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        let column = grid.offset(x, y, 0)
        for z in 0..<grid.shape.z where map.labels.values[column + z] != 0 {
          guard ids.contains(map.labels.values[column + z]) else { continue }
          let p = SIMD3(Double(x), Double(y), Double(z)) * spacing
          let q = SIMD3(
            (p.x - frame.middle) / frame.scale.x, (p.y - frame.spine) / frame.scale.y,
            frame.height(of: p.z))
          sums[Int((q.z / layer).rounded(.down)), default: .zero] += SIMD4(q.x, q.y, q.z, 1)
        }
      }
    }
    let raw = sums.values.map { $0 / $0.w }.sorted { $0.z < $1.z }
    let shifts = raw.map { p in
      // At the skull nothing is bent; nobody's neck lies further off than this.
      let part = min(max((-30 - p.z) / 30, 0), 1)
      let off = SIMD2(p.x, p.y - cord(p.z))
      return (z: p.z, shift: part * pointwiseMin(pointwiseMax(off, [-25, -45]), [25, 45]))
    }
    // Drawn by hand, slice by slice: a mean over three layers.
    table = shifts.indices.map { i in
      let near = shifts[max(0, i - 1)...min(shifts.count - 1, i + 1)]
      let sum = near.reduce(SIMD2<Double>()) { $0 + $1.shift }
      return (shifts[i].z, sum / Double(near.count))
    }
    if let top = table.last, top.z < -30 { table.append((max(-30, top.z + layer), [0, 0])) }
  }

  /// A reference place moved along.
  func callAsFunction(_ p: SIMD3<Double>) -> SIMD3<Double> {
    if table.isEmpty { return p }
    let x = BodyFrame.interpolate(table.map { SIMD2($0.z, $0.shift.x) }, p.z)
    let y = BodyFrame.interpolate(table.map { SIMD2($0.z, $0.shift.y) }, p.z)
    return [p.x + x, p.y + y, p.z]
  }

  static func == (a: Self, b: Self) -> Bool {
    a.table.elementsEqual(b.table) { $0 == $1 }
  }
}
