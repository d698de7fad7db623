import Support
import Testing
import Volumes

@testable import Anatomy

@Suite struct SpineCourseTests {
  private let workers = Workers(count: 2)

  /// A trunk of 3 mm in which only the liver, the spleen, the kidneys and the aorta are labelled, the aorta moved to the
  /// front by `offset` mm.
  private func map(offset: Int, keepsAorta: Bool = true) -> AnatomicalMap {
    let kept: Set = ["liver", "spleen", "kidney_left", "kidney_right"]
    var map = TorsoPhantom.map(
      name: "phantom", grid: Grid(shape: [124, 100, 90], spacing: [3, 3, 3]),
      stream: RandomStream(seed: 5), workers: workers)
    let names = map.structures
    let aorta = names.first { $0.value == "aorta" }!.key
    let whole = map.labels
    map.labels = whole.map { kept.contains(names[$0] ?? "") ? $0 : 0 }
    if keepsAorta {
      for y in 0..<100 {
        for x in 0..<124 {
          for z in 0..<90 where whole[x, y, z] == aorta {
            map.labels[x, min(99, max(0, y + offset / 3)), z] = aorta
          }
        }
      }
    }
    map.structures = names.filter { kept.contains($0.value) || $0.key == aorta && keepsAorta }
    return map
  }

  /// On every slice with an aorta before the spine: how far the bone of the vertebral body lies behind it, mm (less than
  /// zero inside it).
  private func gaps(_ map: AnatomicalMap) throws -> [Double] {
    let filler = try BodyCompletion().complete(
      map, marginBefore: 10, marginAfter: 10, stream: RandomStream(seed: 2), workers: workers)
    let bodies = Set(
      filler.structures.filter {
        $0.value.hasPrefix("vertebrae") || $0.value == "intervertebral_discs"
          || $0.value.hasSuffix("cancellous_bone") || $0.value == "cortical_bone"
      }.keys)
    let aorta = try #require(map.ids(of: "aorta").first)
    let (own, other) = (map.labels.grid, filler.labels.grid)
    let inverse = other.affine.inverse
    return (0..<own.shape.z).compactMap { z in
      var sum = SIMD3<Double>()
      for y in 0..<own.shape.y {
        for x in 0..<own.shape.x where map.labels[x, y, z] == aorta {
          sum += SIMD3(Double(x), Double(y), 1)
        }
      }
      // The arch is not one round section.
      guard sum.z > 4, sum.z < 100 else { return nil }
      let radius = (sum.z / Double.pi).squareRoot() * 3
      let center = own.affine.apply(SIMD3(sum.x / sum.z, sum.y / sum.z, Double(z)))
      // The bone nearest behind the middle of the aorta, in a bundle of lines as wide as half of it.
      var nearest: Double?
      for dx in stride(from: -radius / 2, through: radius / 2, by: 2) {
        for back in stride(from: -radius, through: 40, by: 1) {
          let q = SIMD3<Int>(
            inverse.apply(center + SIMD3(dx, -back, 0)).rounded(.toNearestOrEven))
          if bodies.contains(filler.labels[q.x, q.y, q.z]) {
            nearest = min(nearest ?? .infinity, back - radius)
            break
          }
        }
      }
      return nearest
    }
  }

  /// Wherever the aorta lies, the spine lies right behind it: the gap is 2.5 mm, give or take a voxel of each grid and what
  /// smoothing over half a vertebra leaves.
  @Test(arguments: [-15, 0, 15]) func spineLiesBehindTheAorta(offset: Int) throws {
    let gaps = try gaps(map(offset: offset)).sorted()
    #expect(gaps.count > 30)
    let (low, middle) = (gaps[gaps.count / 10], gaps[gaps.count / 2])
    #expect(low > -4 && middle > -1 && middle < 8, "\(offset): \(low) \(middle)")
  }

  /// Without an aorta the spine is that of the reference torso; far above and below one it is, too.
  @Test func courseEndsWithTheVessels() {
    let frame = BodyFrame(middle: 186, spine: 120, level: 90, scale: [1, 1, 1])
    #expect(SpineCourse(map(offset: 0, keepsAorta: false), frame: frame).isStandard)
    let course = SpineCourse(map(offset: -15), frame: frame)
    #expect(!course.isStandard)
    #expect(course.shift(-400) == .zero && course.shift(400) == .zero)
    #expect(course.shift(0).y < 0)
  }
}
