import Generation
import Anatomy
import Support
import Testing
import Textures
import Tissues
import Volumes
@testable import Painting

/// A ball of bone of 40 mm radius, painted by recipes that lay its texture out by depth or not.
@Suite struct CortexTests {
  private let radius = 40.0
  private let map: AnatomicalMap

  init() {
    let radius = radius
    map = AnatomicalMap(
      name: "ball",
      labels: labelMap([60, 60, 60], [2, 2, 2]) { ($0 * $0).sum() < radius * radius ? 1 : 0 },
      structures: [1: "hip_left"])
  }

  private func paint(_ cortex: CortexSettings?) throws -> (Volume<Float>, FillDraw) {
    var settings = try Recipe.load("video").paint
    settings.texture.source = .deadLeaves
    settings.grid = GridSettings(finest: 1.5, coarsest: 1.5)
    settings.cortex = cortex
    let painter = Painter(
      settings: settings, tissues: .standard,
      textures: DeadLeavesLibrary(
        seed: 3, count: 4, texture: DeadLeaves(width: 72, height: 64, frames: 48)))
    let draws = try painter.draw(
      map: map, targets: ["hip_left"], stream: RandomStream(seed: 5))
    let body = try painter.paint(
      map: map, targets: ["hip_left"], draw: draws, margins: (0, 0), workers: Workers(count: 2))
    return (body[.attenuation], draws.structures[0])
  }

  /// Mean and deviation of the voxels whose depth below the surface lies in a range, mm.
  private func moments(_ hu: Volume<Float>, depth: Range<Double>) -> (Double, Double) {
    var (count, sum, squares) = (0.0, 0.0, 0.0)
    for y in 0..<hu.grid.shape.y {
      for x in 0..<hu.grid.shape.x {
        for z in 0..<hu.grid.shape.z {
          let p = hu.grid.affine.apply([Double(x), Double(y), Double(z)])
          guard depth.contains(radius - (p * p).sum().squareRoot()) else { continue }
          let value = Double(hu[x, y, z])
          (count, sum, squares) = (count + 1, sum + value, squares + value * value)
        }
      }
    }
    let mean = sum / count
    return (mean, (squares / count - mean * mean).squareRoot())
  }

  @Test func shellIsBrightAndTheWholeKeepsItsDistribution() throws {
    let (hu, draw) = try paint(CortexSettings(probability: 1, thickness: 5...5, share: 0.75...0.75))
    #expect(draw.cortex == CortexDraw(thickness: 5, share: 0.75))
    let shell = moments(hu, depth: 2..<4).0
    let core = moments(hu, depth: 10..<40).0
    // A shell of 5 mm is a third of the ball: 1.34 deviations above the mean, the rest 0.67 below. Texture
    // blurs it.
    #expect(shell > draw.mean + 0.8 * draw.deviation, "\(shell)")
    #expect(core < draw.mean - 0.4 * draw.deviation, "\(core)")
    // The edge of a painting voxel takes a little from the whole.
    let (mean, deviation) = moments(hu, depth: 1.5..<40)
    #expect(abs(mean - draw.mean) < 0.2 * draw.deviation, "\(mean)")
    #expect(abs(deviation / draw.deviation - 1) < 0.15, "\(deviation)")
  }

  @Test(arguments: [0.1, 0.3, 0.5, 0.9]) func distributionHasMeanAndDeviationAndNoTail(
    shell: Double
  ) {
    let table = Cortex.distribution(mean: 790, deviation: 420, shell: shell).quantiles
    let values = (0..<4000).map { table.value(at: (Double($0) + 0.5) / 4000) }
    let mean = values.reduce(0, +) / 4000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000
    // Gaussians cut at three deviations keep 0.986 of their own, a tenth of the variance.
    #expect(abs(mean - 790) < 4)
    #expect(abs(variance.squareRoot() - 420) < 6)
    // A Gaussian would have a fortieth below -33 HU.
    #expect(table.value(at: 0.025) > 60)
  }

  @Test func withoutTheSectionDepthDoesNotMatter() throws {
    let (hu, draw) = try paint(nil)
    #expect(draw.cortex == nil)
    let shell = moments(hu, depth: 2..<4).0
    let core = moments(hu, depth: 10..<40).0
    #expect(abs(shell - core) < 0.5 * draw.deviation, "\(shell) and \(core)")
  }

  @Test func onlyBonesHaveOne() throws {
    for tissue in TissueTable.standard.names {
      let isBone = TissueTable.standard.isBone(tissue)
      let isCalled = ["bone", "vertebra", "rib", "skull", "mandible"].contains(tissue)
      if isCalled { #expect(isBone, "\(tissue)") }
      if ["liver", "muscle", "cortical_bone", "cancellous_bone", "disc"].contains(tissue) {
        #expect(!isBone, "\(tissue)")
      }
    }
  }
}
