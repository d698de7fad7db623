import Support
import Testing
import Volumes

@testable import Anatomy

/// Completed bodies and phantoms, held to the byte: moving a number of the reference anatomy, or the order in
/// which its parts are drawn, is a change that every dataset shows.
///
/// The sums do not depend on instruction sets or threads: shapes are drawn in plain IEEE arithmetic. They would on a C
/// library whose sine differed so much in its last digit that a voxel's centre changed sides, which none is known
/// to do. Where a body is changed on purpose, take the sums that the test prints.
@Suite struct BodyBytesTests {
  private let workers = Workers(count: 2)

  /// FNV-1a of a label map's shape, of the structures that its ids stand for, and of its labels.
  private func sum(_ map: AnatomicalMap) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for axis in 0..<3 { add(UInt8(truncatingIfNeeded: map.labels.grid.shape[axis])) }
    for (id, name) in map.structures.sorted(by: { $0.key < $1.key }) {
      add(UInt8(truncatingIfNeeded: id))
      name.utf8.forEach(add)
    }
    for label in map.labels.values {
      add(UInt8(truncatingIfNeeded: label))
      add(UInt8(truncatingIfNeeded: label >> 8))
    }
    return String(hash, radix: 16)
  }

  private func complete(_ map: AnatomicalMap, excluded: Set<String> = []) throws -> AnatomicalMap {
    var options = BodyCompletion.Options()
    options.spacing = 6
    options.excluded = excluded
    return try BodyCompletion(options: options).complete(
      map, marginBefore: 20, marginAfter: 30, stream: RandomStream(seed: 3), workers: workers)
  }

  /// A trunk of 6 mm, from the pelvis to the neck.
  private func trunk() -> AnatomicalMap {
    TorsoPhantom.map(
      name: "trunk", grid: Grid(shape: [66, 54, 108], spacing: [6, 6, 6]),
      stream: RandomStream(seed: 7), workers: workers)
  }

  private func trunk(keeping names: (String) -> Bool) -> AnatomicalMap {
    var map = trunk()
    map.structures = map.structures.filter { names($0.value) }
    let keep = map.structures
    map.labels = map.labels.map { keep[$0] == nil ? 0 : $0 }
    return map
  }

  @Test func phantom() {
    let sum = sum(trunk())
    #expect(sum == "9e877bab0ac89903")
  }

  @Test func trunkAroundOrgans() throws {
    let map = trunk { ["liver", "spleen", "kidney_left"].contains($0) }
    let sum = sum(try complete(map, excluded: ["gallbladder"]))
    #expect(sum == "1787aeaa3667dac1")
  }

  /// Lungs that the dome follows, bones whose gaps are filled.
  @Test func trunkAroundLungsAndSpine() throws {
    let map = trunk { $0.hasPrefix("lung") || $0.hasPrefix("vertebrae") || $0 == "rib_left_5" }
    let sum = sum(try complete(map))
    #expect(sum == "cb52b6595f7d5585")
  }

  /// The map shows the body itself.
  @Test func trunkInsideAnEnvelope() throws {
    var map = trunk { _ in true }
    let grid = map.labels.grid
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        let (u, v) = (Double(x - 33) / 31, Double(y - 25) / 23)
        guard u * u + v * v < 1 else { continue }
        for z in 0..<grid.shape.z where map.labels[x, y, z] == 0 { map.labels[x, y, z] = 900 }
      }
    }
    map.structures[900] = "body"
    let kept = map.removing(["liver", "heart", "hip_left", "hip_right"], workers: workers)
    let sum = sum(try complete(kept))
    #expect(sum == "bf90b36fd5470f98")
  }

  @Test func head() throws {
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
    block(7, [0, 100, -66], [20, 8, 10])
    let map = AnatomicalMap(
      name: "head", labels: labels,
      structures: [
        1: "brainstem", 2: "spinal_cord", 3: "parotid_gland_right", 7: "mandible",
      ])
    let sum = sum(try complete(map))
    #expect(sum == "8a3be33c2200d9b5")
  }
}
