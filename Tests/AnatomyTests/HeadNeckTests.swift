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
    for name in ["skull", "brain", "airway", "skin", "muscle", "eye_left", "tongue"] {
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
}
