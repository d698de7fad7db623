import Anatomy
import Support
import Testing
import Volumes
@testable import Experiments

@Suite struct CaseFingerprintTests {
  /// The liver of a phantom as label 1.
  private static func liver(_ index: Int, spacing: Double) -> LabelMap {
    let shape = SIMD3<Double>(380, 300, 300) / spacing
    let grid = Grid(
      shape: [Int(shape.x), Int(shape.y), Int(shape.z)], spacing: [spacing, spacing, spacing])
    let map = TorsoPhantom.map(
      name: "t", grid: grid, stream: RandomStream(seed: 9).split(index), workers: Workers())
    let ids = Set(map.ids(of: "liver"))
    return map.labels.map { ids.contains($0) ? 1 : 0 }
  }

  private static func print(_ labels: LabelMap, image: Volume<Float>? = nil) -> CaseFingerprint {
    CaseFingerprint(labels: labels, names: ["liver"], image: image, workers: Workers())
  }

  @Test func findsAResampledCopy() {
    let original = Self.liver(0, spacing: 2)
    let coarse = original.resampledByMajority(
      to: original.grid.resampled(spacing: [3.1, 2.7, 4]), workers: Workers())
    #expect(Self.print(original).sameness(with: Self.print(coarse)) != nil)
  }

  @Test func tellsPatientsApart() {
    // The phantoms of one family are more alike than people are.
    let prints = (0..<5).map { Self.print(Self.liver($0, spacing: 3)) }
    for a in 0..<5 {
      for b in 0..<a { #expect(prints[a].sameness(with: prints[b]) == nil, "\(a) and \(b)") }
    }
  }

  @Test func findsACropUnderAnotherName() {
    let original = Self.liver(1, spacing: 3)
    let census = LabelCensus(original, workers: Workers())
    let crop = original.cropped(to: census.entries[1]!.box)
    #expect(Self.print(original).sameness(with: Self.print(crop)) == "the masks of liver are equal")
  }

  @Test func findsACutThroughAStructure() {
    let original = Self.liver(3, spacing: 3)
    let box = LabelCensus(original, workers: Workers()).entries[1]!.box
    let middle = (box.lower.z + box.upper.z) / 2
    let half = original.cropped(
      to: BoundingBox(lower: [5, 7, middle], upper: original.grid.shape))
    #expect(Self.print(original).sameness(with: Self.print(half)) == "slices of liver are equal")
  }

  @Test func findsAnImageWithoutItsLabels() {
    let original = Self.liver(2, spacing: 4)
    let image = original.map { Float($0) * 100 - 50 }
    let nothing = original.map { _ in UInt16(0) }
    let bare = Self.print(nothing, image: image)
    #expect(bare.sameness(with: Self.print(original, image: image)) != nil)
    var other = image
    other.values[0] += 1
    #expect(bare.sameness(with: Self.print(nothing, image: other)) == nil)
  }

  @Test func aFewVoxelsSayNothing() {
    var small = LabelMap(grid: Grid(shape: [20, 20, 20], spacing: [1, 1, 1]), repeating: 0)
    for z in 5..<12 { small.values[small.grid.offset(9, 9, z)] = 1 }
    #expect(Self.print(small).structures.isEmpty)
    #expect(Self.print(small).sameness(with: Self.print(small)) == nil)
  }
}
