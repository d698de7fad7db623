import Anatomy
import Generation
import Support
import Testing
import Textures
import Tissues
import Volumes
@testable import Painting

/// A stomach that is a ball of 40 mm radius, with gas (-1000), fluid (0) and a wall (500) of 5 mm.
@Suite struct ContentsTests {
  private let radius = 40.0
  private let wall = 5.0

  /// - Parameter turn: of the grid's axes about z, radians: the ball is the same, its voxels are not.
  private func map(turn: Double = 0) -> AnatomicalMap {
    let (c, s) = (cosine(turn), sine(turn))
    let columns = Affine.Columns(x: [2 * c, 2 * s, 0], y: [-2 * s, 2 * c, 0], z: [0, 0, 2])
    let turned = Affine(columns: columns, translation: .zero)
    let grid = Grid(
      shape: [60, 60, 60],
      affine: Affine(columns: columns, translation: turned.apply([29.5, 29.5, 29.5]) * -1))
    var labels = LabelMap(grid: grid, repeating: 0)
    for y in 0..<60 {
      for x in 0..<60 {
        for z in 0..<60 {
          let p = grid.affine.apply([Double(x), Double(y), Double(z)])
          if (p * p).sum() < radius * radius { labels[x, y, z] = 1 }
        }
      }
    }
    return AnatomicalMap(name: "ball", labels: labels, structures: [1: "stomach"])
  }

  private func painter(_ change: (inout PaintSettings) -> Void = { _ in }) throws -> Painter {
    var settings = try Recipe.load("maskct").paint
    settings.grid = GridSettings(finest: 1, coarsest: 1)
    change(&settings)
    return Painter(
      settings: settings, tissues: .standard,
      textures: DeadLeavesLibrary(
        seed: 3, count: 4, texture: DeadLeaves(width: 72, height: 64, frames: 48)))
  }

  /// Every painted voxel inside: its place, its depth and its value.
  private func paint(_ map: AnatomicalMap, up: [Double], gas: Double) throws -> [(
    p: SIMD3<Double>, depth: Double, value: Float
  )] {
    try paint(
      map, up: up,
      [
        SegmentDraw(
          place: 0.4,
          layers: [.init(material: 0, share: 1 - gas), .init(material: 1, share: gas)])
      ])
  }

  private func paint(_ map: AnatomicalMap, up: [Double], _ segments: [SegmentDraw]) throws -> [(
    p: SIMD3<Double>, depth: Double, value: Float
  )] {
    let painter = try painter()
    var draw = try painter.draw(map: map, targets: ["stomach"], stream: RandomStream(seed: 5))
    func part(_ mean: Double) -> [PartDraw] {
      [PartDraw(tissue: "gas", mean: mean, deviation: 0)]
    }
    draw.up = up
    draw.structures[0] = FillDraw(
      structure: "stomach", mean: 500, deviation: 0, texture: nil,
      contents: ContentsDraw(
        wall: wall, materials: [part(0), part(-1000)],
        segments: segments))
    let hu = try painter.paint(
      map: map, targets: ["stomach"], draw: draw, margins: (0, 0), workers: Workers(count: 2))[
        .attenuation]
    var all: [(SIMD3<Double>, Double, Float)] = []
    for y in 0..<hu.grid.shape.y {
      for x in 0..<hu.grid.shape.x {
        for z in 0..<hu.grid.shape.z {
          let p = hu.grid.affine.apply([Double(x), Double(y), Double(z)])
          let depth = radius - (p * p).sum().squareRoot()
          if depth > 0 { all.append((p, depth, hu[x, y, z])) }
        }
      }
    }
    return all
  }

  /// Against gravity, and the turn of the grid.
  private static let poses: [([Double], Double)] = [
    ([0, 1, 0], 0), ([0, -1, 0], 0), ([0.6, 0.8, 0], 0), ([0, 1, 0], 0.4), ([-0.6, -0.8, 0], 1.1),
  ]

  @Test(arguments: poses)
  func theLevelIsHorizontalWhateverTheGrid(_ up: [Double], _ turn: Double) throws {
    let share = 0.3
    let voxels = try paint(map(turn: turn), up: up, gas: share).filter { $0.depth > wall + 2 }
    func height(_ p: SIMD3<Double>) -> Double { p.x * up[0] + p.y * up[1] + p.z * up[2] }
    let gas = voxels.filter { $0.value < -900 }.map { height($0.p) }
    let fluid = voxels.filter { $0.value > -100 && $0.value < 100 }.map { height($0.p) }
    // A voxel of 1 mm lies between, no more; and none of either is on the other's side.
    let gap = gas.min()! - fluid.max()!
    #expect(gap > 0 && gap < 2.5, "\(gap)")
    let part = Double(gas.count) / Double(gas.count + fluid.count)
    #expect(abs(part - share) < 0.03, "\(part)")
  }

  @Test func theWallIsAsThickAsDrawn() throws {
    let voxels = try paint(map(), up: [0, 1, 0], gas: 0)
    func mean(_ depth: Range<Double>) -> Double {
      let values = voxels.filter { depth.contains($0.depth) }.map(\.value)
      return values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }
    #expect(abs(mean(2..<wall - 1) - 500) < 20)
    #expect(abs(mean(wall + 1.5..<40)) < 5)
    // Thickness of the wall: volume of 500 HU over the middle area of the shell, from 2 mm below the surface on.
    let below = voxels.filter { $0.depth > 2 }.reduce(0) { $0 + Double($1.value) / 500 }
    let middle = radius - (wall + 2) / 2
    #expect(abs(below / (4 * .pi * middle * middle) - (wall - 2)) < 0.3)
  }

  /// Gas behind and fluid in front touch nowhere: a fold as thick as the wall lies between.
  @Test func segmentsEndAtFolds() throws {
    let voxels = try paint(
      map(), up: [0, 1, 0],
      [
        SegmentDraw(place: 0.1, layers: [.init(material: 1, share: 1)]),
        SegmentDraw(place: 0.9, layers: [.init(material: 0, share: 1)]),
      ]
    ).filter { abs($0.p.x) < 1 && abs($0.p.z) < 1 && $0.depth > wall + 1 }
    let gas = voxels.filter { $0.value < -900 }.map(\.p.y)
    let fluid = voxels.filter { abs($0.value) < 100 }.map(\.p.y)
    // From voxel to voxel, so up to two voxels more than the fold.
    let gap = fluid.min()! - gas.max()!
    #expect(gap > wall - 1 && gap < wall + 4, "\(gap)")
  }

  @Test func drawsFollowTheTable() throws {
    let map = map()
    var prone = 0
    var drank = 0
    for seed in 0..<60 {
      let painter = try painter {
        $0.contents = ContentsSettings(
          probability: 1, oralContrast: 0.5, prone: 0.25, tilt: 5)
      }
      let draw = try painter.draw(
        map: map, targets: [], stream: RandomStream(seed: UInt64(seed)))
      let contents = try #require(draw.structures[0].contents)
      #expect(TissueTable.standard.hollow("stomach")!.wall.contains(contents.wall))
      for segment in contents.segments {
        let sum = segment.layers.reduce(0) { $0 + $1.share }
        #expect(segment.layers.isEmpty || abs(sum - 1) < 1e-9)
      }
      let up = try #require(draw.up)
      #expect(abs(up[1]) > 0.98 && abs(up[0] * up[0] + up[1] * up[1] - 1) < 1e-9)
      if up[1] < 0 { prone += 1 }
      let bowel = draw.surroundings.flatMap { $0.contents?.materials ?? [] }
      if (contents.materials + bowel).contains(where: { $0[0].tissue == "oral_contrast" }) {
        drank += 1
      }
    }
    // 15 and 30 expected: three standard deviations.
    #expect((5...25).contains(prone))
    #expect((18...42).contains(drank))
  }
}
