import Testing
import Volumes

@Suite struct GridTests {
  @Test func columnsAreContiguousAlongZ() {
    let grid = Grid(shape: [3, 4, 5], spacing: [1, 2, 3])
    #expect(grid.offset(1, 2, 4) - grid.offset(1, 2, 3) == 1)
    #expect(grid.offset(2, 2, 0) - grid.offset(1, 2, 0) == 5)
    #expect(grid.offset(0, 1, 0) == 15)
  }

  @Test func resamplingKeepsTheBox() {
    let grid = Grid(shape: [100, 80, 60], spacing: [1, 1, 2], center: [5, -7, 11])
    let coarse = grid.resampled(spacing: [2, 4, 2])
    #expect(coarse.shape == [50, 20, 60])
    #expect(coarse.extent == grid.extent)
    let edge = grid.affine.apply([-0.5, -0.5, -0.5]) - coarse.affine.apply([-0.5, -0.5, -0.5])
    #expect((edge * edge).sum() < 1e-18)
  }

  @Test func inverseUndoesAnObliqueAffine() {
    let affine = Affine(
      columns: .init(x: [1, 0.2, -0.1], y: [-0.3, 2, 0.1], z: [0.05, 0.2, 3]),
      translation: [4, 5, 6])
    let p: SIMD3<Double> = [7, -8, 9]
    let gap = affine.inverse.apply(affine.apply(p)) - p
    #expect((gap * gap).sum() < 1e-24)
  }
}
