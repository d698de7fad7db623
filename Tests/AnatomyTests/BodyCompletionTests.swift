import Anatomy
import Support
import Testing
import Volumes

@Suite struct BodyCompletionTests {
  private let workers = Workers(count: 2)

  /// An abdomen of 4 mm with the given structures of a phantom; the rest is background.
  private func map(keeping structures: Set<String>, seed: UInt64 = 5) -> AnatomicalMap {
    let grid = Grid(shape: [96, 88, 44], spacing: [4, 4, 4])
    var map = TorsoPhantom.map(
      name: "phantom", grid: grid, stream: RandomStream(seed: seed), workers: workers)
    map.structures = map.structures.filter { structures.contains($0.value) }
    let keep = map.structures
    map.labels = map.labels.map { keep[$0] == nil ? 0 : $0 }
    return map
  }

  private func complete(
    _ map: AnatomicalMap, seed: UInt64 = 1, workers: Workers? = nil,
    options: BodyCompletion.Options = .init()
  ) throws -> AnatomicalMap {
    try BodyCompletion(options: options).complete(
      map, marginBefore: 20, marginAfter: 30, stream: RandomStream(seed: seed),
      workers: workers ?? self.workers)
  }

  @Test func coversTheGridAndItsMargins() throws {
    let map = map(keeping: ["liver"])
    let filler = try complete(map)
    let grid = filler.labels.grid
    for axis in 0..<3 { #expect(abs(grid.spacing[axis] - 2) < 1e-9) }
    // First and last slice of the filler lie at least the margins beyond those of the map.
    let low = grid.affine.apply([0, 0, 0])
    let high = grid.affine.apply(SIMD3<Double>(grid.shape &- 1))
    let first = map.labels.grid.affine.apply([0, 0, 0])
    let last = map.labels.grid.affine.apply(SIMD3<Double>(map.labels.grid.shape &- 1))
    #expect(low.z <= first.z - 20 + 1 && high.z >= last.z + 30 - 1)
    for axis in 0..<2 { #expect(low[axis] < first[axis] + 2 && high[axis] > last[axis] - 2) }
  }

  @Test func labelsLieInsideTheBody() throws {
    let map = map(keeping: ["liver", "spleen", "kidney_left"])
    let filler = try complete(map)
    let outside = Set(filler.structures.filter { $0.value.hasPrefix("table") }.keys).union([0])
    let inverse = filler.labels.grid.affine.inverse
    let grid = map.labels.grid
    var stray = 0
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z where map.labels[x, y, z] != 0 {
          let p = inverse.apply(grid.affine.apply([Double(x), Double(y), Double(z)]))
          let q = SIMD3<Int>(p.rounded(.toNearestOrEven))
          if outside.contains(filler.labels[q.x, q.y, q.z]) { stray += 1 }
        }
      }
    }
    #expect(stray == 0)
  }

  @Test func drawsWhatIsMissingAndNothingElse() throws {
    let map = map(keeping: ["liver", "spleen"])
    let present = Set(try complete(map).structures.values)
    for name in [
      "skin", "subcutaneous_fat", "muscle", "visceral_fat", "kidney_left", "lung_right",
      "cortical_bone", "cancellous_bone", "intervertebral_discs", "aorta",
    ] {
      #expect(present.contains(name), "\(name)")
    }
    #expect(present.isDisjoint(with: ["liver", "spleen", "mediastinal_fat", "vertebrae_L1"]))
    var options = BodyCompletion.Options()
    options.excluded = ["kidney_left", "kidney_right"]
    let without = Set(try complete(map, options: options).structures.values)
    #expect(without.isDisjoint(with: ["kidney_left", "kidney_right"]))
    for name in present { #expect(StructureCatalog.standard.tissue(of: name) != nil, "\(name)") }
  }

  @Test func sameStreamSameBodyOnAnyNumberOfThreads() throws {
    let map = map(keeping: ["liver"])
    let one = try complete(map, workers: Workers(count: 1))
    let three = try complete(map, workers: Workers(count: 3))
    #expect(one.labels == three.labels && one.structures == three.structures)
    #expect(try complete(map, seed: 2).labels != one.labels)
  }

  @Test func bodyOfTheMapIsKept() throws {
    var map = map(keeping: ["liver"])
    // A round body of 144 mm around the middle of the field.
    let grid = map.labels.grid
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        let dx = Double(x) - 47.5
        let dy = Double(y) - 43.5
        let isBody = dx * dx + dy * dy < 36 * 36
        for z in 0..<grid.shape.z {
          if !isBody {
            map.labels[x, y, z] = 0
          } else if map.labels[x, y, z] == 0 {
            map.labels[x, y, z] = 200
          }
        }
      }
    }
    map.structures[200] = "body"
    let filler = try complete(map)
    let outside = Set(filler.structures.filter { $0.value.hasPrefix("table") }.keys).union([0])
    var body = 0
    let middle = filler.labels.grid.shape.z / 2
    for y in 0..<filler.labels.grid.shape.y {
      for x in 0..<filler.labels.grid.shape.x
      where !outside.contains(filler.labels[x, y, middle]) { body += 1 }
    }
    // pi 144^2 mm^2 in pixels of 4 mm^2; the edge is sampled to half a voxel.
    let expected = Double.pi * 144 * 144 / 4
    #expect(abs(Double(body) / expected - 1) < 0.02)
  }

  @Test func emptyMapIsRefused() {
    let grid = Grid(shape: [8, 8, 8], spacing: [3, 3, 3])
    let map = AnatomicalMap(
      name: "none", labels: LabelMap(grid: grid, repeating: 0), structures: [:])
    #expect(throws: MaskCTError.self) { try complete(map) }
  }
}
