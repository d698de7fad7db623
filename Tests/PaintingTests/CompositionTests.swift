import Anatomy
import FoundationEssentials
import Generation
import Support
import Testing
import Textures
import Tissues
import Volumes
@testable import Painting

/// A ball of 40 mm radius whose parts have the values 0 and 1000 HU.
@Suite struct CompositionTests {
  private let radius = 40.0

  private func map(_ structure: String) -> AnatomicalMap {
    let radius = radius
    return AnatomicalMap(
      name: "ball",
      labels: labelMap([60, 60, 60], [2, 2, 2]) { ($0 * $0).sum() < radius * radius ? 1 : 0 },
      structures: [1: structure])
  }

  private func painter(_ change: (inout PaintSettings) -> Void = { _ in }) throws -> Painter {
    var settings = try Recipe.load("maskct").paint
    settings.grid = GridSettings(finest: 1, coarsest: 1)
    settings.mixing = nil
    change(&settings)
    return Painter(
      settings: settings, tissues: .standard,
      textures: DeadLeavesLibrary(
        seed: 3, count: 4, texture: DeadLeaves(width: 72, height: 64, frames: 48)))
  }

  private func part(_ mean: Double, _ pattern: PatternDraw? = nil) -> PartDraw {
    PartDraw(tissue: "liver", mean: mean, deviation: 0, pattern: pattern)
  }

  /// Paints the ball with parts of one's own, and gives the values at depths below its surface.
  private func paint(_ parts: [PartDraw], depth: Range<Double> = 4..<40) throws -> [Float] {
    let hu = try painted(parts)
    return points(hu).filter { depth.contains($0.depth) }.map(\.value)
  }

  private func painted(_ parts: [PartDraw]) throws -> Volume<Float> {
    let (map, painter) = (map("liver"), try painter())
    var draw = try painter.draw(map: map, targets: ["liver"], stream: RandomStream(seed: 5))
    draw.structures[0].parts = parts
    draw.structures[0].texture = nil
    draw.structures[0].offset = nil
    return try painter.paint(
      map: map, targets: ["liver"], draw: draw, margins: (0, 0), workers: Workers(count: 2))[
        .attenuation]
  }

  private func points(_ hu: Volume<Float>) -> [(depth: Double, value: Float)] {
    var all: [(Double, Float)] = []
    for y in 0..<hu.grid.shape.y {
      for x in 0..<hu.grid.shape.x {
        for z in 0..<hu.grid.shape.z {
          let p = hu.grid.affine.apply([Double(x), Double(y), Double(z)])
          let depth = radius - (p * p).sum().squareRoot()
          if depth > 0 { all.append((depth, hu[x, y, z])) }
        }
      }
    }
    return all
  }

  private func mean(_ values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) } / Double(values.count)
  }

  @Test(arguments: [0.1, 0.36, 0.6]) func lobulesTakeTheirShare(share: Double) throws {
    let noise = NoiseDraw(length: 2, angle: 1, place: [0.2, 0.4, 0.6])
    let values = try paint([
      part(0), part(1000, .lobules(share: share, edge: 0, noise: noise)),
    ])
    // 195 000 mm³ hold 1500 cells of the field: three standard errors are 0.04.
    #expect(abs(mean(values) / 1000 - share) < 0.04)
    // Parts, not a mixture: an edge is one voxel of some 4 that a lobule is across.
    let edges = Double(values.count { $0 > 150 && $0 < 850 }) / Double(values.count)
    #expect(edges < 0.4, "\(edges)")
  }

  /// Lobules finer than a voxel of 1 mm are a mixture with the same share.
  @Test func fineLobulesKeepTheirShare() throws {
    let noise = NoiseDraw(length: 0.5, angle: 1, place: [0.2, 0.4, 0.6])
    let values = try paint([part(0), part(1000, .lobules(share: 0.12, edge: 0, noise: noise))])
    #expect(abs(mean(values) / 1000 - 0.12) < 0.01, "\(mean(values))")
  }

  @Test func vesselsHaveTheirShareAndRadius() throws {
    let (radius, spacing) = (2.0, 18.0)
    let noise = NoiseDraw(length: spacing / Double.pi.squareRoot(), place: [0.7, 0.1, 0.3])
    let hu = try painted([part(0), part(1000, .vessels(radius: radius, noise: noise))])
    let inside = points(hu).filter { $0.depth > 4 }.map(\.value)
    // Of 600 mm of vessel, in pieces of a spacing or two: a sixth of a standard error each.
    let share = .pi * radius * radius / (spacing * spacing)
    #expect(abs(mean(inside) / 1000 / share - 1) < 0.4, "\(mean(inside) / 1000) of \(share)")
    // The largest ball inside a tube: where it is widest, more than the radius, and not as wide as two.
    let outside = Mask(grid: hu.grid, values: hu.values.map { $0 < 500 ? 1 : 0 })
    let distance = DistanceTransform.distance(to: outside, workers: Workers(count: 2))
    let widest = distance.values.max()!
    #expect(widest > Float(radius) && widest < Float(3 * radius), "\(widest)")
  }

  @Test func sheetsHaveTheirThickness() throws {
    let (thickness, spacing) = (2.0, 20.0)
    let noise = NoiseDraw(length: spacing / .pi, place: [0.6, 0.1, 0.8])
    let values = try paint([part(0), part(1000, .sheets(thickness: thickness, noise: noise))])
    // 2 / spacing of surface a mm.
    let share = mean(values) / 1000
    #expect(abs(share / (2 * thickness / spacing) - 1) < 0.15, "\(share)")
  }

  @Test func shellAndCoreFollowDepth() throws {
    var shell = part(1000)
    shell.to = 5
    var core = part(-500)
    core.from = 12
    let hu = points(try painted([part(0), shell, core]))
    func mean(_ depth: Range<Double>) -> Double {
      self.mean(hu.filter { depth.contains($0.depth) }.map(\.value))
    }
    #expect(abs(mean(2..<3.5) - 1000) < 30)
    #expect(abs(mean(6.5..<10.5)) < 30)
    #expect(abs(mean(14..<40) + 500) < 10)
    // The boundary where it was drawn: half of the value there. It is 1000 HU high and, on labels of 2 mm, some 2 mm
    // wide, so that a tenth of such a voxel off its place is 100 HU.
    #expect(abs(mean(4.75..<5.25) - 500) < 200)
  }

  /// Channels differ in values, not in places: contrast medium lies where its part is.
  @Test func channelsShareThePlaces() throws {
    let (map, painter) = (map("liver"), try painter())
    var draw = try painter.draw(map: map, targets: ["liver"], stream: RandomStream(seed: 5))
    let noise = NoiseDraw(length: 3, place: [0.7, 0.1, 0.3])
    var vessel = part(300, .lobules(share: 0.4, edge: 0, noise: noise))
    vessel.contrast = 260
    draw.structures[0].parts = [part(40), vessel]
    draw.structures[0].texture = nil
    let body = try painter.paint(
      map: map, targets: ["liver"], draw: draw, margins: (0, 0),
      channels: [.attenuation, .enhancement], workers: Workers(count: 2))
    let (hu, iodine) = (body[.attenuation], body[.enhancement])
    for (a, b) in zip(points(hu), points(iodine)) where a.depth > 4 {
      #expect(abs(a.value - 40 - b.value) < 0.01)
    }
  }

  @Test func theSameForAnyThreadsAndFromTheRecord() throws {
    for structure in ["kidney_left", "colon"] {
      let (map, painter) = (map(structure), try painter())
      let draw = try painter.draw(map: map, targets: [structure], stream: RandomStream(seed: 8))
      #expect(draw.structures[0].parts != nil || draw.structures[0].contents != nil)
      let read = try JSONDecoder().decode(PaintDraw.self, from: JSONEncoder().encode(draw))
      #expect(read == draw)
      let bodies = try [1, 3].map { count in
        try painter.paint(
          map: map, targets: [structure], draw: read, margins: (0, 0),
          workers: Workers(count: count))[.attenuation]
      }
      #expect(bodies[0] == bodies[1])
    }
  }

  @Test func drawsArePartsOfTheTableWithinItsRanges() throws {
    var shares: [Double] = []
    for seed in 0..<40 {
      let painter = try painter { $0.composition = CompositionSettings(probability: 1) }
      let draw = try painter.draw(
        map: map("parotid_gland_left"), targets: [], stream: RandomStream(seed: UInt64(seed)))
      let parts = try #require(draw.structures[0].parts)
      #expect(
        parts.map(\.tissue) == [
          "parotid_parenchyma", "subcutaneous_fat", "subcutaneous_fat", "vein",
        ])
      guard case .lobules(let share, _, let noise) = parts[1].pattern else {
        Issue.record("fat has no lobules")
        continue
      }
      shares.append(share)
      let range = TissueTable.standard.parts(of: "parotid_gland")![1].lobules!
      #expect(range.share.contains(share) && range.grain.contains(noise.length * .pi))
    }
    #expect(shares.max()! - shares.min()! > 0.1)
  }

  @Test func withoutTheSectionsStructuresAreOneThing() throws {
    let painter = try painter {
      $0.composition = nil
      $0.contents = nil
    }
    for structure in ["parotid_gland_left", "stomach"] {
      let draw = try painter.draw(map: map(structure), targets: [], stream: RandomStream(seed: 1))
      for fill in draw.structures + draw.surroundings {
        #expect(fill.parts == nil && fill.contents == nil)
      }
      #expect(draw.up == nil)
    }
  }

  /// Parts that vary with a tissue are on the same side of their means: cortex and medulla of one kidney.
  @Test func partsVaryTogether() throws {
    let table = TissueTable.standard
    for seed in 0..<20 {
      let painter = try painter { $0.composition = CompositionSettings(probability: 1) }
      let draw = try painter.draw(
        map: map("kidney_left"), targets: [], stream: RandomStream(seed: UInt64(seed)))
      let parts = try #require(draw.structures[0].parts)
      let deviations = try ["kidney_cortex", "kidney_medulla"].map { tissue in
        let prior = table.prior(tissue: tissue, phase: draw.phase)!
        return (try #require(parts.first { $0.tissue == tissue }).mean - prior.mean) / prior.spread
      }
      #expect(abs(deviations[0] - deviations[1]) < 1e-9)
    }
  }
}
