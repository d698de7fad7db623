import Anatomy
import Support
import Testing
import Volumes

@Suite struct TorsoPhantomTests {
  private let workers = Workers(count: 2)
  private let grid = Grid(shape: [96, 76, 90], spacing: [4, 4, 4])

  private func phantom(_ seed: UInt64, workers: Workers? = nil) -> AnatomicalMap {
    TorsoPhantom.map(
      name: "p", grid: grid, stream: RandomStream(seed: seed), workers: workers ?? self.workers)
  }

  /// Volume (ml) and centroid (voxels) of a structure.
  private func measure(_ name: String, _ map: AnatomicalMap) -> (
    volume: Double, center: SIMD3<Double>
  ) {
    let ids = Set(map.ids(of: name))
    var (count, sum) = (0.0, SIMD3<Double>())
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z where ids.contains(map.labels[x, y, z]) {
          count += 1
          sum += [Double(x), Double(y), Double(z)]
        }
      }
    }
    return (count * 64 / 1000, sum / max(count, 1))
  }

  /// Ranges of adult organs, widened by a third.
  @Test(arguments: [1, 2, 3, 4])
  func organsHavePlausibleSizesAndPlaces(seed: UInt64) {
    let map = phantom(seed)
    let volumes: [(String, ClosedRange<Double>)] = [
      ("liver", 850...2600), ("spleen", 70...420), ("kidney_left", 85...300),
      ("kidney_right", 85...300), ("stomach", 90...700), ("gallbladder", 8...90),
      ("pancreas", 30...160), ("heart", 250...1100),
    ]
    for (name, range) in volumes {
      #expect(range.contains(measure(name, map).volume), "\(name) \(measure(name, map).volume) ml")
    }
    // +x is the patient's right, +y the front, +z the head.
    let liver = measure("liver", map).center
    #expect(liver.x > measure("spleen", map).center.x + 22)
    #expect(liver.y > measure("kidney_right", map).center.y + 4)
    #expect(liver.z < measure("lung_lower_lobe_right", map).center.z)
    #expect(measure("vertebrae_L1", map).center.y < measure("aorta", map).center.y)
    #expect(measure("kidney_right", map).center.x > measure("kidney_left", map).center.x + 22)
  }

  @Test func manyStructuresWithNamesOfTheScheme() throws {
    let map = phantom(1)
    #expect(map.structures.count > 60)
    let scheme = try LabelScheme.load(TorsoPhantom.scheme)
    for (id, structure) in map.structures { #expect(scheme.structures[id] == structure) }
  }

  @Test func noTwoSeedsAreAlike() {
    let (a, b) = (phantom(1), phantom(2))
    var both = 0
    var either = 0
    let (la, lb) = (a.ids(of: "liver")[0], b.ids(of: "liver")[0])
    for (x, y) in zip(a.labels.values, b.labels.values) {
      if x == la && y == lb { both += 1 }
      if x == la || y == lb { either += 1 }
    }
    #expect(Double(both) / Double(either) < 0.9)
  }

  @Test func sameSeedSameBodyOnAnyNumberOfThreads() {
    #expect(
      phantom(3, workers: Workers(count: 1)).labels == phantom(3, workers: Workers(count: 3)).labels
    )
  }
}
