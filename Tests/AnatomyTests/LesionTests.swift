import Support
import Testing
import Volumes
@testable import Anatomy

@Suite struct LesionTests {
  /// Two kidneys as slabs side by side, with a gap; voxels of 1 x 1 x 2 mm.
  private func kidneys() -> AnatomicalMap {
    var labels = LabelMap(grid: Grid(shape: [48, 40, 20], spacing: [1, 1, 2]), repeating: 0)
    for y in 0..<40 {
      for x in 0..<48 where x != 24 {
        for z in 0..<20 { labels[x, y, z] = x < 24 ? 3 : 7 }
      }
    }
    return AnatomicalMap(
      name: "kidneys", labels: labels, structures: [3: "kidney_right", 7: "kidney_left"])
  }

  private func lesion(
    _ structure: String = "kidney_tumor", at center: SIMD3<Double> = [-12, 0, 0],
    halfAxes: SIMD3<Double> = [8, 8, 8], rotation: SIMD3<Double> = .zero, seed: UInt64 = 1
  ) -> Lesion {
    Lesion(
      structure: structure, host: "kidneys", center: center, halfAxes: halfAxes,
      rotation: rotation, seed: seed)
  }

  private func voxels(_ map: AnatomicalMap, _ structure: String) -> [SIMD3<Int>] {
    let ids = map.ids(of: structure)
    let shape = map.labels.grid.shape
    return map.labels.values.indices.filter { ids.contains(map.labels.values[$0]) }.map {
      SIMD3($0 / shape.z % shape.x, $0 / shape.z / shape.x, $0 % shape.z)
    }
  }

  /// Lobes push the surface in and out by a tenth; the volume stays that of the ellipsoid within a few tenths.
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func hasTheSizeOfItsHalfAxes(seed: UInt64) throws {
    let map = try kidneys().adding([lesion(halfAxes: [9, 6, 8], seed: seed)])
    let volume = Double(voxels(map, "kidney_tumor").count) * 2
    let ellipsoid = 4.0 / 3 * Double.pi * 9 * 6 * 8
    #expect((0.65...1.5).contains(volume / ellipsoid), "\(volume) of \(ellipsoid) mm³")
    #expect(map.structures[8] == "kidney_tumor" && map.hosts == [8: 3])
    #expect(map.structures[3] == "kidney_right" && kidneys().hosts.isEmpty)
  }

  /// A quarter turn about z takes the long axis from x to y.
  @Test func turns() throws {
    for (turn, long) in [(0.0, 0), (Double.pi / 2, 1)] {
      let map = try kidneys().adding([lesion(halfAxes: [10, 3, 3], rotation: [0, 0, turn])])
      let found = voxels(map, "kidney_tumor")
      func width(_ axis: Int) -> Int {
        (found.map { $0[axis] }.max() ?? 0) - (found.map { $0[axis] }.min() ?? 0)
      }
      #expect(width(long) > 2 * width(1 - long))
    }
  }

  @Test func staysInItsHostAndIsLabelledAsIt() throws {
    // On the gap between both kidneys: parts of both become lesion, the gap does not.
    let before = kidneys()
    let map = try before.adding([lesion(at: [0.5, 0, 0])])
    #expect(map.hosts.values.sorted() == [3, 7])
    for y in 0..<40 {
      for z in 0..<20 { #expect(map.labels[24, y, z] == 0) }
    }
    // A network for the kidneys learns what it would without lesions.
    for names in [["kidneys"], ["kidney_left", "kidney_right"], ["kidney_left"]] {
      let targets = try Target.resolve(names)
      let (old, new) = (Target.table(targets, for: before), Target.table(targets, for: map))
      #expect(before.labels.values.map { old[Int($0)] } == map.labels.values.map { new[Int($0)] })
    }
    // One for the tumours learns these.
    let targets = try Target.resolve(["kidneys", "kidney_tumor"])
    let table = Target.table(targets, for: map)
    let learned = map.labels.values.filter { table[Int($0)] == 2 }.count
    #expect(learned == voxels(map, "kidney_tumor").count && learned > 500)
  }

  @Test func ofTwoThatOverlapTheFirstCounts() throws {
    let first = lesion("kidney_cyst", at: [-14, 0, 0])
    let alone = try voxels(kidneys().adding([first]), "kidney_cyst")
    let both = try kidneys().adding([first, lesion(at: [-10, 0, 0])])
    #expect(voxels(both, "kidney_cyst") == alone)
    #expect(!voxels(both, "kidney_tumor").isEmpty)
  }

  @Test func beyondTheMapIsNothing() throws {
    let map = try kidneys().adding([lesion(at: [0, 0, 500]), lesion(at: [-30, 0, 0])])
    #expect(map.labels.values.contains(8))
    let none = try kidneys().adding([lesion(at: [0, 0, 500])])
    #expect(none.labels == kidneys().labels && none.hosts.isEmpty)
  }

  @Test func aLesionWithoutHostChangesNothing() throws {
    var lesion = lesion()
    lesion.host = "liver"
    #expect(try kidneys().adding([lesion]).labels == kidneys().labels)
    lesion.host = "livr"
    #expect(throws: MaskCTError.self) { try kidneys().adding([lesion]) }
  }

  @Test func aSchemeWithoutLesionsMayLearnThoseOfARecipe() throws {
    let btcv = try LabelScheme.load("btcv")
    #expect(throws: MaskCTError.self) { try Target.resolve(["liver_tumor"], scheme: btcv) }
    let targets = try Target.resolve(["liver_tumor"], scheme: btcv, added: ["liver_tumor"])
    #expect(targets.map(\.name) == ["liver_tumor"])
  }
}
