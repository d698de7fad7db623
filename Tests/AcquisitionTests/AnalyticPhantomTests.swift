import Acquisition
import Testing
import Volumes

@Suite struct AnalyticPhantomTests {
  private static let scanner = Scanner(
    name: "test", sourceToIsocenter: 570, sourceToDetector: 1040, channels: 48, fanAngle: 22,
    rows: 16, rowHeight: 4, viewsPerRotation: 100)

  private static let phantom = AnalyticPhantom([
    .init(.cylinder(center: [5, -3], radius: 90), hu: 0),
    .init(.ellipsoid(center: [20, 10, 4], radii: [30, 20, 12]), hu: 300, within: 0),
    .init(.box(center: [-40, 20, -6], halfWidths: [11, 7, 9]), hu: -800, within: 0),
    .init(.cylinder(center: [10, -50], radius: 8, heights: -5...9), hu: 1000, within: 0),
  ])

  /// Against sums of the phantom's values along every ray: steps of 0.02 mm leave at most one step an edge.
  @Test(arguments: [0.3, 2.1, 4.9]) func lineIntegralsAreSumsAlongTheRay(angle: Double) {
    let scanner = Self.scanner
    let matter = AnalyticMatter(Self.phantom, waterAttenuation: 0.02)
    var lines = [Float](repeating: .nan, count: scanner.viewStride)
    lines.withUnsafeMutableBufferPointer {
      matter.project(
        [SourcePosition(angle: angle, height: 1.5)], scanner: scanner, planesPerBlock: 8,
        into: $0.baseAddress!)
    }
    #expect(lines.allSatisfy { $0.isFinite })
    let step = 0.02
    for channel in stride(from: 1, to: 48, by: 7) {
      for row in stride(from: 0, to: 16, by: 5) {
        let theta = angle + scanner.angle(ofChannel: channel)
        let slope = (Double(row) - 7.5) * 4 / 570
        let unit = (1 + slope * slope).squareRoot()
        var sum = 0.0
        for index in 0..<Int(400 / step) {
          let t = 370 + (Double(index) + 0.5) * step
          let point = SIMD3(
            570 * cosine(angle) - t * cosine(theta), 570 * sine(angle) - t * sine(theta),
            1.5 + t * slope)
          sum += (Self.phantom.value(at: point) + 1000) * step * unit
        }
        // Eight edges at most, of up to 2000 HU: 8 * 0.02 mm * 0.02 / mm * 2 / 2.
        let got = Double(lines[channel * scanner.rowStride + row])
        #expect(
          abs(got - 0.02e-3 * sum) < 3e-3, "\(got) for \(0.02e-3 * sum) at \(channel), \(row)")
      }
    }
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
