import Support
import Testing
import Volumes
@testable import Anatomy

@Suite struct HeadNeckTests {
  private let workers = Workers(count: 2)

  /// Brainstem, cord, parotids and mandible as blocks where they lie in a head.
  private func map() -> AnatomicalMap {
    let grid = Grid(shape: [100, 100, 80], spacing: [4, 4, 4])
    var labels = LabelMap(grid: grid, repeating: 0)
    /// A block about a place in mm from the brainstem, which lies at voxel (50, 48, 52).
    func block(_ id: UInt16, _ center: SIMD3<Int>, _ half: SIMD3<Int>) {
      for y in center.y - half.y...center.y + half.y {
        for x in center.x - half.x...center.x + half.x {
          for z in center.z - half.z...center.z + half.z {
            labels[50 + x / 4, 48 + y / 4, 52 + z / 4] = id
          }
        }
      }
    }
    block(1, [0, 0, 0], [14, 12, 24])
    block(2, [0, -12, -80], [5, 5, 50])
    block(3, [59, 26, -40], [10, 14, 22])
    block(4, [-59, 26, -40], [10, 14, 22])
    block(7, [0, 100, -66], [20, 8, 10])
    return AnatomicalMap(
      name: "head", labels: labels,
      structures: [
        1: "brainstem", 2: "spinal_cord", 3: "parotid_gland_right", 4: "parotid_gland_left",
        7: "mandible",
      ])
  }

  @Test func isToldFromTheTrunk() {
    #expect(HeadNeck.isShown(by: ["brainstem", "mandible"]))
    #expect(!HeadNeck.isShown(by: ["liver", "spleen"]))
    #expect(!HeadNeck.isShown(by: ["brain", "liver"]))
    #expect(!HeadNeck.isShown(by: ["spinal_cord"]))
  }

  @Test func frameFindsTheBrainstem() {
    let map = map()
    let frame = HeadNeck.fit(
      BodyFrameFit.extents(of: map, workers: workers), field: map.labels.grid.extent)
    // Voxel (50, 48, 52) of 4 mm; blocks are cut to voxels and the prior draws a little.
    #expect(abs(frame.middle - 200) < 5)
    #expect(abs(frame.spine - 192) < 10)
    #expect(abs(frame.level - 208) < 10)
  }

  @Test func headHasSkullBrainAndAirway() throws {
    let map = map()
    let filler = try BodyCompletion().complete(
      map, marginBefore: 0, marginAfter: 0, stream: RandomStream(seed: 4), workers: workers)
    let present = Set(filler.structures.values)
    for name in [
      "skull", "brain", "airway", "skin", "muscle", "eye_left", "tongue",
      "intermuscular_fat", "cervical_cancellous_bone", "long_bone_marrow",
    ] {
      #expect(present.contains(name), "\(name)")
    }
    #expect(present.isDisjoint(with: ["mandible", "brainstem", "parotid_gland_left"]))
    for name in present { #expect(StructureCatalog.standard.tissue(of: name) != nil, "\(name)") }
    // Brain above the brainstem, air in front of the face.
    func structure(_ mm: SIMD3<Double>) -> String {
      let p = filler.labels.grid.affine.inverse.apply(map.labels.grid.affine.apply(mm / 4))
      let q = SIMD3<Int>(p.rounded(.toNearestOrEven))
      return filler.structures[filler.labels[q.x, q.y, q.z]] ?? "air"
    }
    #expect(structure([215, 200, 265]) == "brain")
    #expect(structure([200, 192 + 160, 208]) == "air")
  }

  /// Where a labelled cord lies far off the average, the canal is drawn around it.
  @Test(arguments: [-16, 0, 20])
  func theSpineFollowsTheLabelledCord(off: Int) throws {
    var map = map()
    for y in 0..<100 {
      for x in 0..<100 {
        for z in 0..<80 where map.labels[x, y, z] == 2 { map.labels[x, y, z] = 0 }
      }
    }
    // Voxels of 4 mm: the average course, `off` mm to the front below the skull.
    for z in 0..<42 {
      let down = Double(z - 52) * 4
      let average = BodyFrame.interpolate(
        [[-200, -51], [-140, -18], [-80, -2], [-40, 0]], down)
      let y = 48 + Int((average + Double(off)) / 4)
      for x in 49...50 { map.labels[x, y, z] = 2 }
    }
    let filler = try BodyCompletion().complete(
      map, marginBefore: 0, marginAfter: 0, stream: RandomStream(seed: 4), workers: workers)
    let toFiller = filler.labels.grid.affine.inverse.composed(with: map.labels.grid.affine)
    var found: [String: Int] = [:]
    for y in 0..<100 {
      for x in 0..<100 {
        for z in 4..<32 where map.labels[x, y, z] == 2 {
          let p = SIMD3<Int>(
            toFiller.apply([Double(x), Double(y), Double(z)]).rounded(.toNearestOrEven))
          found[filler.structures[filler.labels[p.x, p.y, p.z]] ?? "air", default: 0] += 1
        }
      }
    }
    let all = found.values.reduce(0, +)
    #expect(10 * (found["spinal_canal"] ?? 0) > 8 * all, "\(found)")
  }

  /// A jaw that was labelled far from the neck hangs on the floor of the mouth, not in the air.
  @Test(arguments: [-66, -96]) func jawAndNeckAreOne(height: Int) throws {
    var map = map()
    let jaw = map.labels.values.indices.filter { map.labels.values[$0] == 7 }
    for index in jaw { map.labels.values[index] = 0 }
    // z is fastest in memory.
    for index in jaw { map.labels.values[index + (height + 66) / 4] = 7 }
    let filler = try BodyCompletion().complete(
      map, marginBefore: 0, marginAfter: 0, stream: RandomStream(seed: 4), workers: workers)
    let toFiller = filler.labels.grid.affine.inverse.composed(with: map.labels.grid.affine)
    for y in 50...70 {
      let z = 52 + height / 4
      if map.labels[50, y, z] != 0 { continue }
      let p = SIMD3<Int>(
        toFiller.apply([50, Double(y), Double(z)]).rounded(.toNearestOrEven))
      let structure = filler.structures[filler.labels[p.x, p.y, p.z]] ?? "air"
      #expect(structure != "air" && structure != "skin", "\(structure) at \(y)")
    }
  }

  /// The domes of the lungs stand at the first thoracic vertebra.
  @Test func lungsReachTheFirstThoracicVertebra() {
    let frame = BodyFrame(middle: 160, spine: 150, level: 400, scale: [1, 1, 1])
    let pieces = HeadNeck.pieces(frame: frame, stream: RandomStream(seed: 1))
    func heights(_ structure: String) -> [ClosedRange<Float>] {
      pieces.filter { $0.structure == structure }.flatMap { piece in
        switch piece.shape {
        case .solid(let solid):
          solid.adds.map { $0.center.z - $0.radii.z...$0.center.z + $0.radii.z }
        case .tube(let tube): tube.points.map { $0.z...$0.z }
        }
      }
    }
    let vertebra = heights("vertebrae_T1")
    let middle =
      vertebra.map { ($0.lowerBound + $0.upperBound) / 2 }.reduce(0, +)
      / Float(vertebra.count)
    for side in ["left", "right"] {
      let top = heights("lung_\(side)").map(\.upperBound).max()!
      #expect(abs(top - middle) < 15, "\(top) and \(middle)")
    }
  }

  /// Calipers on the drawn skin, against the anthropometry of `docs/background/anatomy.md`.
  @Test func headHasPublishedSizes() {
    let frame = BodyFrame(middle: 160, spine: 150, level: 260, scale: [1, 1, 1])
    var (length, breadth, cheeks, vertex, neck) = (0.0, 0.0, 0.0, 0.0, 0.0)
    let heads = 8
    for seed in 0..<heads {
      var canvas = Canvas(
        shape: [160, 160, 190], spacing: [2, 2, 2], origin: [0, 0, 0], workers: workers)
      let skin = canvas.value("skin")
      let outlines = HeadNeck.outlines(frame: frame, stream: RandomStream(seed: UInt64(seed)))
      canvas.paint(outlines[1].solid, as: skin, onto: canvas.table { _ in true })
      // Places about the brainstem, in the frame of the Frankfurt plane for the head.
      let (c, s) = (cosine(HeadNeck.tilt), sine(HeadNeck.tilt))
      var (front, back, top) = (0.0, 0.0, 0.0)
      var (wide, face) = ((0.0, 0.0), (0.0, 0.0))
      var area = 0.0
      for y in 0..<160 {
        for x in 0..<160 {
          for z in 0..<190 where canvas.values[(y * 160 + x) * 190 + z] == skin {
            let p = SIMD3(Double(2 * x) - 160, Double(2 * y) - 150, Double(2 * z) - 260)
            let (fy, fz) = (c * p.y + s * p.z, c * p.z - s * p.y)
            top = max(top, p.z)
            if fz > 20 { (front, back) = (max(front, fy), min(back, fy)) }
            if fz > 20 { wide = (max(wide.0, p.x), min(wide.1, p.x)) }
            if fy > 35, abs(fz + 8) < 4 { face = (max(face.0, p.x), min(face.1, p.x)) }
            if p.z == -130 { area += 4 }
          }
        }
      }
      length += (front - back + 2) / Double(heads)
      breadth += (wide.0 - wide.1 + 2) / Double(heads)
      cheeks += (face.0 - face.1 + 2) / Double(heads)
      vertex += (top + 1) / Double(heads)
      // The circumference of the circle of that area: an ellipse of 57 x 56 is longer by nothing.
      neck += 2 * (Double.pi * area).squareRoot() / Double(heads)
    }
    // A voxel is 2 mm, warps move surfaces by up to 2.5 mm, necks vary by 7 %.
    #expect(abs(length - 194) < 6, "length \(length)")
    #expect(abs(breadth - 151) < 6, "breadth \(breadth)")
    #expect(abs(cheeks - 138) < 8, "cheek bones \(cheeks)")
    #expect(abs(vertex - 110) < 5, "vertex \(vertex)")
    #expect(abs(neck - 364) < 18, "neck \(neck)")
  }
}
