import Generation
import Anatomy
import Support
import Testing
import Textures
@testable import Painting

/// A ball of 20 mm radius in label voxels of 2 mm, painted beyond its label or short of it.
@Suite struct ContoursTests {
  private let map = AnatomicalMap(
    name: "ball", labels: labelMap([40, 40, 40], [2, 2, 2]) { ($0 * $0).sum() < 400 ? 1 : 0 },
    structures: [1: "spleen"])

  private func painter(contours: ContourSettings?) throws -> Painter {
    var settings = try Recipe.load("constant").paint
    settings.grid = GridSettings(finest: 1, coarsest: 1)
    settings.contours = contours
    return Painter(
      settings: settings, tissues: .standard, textures: DeadLeavesLibrary(seed: 1, count: 1))
  }

  /// Radius of the ball of the volume that reads more like the spleen than like what is around it.
  private func radius(offset: Double?) throws -> Double {
    let painter = try painter(contours: nil)
    var draws = try painter.draw(map: map, targets: ["spleen"], stream: RandomStream(seed: 5))
    // Brighter than anything beside it.
    draws.structures[0].mean = 1500
    draws.structures[0].offset = offset
    let hu = try painter.paint(
      map: map, targets: ["spleen"], draw: draws, margins: (0, 0), workers: Workers(count: 2)
    )[.attenuation]
    var count = 0
    for y in 0..<hu.grid.shape.y {
      for x in 0..<hu.grid.shape.x {
        for z in 0..<hu.grid.shape.z where hu[x, y, z] > 800 {
          let p = hu.grid.affine.apply([Double(x), Double(y), Double(z)])
          // Bones of the body around lie further out.
          if (p * p).sum() < 26 * 26 { count += 1 }
        }
      }
    }
    return power(Double(count) * 3 / (4 * Double.pi), 1 / 3)
  }

  @Test func offsetMovesTheSurface() throws {
    let label = try radius(offset: nil)
    // Half way to the body around it is not quite 800, and voxels of 2 mm cut the ball.
    #expect(abs(label - 20) < 0.3, "\(label)")
    for offset in [-1.0, -0.5, 0.5, 1] {
      let moved = try radius(offset: offset) - label
      // Half a label voxel and less is reached; a quarter of it is the painting grid's.
      #expect(abs(moved - offset) < 0.25, "\(moved) for \(offset)")
    }
    #expect(try radius(offset: 0) == label)
  }

  @Test func drawsHaveTheDeviationAskedFor() throws {
    let painter = try painter(contours: ContourSettings(deviation: 1, bones: 0.7))
    let offsets = try (0..<200).map { seed in
      try painter.draw(
        map: map, targets: ["spleen"], stream: RandomStream(seed: UInt64(seed))
      ).structures[0].offset!
    }
    let mean = offsets.reduce(0, +) / 200
    let variance = offsets.reduce(0) { $0 + $1 * $1 } / 200
    // Cut at two deviations a Gaussian keeps 0.88 of its own; three standard errors of 200.
    #expect(abs(mean) < 0.19, "\(mean)")
    #expect(abs(variance.squareRoot() - 0.88) < 0.14, "\(variance)")
    #expect(offsets.allSatisfy { abs($0) <= 2 })
  }

  @Test func contoursOfBonesLieOutsideThem() throws {
    let bone = AnatomicalMap(name: "bone", labels: map.labels, structures: [1: "mandible"])
    let painter = try painter(contours: ContourSettings(deviation: 0, bones: 0.7))
    func offset(_ map: AnatomicalMap) throws -> Double? {
      try painter.draw(map: map, targets: [], stream: RandomStream(seed: 5)).structures[0].offset
    }
    #expect(try offset(bone) == -0.7)
    #expect(try offset(map) == 0)
  }
}
