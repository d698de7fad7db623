import Support
import TestSupport
import Testing
import Volumes
@testable import Anatomy

@Suite struct OrientationCheckTests {
  private let workers = Workers(count: 2)

  /// Blocks of organs at plausible places of a 60 x 60 x 60 grid of 5 mm.
  private func map() -> AnatomicalMap {
    let grid = Grid(shape: [60, 60, 60], spacing: [5, 5, 5])
    var labels = LabelMap(grid: grid, repeating: 0)
    func block(_ id: UInt16, at center: SIMD3<Int>) {
      for y in center.y - 4..<center.y + 4 {
        for x in center.x - 4..<center.x + 4 {
          for z in center.z - 4..<center.z + 4 { labels[x, y, z] = id }
        }
      }
    }
    block(1, at: [14, 24, 40])  // spleen
    block(2, at: [42, 20, 24])  // kidney_right
    block(3, at: [18, 20, 26])  // kidney_left
    block(5, at: [44, 36, 40])  // liver
    block(6, at: [20, 42, 38])  // stomach
    block(8, at: [28, 38, 28])  // pancreas
    return AnatomicalMap(
      name: "x", labels: labels,
      structures: [
        1: "spleen", 2: "kidney_right", 3: "kidney_left", 5: "liver", 6: "stomach", 8: "pancreas",
      ])
  }

  @Test func rightMapsStayAsTheyAre() {
    let map = map()
    #expect(OrientationCheck.corrected(map, workers: workers).labels == map.labels)
  }

  @Test(arguments: [0, 1])
  func mirroredMapsAreMirroredBack(axis: Int) {
    let map = map()
    var wrong = map
    wrong.labels = OrientationCheck.mirrored(map.labels, axis: axis, workers: workers)
    #expect(wrong.labels != map.labels)
    let corrected = OrientationCheck.corrected(wrong, workers: workers)
    #expect(corrected.labels == map.labels)
    #expect(corrected.notes.count == 1)
  }

  @Test func mirroringTwiceIsNothing() {
    let labels = map().labels
    for axis in 0..<3 {
      let once = OrientationCheck.mirrored(labels, axis: axis, workers: workers)
      #expect(OrientationCheck.mirrored(once, axis: axis, workers: workers) == labels)
    }
  }

  private static let sets: [(folder: String, scheme: String, mirrored: [Int], every: Int)] = [
    ("masks/btcv", "btcv", [1], 8),  // the published headers turn front and back
    ("masks/lits", "lits", [], 16),
    ("masks/3dircadb1", "3dircadb1", [], 5),
    ("masks/totalsegmentator", "totalsegmentator-v2", [], 1),
    ("masks/kits19", "kits", [], 6),
  ]

  @Test(.enabled(if: SharedData.isPresent, "needs ../shared/data"), arguments: 0..<5)
  func publishedSets(index: Int) throws {
    let set = Self.sets[index]
    var source = try LabelSource(path: SharedData.path(set.folder), scheme: .load(set.scheme))
    source.correctsOrientation = false
    for item in stride(from: 0, to: source.cases.count, by: set.every) {
      let map = try source.load(source.cases[item], workers: workers)
      #expect(
        OrientationCheck.mirroredAxes(of: map, workers: workers) == set.mirrored, "\(map.name)")
    }
  }
}
