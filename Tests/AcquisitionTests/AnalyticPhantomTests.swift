import Acquisition
import Support
import Testing
import Volumes

@Suite struct AnalyticPhantomTests {
  private static let phantom = AnalyticPhantom([
    .init(.cylinder(center: [5, -3], radius: 90), hu: 0),
    .init(.ellipsoid(center: [20, 10, 4], radii: [30, 20, 12]), hu: 300, within: 0),
    .init(.box(center: [-40, 20, -6], halfWidths: [11, 7, 9]), hu: -800, within: 0),
    .init(.cylinder(center: [10, -50], radius: 8, heights: -5...9), hu: 1000, within: 0),
  ])

  /// Eight edges at most, of up to 2000 HU: 8 * 0.02 mm * 0.02 / mm * 2 / 2.
  @Test(arguments: [0.3, 2.1, 4.9]) func lineIntegralsAreSumsAlongTheRay(angle: Double) {
    RaySums.expect(Self.phantom, angle: angle, steps: (7, 5), tolerance: 3e-3)
  }

  /// Voxels hold the solids' volumes: HU above air add up to value times volume.
  @Test func voxelsHoldTheVolumes() {
    let ball = AnalyticPhantom([
      .init(.ellipsoid(center: [0.3, -0.2, 0.4], radii: [8, 6, 5]), hu: 0),
      .init(.box(center: [0, 1, 0], halfWidths: [2, 1.5, 1]), hu: 500, within: 0),
    ])
    let grid = Grid(shape: [24, 24, 24], spacing: [1, 1, 1])
    let voxels = ball.voxelised(on: grid, samples: 8, workers: Workers())
    let sum = voxels.values.reduce(0.0) { $0 + Double($1) + 1000 }
    let exact = 1000 * 4 / 3 * Double.pi * 8 * 6 * 5 + 500 * 4 * 3 * 2
    // Points 1 / 8 mm apart on 700 mm² of surface.
    #expect(abs(sum / exact - 1) < 2e-3, "\(sum) for \(exact)")
    #expect(voxels[12, 12, 12] == 500 && voxels[0, 0, 0] == -1000)
  }

  /// A moved phantom is the phantom seen from elsewhere.
  @Test func movingKeepsValues() {
    let moved = Self.phantom.moved(by: [3, -4, 5])
    for point in [SIMD3(20.0, 10, 4), [-40, 20, -6], [10, -50, 0], [0, 0, 80], [150, 0, 0]] {
      #expect(moved.value(at: point + [3, -4, 5]) == Self.phantom.value(at: point))
    }
  }
}
