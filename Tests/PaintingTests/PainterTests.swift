import Anatomy
import Generation
import FoundationEssentials
import Support
import Testing
import Textures
import Tissues
import Volumes
@testable import Painting

@Suite struct PainterTests {
  /// A liver (1), a spleen (2) and an aorta (3) in a body (4) of 128 x 112 x 80 mm.
  private let map = AnatomicalMap(
    name: "case",
    labels: labelMap([64, 56, 40], [2, 2, 2]) { p in
      func inside(_ c: SIMD3<Double>, _ r: SIMD3<Double>) -> Bool {
        (((p - c) / r) * ((p - c) / r)).sum() < 1
      }
      if inside([25, 5, 0], [26, 24, 28]) { return 1 }
      if inside([-38, -8, 6], [12, 14, 20]) { return 2 }
      if inside([-10, -28, 0], [10, 10, 900]) { return 3 }
      return inside([0, 0, 0], [62, 50, 9000]) ? 4 : 0
    }, structures: [1: "liver", 2: "spleen", 3: "aorta", 4: "body"])

  private let library = DeadLeavesLibrary(
    seed: 3, count: 4, texture: DeadLeaves(width: 72, height: 64, frames: 48))

  private func settings(_ strategy: PaintSettings.Strategy) throws -> PaintSettings {
    var settings = try Recipe.load(strategy.rawValue).paint
    settings.texture.source = .deadLeaves
    settings.grid = GridSettings(finest: 2, coarsest: 2)
    return settings
  }

  private func painter(
    _ strategy: PaintSettings.Strategy, _ change: (inout PaintSettings) -> Void = { _ in }
  )
    throws -> Painter
  {
    var settings = try settings(strategy)
    change(&settings)
    return Painter(settings: settings, tissues: .standard, textures: library)
  }

  private let stream = RandomStream(seed: 11).split("case")

  /// A body with what was drawn for it.
  private struct Painted {
    let body: Body
    let draws: PaintDraw

    var hu: Volume<Float> { body[.attenuation] }
  }

  private func body(_ painter: Painter, workers: Int = 2, margin: Double = 0) throws -> Painted {
    let draws = try painter.draw(
      map: map, targets: ["liver"], stream: stream, workers: Workers(count: workers))
    return Painted(
      body: try painter.paint(
        map: map, targets: ["liver"], draw: draws, margins: (margin, margin),
        workers: Workers(count: workers)), draws: draws)
  }

  /// The values of painting voxels well inside a label (all 26 label neighbours alike).
  private func inside(_ label: UInt16, _ volume: Volume<Float>) -> [Double] {
    var values: [Double] = []
    let toLabel = map.labels.grid.affine.inverse.composed(with: volume.grid.affine)
    for y in 0..<volume.grid.shape.y {
      for x in 0..<volume.grid.shape.x {
        for z in 0..<volume.grid.shape.z {
          let p = toLabel.apply([Double(x), Double(y), Double(z)])
          let i = SIMD3(Int(p.x.rounded()), Int(p.y.rounded()), Int(p.z.rounded()))
          let alike = [-2, 0, 2].allSatisfy { dx in
            [-2, 0, 2].allSatisfy { dy in
              [-2, 0, 2].allSatisfy { dz in
                let (a, b, c) = (i.x + dx, i.y + dy, i.z + dz)
                return map.labels.grid.contains(a, b, c) && map.labels[a, b, c] == label
              }
            }
          }
          if alike { values.append(Double(volume[x, y, z])) }
        }
      }
    }
    return values
  }

  private func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return (mean, square.squareRoot())
  }

  @Test func constantGivesEveryLabelItsValue() throws {
    let body = try body(painter(.constant))
    #expect(body.hu.grid.spacing == [2, 2, 2])
    #expect(body.draws.structures.map(\.structure) == ["aorta", "liver", "spleen"])
    for (label, name) in [(1, "liver"), (2, "spleen"), (3, "aorta")] {
      let draw = body.draws.structures.first { $0.structure == name }!
      #expect(draw.deviation == 0)
      #expect(draw.texture == nil)
      let values = inside(UInt16(label), body.hu)
      #expect(values.count > 20)
      #expect(values.allSatisfy { abs($0 - draw.mean) < 0.1 }, "\(name)")
    }
  }

  /// What a structure has more than the same patient in the native phase is contrast medium, with the edges of the
  /// structure; the native phase has none.
  @Test func contrastIsWhatThePhaseAdds() throws {
    func body(_ phase: ContrastPhase) throws -> Painted {
      let painter = try painter(.constant) {
        $0.phases = .init(
          native: phase == .native ? 1 : 0, arterial: 0,
          portalVenous: phase == .portalVenous ? 1 : 0)
        $0.contours = nil
      }
      let draws = try painter.draw(map: map, targets: ["liver"], stream: stream)
      return Painted(
        body: try painter.paint(
          map: map, targets: ["liver"], draw: draws, margins: (0, 0),
          channels: [.attenuation, .enhancement], workers: Workers()), draws: draws)
    }
    let native = try body(.native)
    #expect(native.body[.enhancement].values.allSatisfy { $0 == 0 })
    // One channel or two: the one is the same.
    #expect(
      try self.body(painter(.video)).body.channels == [.attenuation])
    let enhanced = try body(.portalVenous)
    let contrast = enhanced.body[.enhancement]
    #expect(contrast.grid == enhanced.hu.grid && enhanced.hu.values != native.hu.values)
    for (label, name) in [(UInt16(1), "liver"), (2, "spleen"), (3, "aorta")] {
      let draw = try #require(enhanced.draws.structures.first { $0.structure == name })
      let before = try #require(native.draws.structures.first { $0.structure == name })
      let added = try #require(draw.contrast)
      // The liver gains 45 HU, spleen and aorta more; spreads differ between phases by a few HU.
      #expect((20...250).contains(added), "\(name) gains \(added) HU")
      #expect(inside(label, contrast).allSatisfy { abs($0 - added) < 0.01 })
      #expect(abs(draw.mean - added - before.mean) < 1e-9, "\(name)")
    }
    // Between nothing and the most of all at every edge.
    let most = Float(enhanced.draws.structures.compactMap(\.contrast).max()!)
    let around = Float(enhanced.draws.surroundings.compactMap(\.contrast).max() ?? 0)
    #expect(contrast.values.allSatisfy { (-1e-3...max(most, around) + 1e-3).contains($0) })
  }

  @Test func videoGivesEveryLabelItsDistribution() throws {
    let body = try body(painter(.video))
    for (label, name) in [(1, "liver"), (2, "spleen")] {
      let draw = body.draws.structures.first { $0.structure == name }!
      #expect(draw.deviation > 0)
      let (mean, deviation) = moments(inside(UInt16(label), body.hu))
      // The voxels well inside are a part of those that were matched.
      #expect(abs(mean - draw.mean) < 0.35 * draw.deviation, "\(name) \(mean) \(draw.mean)")
      #expect(abs(deviation / draw.deviation - 1) < 0.25, "\(name) \(deviation)")
    }
    let clips = body.draws.structures.compactMap { $0.texture?.clip }
    #expect(Set(clips).count == 3)
  }

  @Test func mixingGivesSomeStructuresOneValue() throws {
    func draws(_ mixing: MixingSettings?, seed: UInt64 = 11) throws -> PaintDraw {
      try painter(.video) { $0.mixing = mixing }.draw(
        map: map, targets: ["liver"], stream: RandomStream(seed: seed).split("case"))
    }
    let plain = try draws(nil)
    // Means, phase and clips are those of the recipe without it: only the texture is taken away.
    let none = try draws(MixingSettings(constant: 1, allConstant: 0, allTexture: 0))
    #expect(none.structures.allSatisfy { $0.deviation == 0 && $0.texture == nil })
    #expect(none.structures.map(\.mean) == plain.structures.map(\.mean))
    #expect(none.phase == plain.phase && none.clips == plain.clips)
    #expect(try draws(MixingSettings(constant: 1, allConstant: 0, allTexture: 1)) == plain)
    #expect(try draws(MixingSettings(constant: 0, allConstant: 0, allTexture: 0)) == plain)
    #expect(try draws(MixingSettings(constant: 0, allConstant: 1, allTexture: 0)) == none)
    // A case that is all of one kind is so in the completion too.
    let body = try body(
      painter(.video) { $0.mixing = MixingSettings(constant: 0, allConstant: 1, allTexture: 0) })
    #expect(body.draws.surroundings.count > 3)
    #expect(body.draws.surroundings.allSatisfy { $0.texture == nil })
    // 3 structures in 60 cases: binomial, n = 180, p = 0.4, standard deviation 6.6.
    var count = 0
    for seed in 0..<60 {
      count += try draws(
        MixingSettings(constant: 0.4, allConstant: 0, allTexture: 0), seed: UInt64(seed)
      ).structures.count { $0.texture == nil }
    }
    #expect(abs(count - 72) < 27, "\(count) of 180 structures are plain")
  }

  @Test func cylinderPaintsTheTargetAlone() throws {
    let body = try body(painter(.cylinder))
    let draw = try #require(body.draws.cylinder)
    #expect(body.draws.structures.map(\.structure) == ["liver"])
    #expect(body.draws.surroundings.isEmpty)
    let liver = body.draws.structures[0]
    #expect(inside(1, body.hu).allSatisfy { abs($0 - liver.mean) < 0.1 })
    // Air in the corners; the whole liver lies in the cylinder.
    let shape = body.hu.grid.shape
    for x in [0, shape.x - 1] {
      for y in [0, shape.y - 1] { #expect(body.hu[x, y, shape.z / 2] == -1000) }
    }
    for y in 0..<56 {
      for x in 0..<64 where (0..<40).contains(where: { map.labels[x, y, $0] == 1 }) {
        let u = abs(2 * Double(x) - 63 - draw.offsetX) / draw.radiusX
        let v = abs(2 * Double(y) - 55 - draw.offsetY) / draw.radiusY
        #expect(FoundationFree.power(u, draw.exponent) + FoundationFree.power(v, draw.exponent) < 1)
      }
    }
    // The spleen is not seen: its place shows the texture.
    #expect(moments(inside(2, body.hu)).deviation > 5)
  }

  @Test func theCylinderHasItsDistribution() throws {
    var shares: [Double] = []
    let painter = try painter(.cylinder)
    let body = try body(painter)
    let draw = try #require(body.draws.cylinder)
    let total = draw.distribution.reduce(0) { $0 + $1.weight }
    let fat =
      draw.distribution.filter { (-150 ..< -60).contains($0.mean) }
      .reduce(0) { $0 + $1.weight } / total
    let inside = body.hu.values.filter { $0 > -999.9 }
    let got = Double(inside.count { $0 > -155 && $0 < -65 }) / Double(inside.count)
    shares.append(got)
    // The liver covers a tenth of the cylinder, and fat and soft tissue overlap a little.
    #expect(abs(got - fat) < 0.12, "\(got) \(fat)")
  }

  @Test func theSameSeedGivesTheSameBytesOnAnyThreads() throws {
    for strategy in PaintSettings.Strategy.allCases {
      let painter = try painter(strategy)
      let one = try body(painter, workers: 1, margin: 20)
      let four = try body(painter, workers: 4, margin: 20)
      #expect(one.draws == four.draws)
      #expect(one.hu == four.hu, "\(strategy)")
    }
  }

  @Test func aRecordReplaysTheCase() throws {
    let painter = try painter(.video)
    let body = try body(painter)
    let record = try JSONEncoder().encode(body.draws)
    let read = try JSONDecoder().decode(PaintDraw.self, from: record)
    #expect(read == body.draws)
    // Another painter with another cache.
    let fresh = Painter(
      settings: try settings(.video), tissues: .standard,
      textures: DeadLeavesLibrary(
        seed: 99, count: 1, texture: DeadLeaves(width: 72, height: 64, frames: 48), cacheLimit: 0))
    let again = try fresh.paint(
      map: map, targets: ["liver"], draw: read, margins: (0, 0), workers: Workers(count: 1))
    #expect(again[.attenuation] == body.hu)
  }

  @Test func marginsDoNotChangeTheBody() throws {
    // Constant surroundings aside, labels and textures are the same with and without margins.
    let painter = try painter(.cylinder)
    let short = try body(painter)
    let long = try body(painter, margin: 30)
    let (a, b) = (short.hu.grid, long.hu.grid)
    #expect(b.shape.z == a.shape.z + 30)
    for y in 0..<a.shape.y {
      for x in 0..<a.shape.x {
        for z in 0..<a.shape.z where short.hu[x, y, z] != long.hu[x, y, z + 15] {
          Issue.record("voxel \(x) \(y) \(z) differs")
          return
        }
      }
    }
  }

  @Test func anotherLabelChangesNoOtherDraw() throws {
    let painter = try painter(.video)
    var fewer = map
    fewer.structures[3] = nil
    let all = try painter.draw(map: map, targets: ["liver"], stream: stream)
    let some = try painter.draw(map: fewer, targets: ["liver"], stream: stream)
    #expect(all.phase == some.phase)
    #expect(
      all.structures.filter { $0.structure != "aorta" }.map(\.mean) == some.structures.map(\.mean))
  }

  @Test func meansFollowThePrior() throws {
    let painter = try painter(.constant) {
      $0.phases = .init(native: 1, arterial: 0, portalVenous: 0)
    }
    let means = try (0..<200).map { seed in
      try painter.draw(map: map, targets: [], stream: RandomStream(seed: seed))
        .structures.first { $0.structure == "liver" }!.mean
    }
    let prior = try TissueTable.standard.prior(for: "liver", phase: .native)
    let (mean, deviation) = moments(means)
    // 200 draws: the mean is known to 7 % of the spread, the deviation to 5 %. The shipped recipe
    // widens the spread by a quarter; cutting at 2.5 sd narrows it by 5 %.
    #expect(abs(mean - prior.mean) < 0.3 * prior.spread)
    #expect(abs(deviation / (1.25 * 0.95 * prior.spread) - 1) < 0.2)
  }

  @Test func whatCannotBePaintedIsAnError() throws {
    let absent = #expect(throws: MaskCTError.self) {
      try painter(.cylinder).draw(map: map, targets: ["pancreas"], stream: stream)
    }
    #expect(absent?.problem == "holds no pancreas")
    var empty = map
    empty.labels = LabelMap(grid: map.labels.grid, repeating: 0)
    for strategy in PaintSettings.Strategy.allCases {
      let error = #expect(throws: MaskCTError.self) {
        try painter(strategy).draw(map: empty, targets: ["liver"], stream: stream)
      }
      #expect(error?.problem == "holds no labelled voxel")
    }
  }
}

/// `x^y` for positive numbers, from the square root alone: tests import no C library.
enum FoundationFree {
  static func power(_ x: Double, _ y: Double) -> Double {
    if x <= 0 { return 0 }
    var result = 1.0
    for _ in 0..<Int(y) { result *= x }
    var fraction = y - Double(Int(y))
    var root = x
    for _ in 0..<40 {
      root = root.squareRoot()
      fraction *= 2
      if fraction >= 1 {
        result *= root
        fraction -= 1
      }
    }
    return result
  }
}
