import Support
import Testing
import Volumes

@testable import Anatomy

/// The body beyond the label map.
extension FieldOfViewTests {
  private func complete(
    _ map: AnatomicalMap, excluded: Set<String> = []
  ) throws -> AnatomicalMap {
    var options = BodyCompletion.Options()
    options.spacing = 4
    options.excluded = excluded
    return try BodyCompletion(options: options).complete(
      map, marginBefore: 0, marginAfter: 0, stream: RandomStream(seed: 3), workers: workers)
  }

  /// Slices of a completion by structure: the heights, mm from the first slice of `map`, between which it lies.
  private func heights(_ filler: AnatomicalMap, like map: AnatomicalMap) -> [String: ClosedRange<
    Double
  >] {
    let first = map.labels.grid.affine.apply([0, 0, 0]).z
    let grid = filler.labels.grid
    var found: [String: ClosedRange<Double>] = [:]
    for (id, entry) in LabelCensus(filler.labels, workers: workers).entries {
      let low = grid.affine.apply(SIMD3<Double>(entry.box.lower)).z - first
      found[filler.structures[id]!] =
        low...(grid.affine.apply(SIMD3<Double>(entry.box.last)).z - first)
    }
    return found
  }

  /// A frame is fitted to what is labelled, whatever is beyond.
  @Test func theFrameDoesNotSeeTheSlicesBeyond() {
    let map = trunk(20..<50, ["liver", "kidney_left", "vertebrae_L1", "vertebrae_T12", "aorta"])
    let far = map.continued(below: 15, above: 9)
    func frame(_ map: AnatomicalMap) -> BodyFrame {
      let heights = map.labelledHeights
      return BodyFrameFit.fit(
        BodyFrameFit.extents(of: map, workers: workers), field: map.labels.grid.extent,
        middle: (heights.lowerBound + heights.upperBound) / 2, outline: nil,
        stream: RandomStream(seed: 1))
    }
    let (a, b) = (frame(map), frame(far))
    #expect(abs(b.level - a.level - 90) < 1e-6)
    // The shift along z rounds the fit; that of x and y is the same.
    #expect(abs((a.scale - b.scale).max()) < 1e-9 && a.middle == b.middle && a.spine == b.spine)
    let reach = (
      BodyCompletion.reach(of: map, workers: workers),
      BodyCompletion.reach(of: far, workers: workers)
    )
    #expect(abs(reach.1.upperBound - reach.0.upperBound - 90) < 0.01)
  }

  /// What the map labels goes on beyond it, but for targets; between its ends the map is right, and nothing of it is
  /// drawn a second time.
  @Test func structuresGoOnBeyondTheMap() throws {
    let names: Set<String> = [
      "liver", "autochthon_left", "vertebrae_T12", "vertebrae_L1", "vertebrae_L2", "spleen",
    ]
    let map = trunk(24..<48, names)
    let far = map.continued(below: 20, above: 20)
    let filler = try complete(far, excluded: ["liver", "spleen"])
    let found = heights(filler, like: far)
    #expect(found["liver"] == nil && found["spleen"] == nil)
    let muscle = try #require(found["autochthon_left"])
    // Labelled from 120 to 264 mm, and drawn on both sides of that.
    #expect(muscle.lowerBound < 116 && muscle.upperBound > 268)
    let id = try #require(filler.structures.first { $0.value == "autochthon_left" }?.key)
    let grid = filler.labels.grid
    let first = far.labels.grid.affine.apply([0, 0, 0]).z
    var inside = 0
    for z in 0..<grid.shape.z {
      let height = grid.affine.apply([0, 0, Double(z)]).z - first
      guard height > 120, height < 260 else { continue }
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x where filler.labels[x, y, z] == id { inside += 1 }
      }
    }
    #expect(inside == 0)
    // Without slices beyond, the map's aorta is all there is.
    #expect(try heights(complete(map, excluded: ["liver"]), like: map)["autochthon_left"] == nil)
  }

  /// Arms lie in the air beside the trunk, on both sides, hold bone, and change nothing of the trunk.
  @Test func armsLieBesideTheTrunk() throws {
    let map = trunk(["liver", "spleen"])
    var options = BodyCompletion.Options()
    options.spacing = 4
    options.tableProbability = 0
    func complete() throws -> AnatomicalMap {
      try BodyCompletion(options: options).complete(
        map, marginBefore: 0, marginAfter: 0, stream: RandomStream(seed: 3), workers: workers)
    }
    let plain = try complete()
    options.armsDown = true
    let arms = try complete()
    let (grid, own) = (arms.labels.grid, plain.labels.grid)
    let shift = SIMD3<Int>(
      own.affine.inverse.apply(grid.affine.apply([0, 0, 0])).rounded(.toNearestOrEven))
    let bone = Set(arms.structures.filter { $0.value == "cortical_bone" }.keys)
    var (changed, right, left, bones) = (0, 0, 0, 0)
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z {
          let q = SIMD3(x, y, z) &+ shift
          let before =
            own.contains(q.x, q.y, q.z)
            ? plain.structures[plain.labels[q.x, q.y, q.z]] : nil
          let after = arms.structures[arms.labels[x, y, z]]
          if before == after { continue }
          if before != nil { changed += 1 }
          if bone.contains(arms.labels[x, y, z]) { bones += 1 }
          if x * 2 < grid.shape.x { left += 1 } else { right += 1 }
        }
      }
    }
    #expect(changed == 0)
    // From the shoulder to the fingers an arm is some 550 mm long, its radius falls from 50 to 25 mm, and the patient is
    // drawn up to a tenth larger or smaller: 1.6 to 4.5 l, in voxels of 4 mm. A bone of it is some hundred.
    #expect(
      (25_000...70_000).contains(right) && (25_000...70_000).contains(left), "\(right), \(left)")
    #expect(bones > 100)
    // Bones that are learned, or labelled by the map, are not drawn a second time.
    options.excluded = ["humerus_left", "humerus_right"]
    #expect(try complete().labels.values == plain.labels.values)
  }

  /// Where a map shows the body, its outline goes on smoothly: from slice to slice areas change by a few percent.
  @Test func theOutlineGoesOnBeyondTheMap() throws {
    var map = trunk(24..<48, ["liver"])
    let grid = map.labels.grid
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        let (u, v) = (Double(x - 33) / 27, Double(y - 26) / 20)
        guard u * u + v * v < 1 else { continue }
        for z in 0..<grid.shape.z where map.labels[x, y, z] == 0 { map.labels[x, y, z] = 900 }
      }
    }
    map.structures[900] = "body"
    let far = map.continued(below: 16, above: 16)
    let filler = try complete(far)
    let outside = Set(
      filler.structures.filter { $0.value.hasPrefix("table") }.keys
    ).union([0])
    let shape = filler.labels.grid.shape
    var areas = [Int](repeating: 0, count: shape.z)
    for (index, id) in filler.labels.values.enumerated() where !outside.contains(id) {
      areas[index % shape.z] += 1
    }
    // 4 mm a slice; the trunk tapers towards the shoulders and the thighs by less.
    for z in 6..<shape.z - 6 {
      let change = abs(Double(areas[z + 1] - areas[z])) / Double(areas[z])
      #expect(change < 0.06, "slice \(z): \(areas[z]) to \(areas[z + 1])")
    }
  }
}
