import Acquisition
import CTScan
import Painting
import Support
import Testing
import Volumes

/// Images that are a part of what a scan was planned for.
@Suite(.serialized) struct PlannedScanTests {
  private let workers = Workers(count: 2)

  /// An ellipsoid of water with a rod off its middle, so that nothing is symmetric.
  private func body() -> Body {
    let grid = Grid(shape: [120, 100, 40], spacing: [3, 3, 3])
    var hu = Volume<Float>(grid: grid, repeating: -1000)
    for y in 0..<100 {
      for x in 0..<120 {
        for z in 0..<40 {
          let p = SIMD3(Double(x) - 59.5, Double(y) - 49.5, Double(z) - 19.5) * 3
          if p.x * p.x / 25_600 + p.y * p.y / 14_400 < 1 { hu[x, y, z] = 0 }
          let rod = SIMD2(p.x - 60, p.y + 30)
          if (rod * rod).sum() < 400 { hu[x, y, z] = 500 }
        }
      }
    }
    return Body(grid: grid, channels: [.attenuation: hu])
  }

  /// In every corner of the planned grid a part of it is reconstructed, and is that part of the whole image: the scan covers
  /// what lies inside the grid that it was planned for.
  @Test(arguments: [
    (SIMD3(0, 0, 0), SIMD3(-50, -40, 0)), (SIMD3(-50, 0, 0), SIMD3(0, -40, 0)),
    (SIMD3(0, -40, 0), SIMD3(-50, 0, 0)), (SIMD3(-50, -40, 0), SIMD3(0, 0, 0)),
    (SIMD3(-5, -20, 0), SIMD3(-30, -3, 0)),
  ]) func aPartOfThePlannedGrid(before: SIMD3<Int>, after: SIMD3<Int>) throws {
    let simulator = try CTSimulator(
      scanner: Scanner.load("rows16"),
      scanProtocol: ScanProtocol(name: "test", mas: 400, pitch: 1.3))
    let planned = Grid(shape: [90, 80, 6], spacing: [4, 4, 5])
    let part = planned.padded(before: before, after: after)
    let body = body()
    func image(_ grid: Grid) throws -> Volume<Float> {
      try simulator.image(
        of: body, onto: grid, planned: planned, stream: RandomStream(seed: 4), workers: workers
      ) { _ in }
    }
    let (whole, own) = (try image(planned), try image(part))
    #expect(own.grid.shape == part.shape)
    var worst: Float = 0
    for y in 0..<part.shape.y {
      for x in 0..<part.shape.x {
        for z in 0..<part.shape.z {
          worst = max(worst, abs(own[x, y, z] - whole[x - before.x, y - before.y, z]))
        }
      }
    }
    // Columns share the weights of rows in squares that begin at the grid's corner: a few HU in the noise of 10 to 20, where
    // another voxel would be off by hundreds at the rod's edge.
    #expect(worst < 30, "\(worst) HU")
  }
}
