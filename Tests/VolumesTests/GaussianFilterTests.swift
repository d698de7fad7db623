import Support
import TestSupport
import Testing
import Volumes

@Suite struct GaussianFilterTests {
  let workers = Workers(count: 2)

  @Test func aPointSpreadsAsTheFormulaSays() {
    let grid = Grid(shape: [41, 37, 33], spacing: [0.8, 1, 1.5])
    var point = Volume<Float>(grid: grid, repeating: 0)
    point[20, 18, 16] = 1
    let sigma: SIMD3<Double> = [1.6, 2, 3]
    let result = point.gaussianFiltered(sigma: sigma, workers: workers)
    /// The discrete Gaussian of two voxels, normalised: exp(-i^2 / 8) / 5.0133.
    func weight(_ i: Int) -> Double { exponential(-Double(i * i) / 8) }
    let sum = (-8...8).reduce(0) { $0 + weight($1) }
    for (i, j, k) in [(0, 0, 0), (3, -1, 2), (-8, 8, 8), (9, 0, 0)] {
      let exact = abs(i) > 8 ? 0 : weight(i) * weight(j) * weight(k) / (sum * sum * sum)
      #expect(abs(Double(result[20 + i, 18 + j, 16 + k]) - exact) < 1e-9)
    }
  }

  @Test(arguments: [SIMD3(20, 15, 40), SIMD3(1, 1, 9), SIMD3(33, 2, 1)])
  func constantsStayAtTheBorderToo(shape: SIMD3<Int>) {
    let grid = Grid(shape: shape, spacing: [1, 1, 1])
    let flat = Volume<Float>(grid: grid, repeating: 100)
    let worst = WorstVoxel(flat.gaussianFiltered(sigma: 2.7, workers: workers), flat)
    // A sum of 23 single-precision products along each of three axes.
    #expect(worst.difference < 1e-4, "\(worst)")
  }

  @Test func aRampStaysARampInside() {
    let grid = Grid(shape: [40, 40, 40], spacing: [1, 1, 1])
    var ramp = Volume<Float>(grid: grid, repeating: 0)
    for y in 0..<40 {
      for x in 0..<40 { for z in 0..<40 { ramp[x, y, z] = Float(3 * x - 2 * y + z) } }
    }
    let result = ramp.gaussianFiltered(sigma: 1.5, workers: workers)
    let inner = BoundingBox(lower: [7, 7, 7], upper: [33, 33, 33])
    let worst = WorstVoxel(result.cropped(to: inner), ramp.cropped(to: inner))
    #expect(worst.difference < 1e-4, "\(worst)")
  }

  @Test func sigmaZeroAndThreadsChangeNothing() {
    let noise = Volume<Float>.noise(on: Grid(shape: [30, 31, 32], spacing: [1, 1, 1]), seed: 1)
    #expect(noise.gaussianFiltered(sigma: 0, workers: workers) == noise)
    #expect(
      noise.gaussianFiltered(sigma: 1, workers: Workers(count: 1))
        == noise.gaussianFiltered(sigma: 1, workers: Workers(count: 5)))
  }
}
