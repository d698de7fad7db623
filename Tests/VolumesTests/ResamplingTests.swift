import Support
import TestSupport
import Testing
import Volumes

@Suite struct ResamplingTests {
  let workers = Workers(count: 2)
  let grid = Grid(shape: [30, 24, 20], spacing: [1.5, 2, 2.5], center: [10, -5, 100])

  /// A linear function of the place, which trilinear interpolation reproduces.
  func linear(on grid: Grid) -> Volume<Float> {
    var volume = Volume<Float>(grid: grid, repeating: 0)
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z {
          let p = grid.affine.apply([Double(x), Double(y), Double(z)])
          volume[x, y, z] = Float(2 * p.x - 3 * p.y + 0.5 * p.z)
        }
      }
    }
    return volume
  }

  /// A small grid well inside `grid`, turned about z and tilted.
  var oblique: Grid {
    let (c, s) = (cosine(0.4), sine(0.4))
    return Grid(
      shape: [9, 8, 7],
      affine: Affine(
        columns: .init(x: [1.1 * c, 1.1 * s, 0], y: [-1.3 * s, 1.3 * c, 0.2], z: [0.1, 0, 1.7]),
        translation: [7, -10, 95]))
  }

  @Test func linearFunctionsAreReproduced() {
    let aligned = Grid(shape: [13, 14, 15], spacing: [0.7, 1.1, 2.9], center: [9, -4, 101])
    for target in [aligned, oblique] {
      let worst = WorstVoxel(
        linear(on: grid).resampled(to: target, workers: workers), linear(on: target))
      // Values of about 100 in single precision, eight of them blended.
      #expect(worst.difference < 1e-4, "\(worst)")
    }
  }

  @Test func alignedAndGeneralPathsAgreeAtTheBorderToo() {
    let noise = Volume<Float>.noise(on: grid, seed: 4)
    // Reaches out of the grid on every side.
    let wide = Grid(shape: [40, 41, 42], spacing: [1.3, 1.4, 1.5], center: [12, -3, 98])
    var tilted = wide
    // Too little to see (0.0001 voxels at 40 steps), enough for the general path.
    tilted.affine.columns.x.y += 3e-6
    for outside in [Outside.edge, .value(-1000)] {
      let worst = WorstVoxel(
        noise.resampled(to: wide, outside: outside, workers: workers),
        noise.resampled(to: tilted, outside: outside, workers: workers))
      #expect(worst.difference < 1e-3, "\(worst), \(outside)")
    }
  }

  @Test func outsideBeginsHalfAVoxelBeyondTheLastCentre() {
    let source = Volume<Float>(
      grid: Grid(shape: [4, 1, 1], spacing: [1, 1, 1]), values: [1, 2, 3, 4])
    // Centres at -2.2, -1.8, ... 2.2 mm; those of the source at -1.5 ... 1.5, its edges at 2.
    let target = Grid(shape: [12, 1, 1], spacing: [0.4, 1, 1])
    let edge = source.resampled(to: target, workers: workers)
    let cut = source.resampled(to: target, outside: .value(-9), workers: workers)
    #expect(edge[0, 0, 0] == 1 && edge[11, 0, 0] == 4)
    #expect(cut[0, 0, 0] == -9 && cut[1, 0, 0] == 1 && cut[10, 0, 0] == 4 && cut[11, 0, 0] == -9)
    #expect(abs(edge[4, 0, 0] - 1.9) < 1e-6)
  }

  @Test func labelsGoToTheNearestVoxel() {
    let labels = Phantom.letterL(center: [10, -5, 100]).labels(on: grid)
    let fine = grid.resampled(spacing: grid.spacing / 3)
    let up = labels.resampled(to: fine, workers: workers)
    #expect(up[1, 1, 1] == labels[0, 0, 0])
    var wrong = 0
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z where up[3 * x + 1, 3 * y, 3 * z + 2] != labels[x, y, z] {
          wrong += 1
        }
      }
    }
    #expect(wrong == 0)
    #expect(up.resampledByMajority(to: grid, workers: workers) == labels)
    #expect(up.resampled(to: grid, workers: workers) == labels)
  }

  @Test func majorityCountsVotes() {
    var labels = LabelMap(grid: Grid(shape: [4, 2, 2], spacing: [1, 1, 1]), repeating: 3)
    for (x, y, z) in [(0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1), (0, 0, 1)] { labels[x, y, z] = 1 }
    for (x, y) in [(2, 0), (2, 1)] { (labels[x, y, 0], labels[x, y, 1]) = (2, 2) }
    let coarse = labels.grid.resampled(spacing: [2, 2, 2])
    // Five of eight are 1; of four 2s and four 3s the smaller wins.
    #expect(labels.resampledByMajority(to: coarse, workers: workers).values == [1, 2])
  }

  @Test func labelsOutsideAreBackground() {
    let labels = LabelMap(grid: Grid(shape: [2, 2, 2], spacing: [1, 1, 1]), repeating: 5)
    let wide = Grid(shape: [4, 4, 4], spacing: [1, 1, 1])
    #expect(labels.resampled(to: wide, workers: workers).values.filter { $0 == 5 }.count == 8)
  }

  @Test func theSameGridIsACopy() {
    let noise = Volume<Float>.noise(on: grid, seed: 4)
    #expect(noise.resampled(to: grid, workers: workers) == noise)
  }
}
