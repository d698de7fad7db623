import Acquisition
import Support
import Testing
import Volumes

/// The projector against Joseph's method written down ray by ray in double precision.
@Suite struct JosephTests {
  private static let scanner = Scanner(
    name: "test", sourceToIsocenter: 300, sourceToDetector: 500, channels: 61, fanAngle: 24,
    channelOffset: 0.25, rows: 19, rowHeight: 1.3, viewsPerRotation: 36)
  private static let grid = Grid(shape: [31, 24, 27], spacing: [1.9, 2.3, 1.7])

  /// Random values in a box whose faces are inside the volume, so that air is skipped on all sides.
  private static func body() -> Volume<Float> {
    var random = RandomStream(seed: 11)
    var volume = Volume<Float>(grid: grid, repeating: -1000)
    for y in 5...17 {
      for x in 4...25 {
        for z in 3...22 { volume[x, y, z] = Float(random.uniform(-900...1500)) }
      }
    }
    return volume
  }

  private static func joseph(
    _ hu: Volume<Float>, from source: SIMD3<Double>, along d: SIMD3<Double>
  )
    -> Double
  {
    let (first, spacing) = (grid.affine.translation, grid.spacing)
    let mainAxis = abs(d.x) * spacing.y >= abs(d.y) * spacing.x ? 0 : 1
    let sideAxis = 1 - mainAxis
    func value(_ plane: Int, _ side: Int, _ z: Int) -> Double {
      let index = mainAxis == 0 ? SIMD3(plane, side, z) : SIMD3(side, plane, z)
      guard (0..<3).allSatisfy({ index[$0] >= 0 && index[$0] < grid.shape[$0] }) else { return 0 }
      return (Double(hu[index.x, index.y, index.z]) + 1000) * 2e-5
    }
    var sum = 0.0
    for plane in 0..<grid.shape[mainAxis] {
      let t = (first[mainAxis] + Double(plane) * spacing[mainAxis] - source[mainAxis]) / d[mainAxis]
      let place = (source + t * d - first) / spacing
      let (side, z) = (Int(place[sideAxis].rounded(.down)), Int(place.z.rounded(.down)))
      let (u, v) = (place[sideAxis] - Double(side), place.z - Double(z))
      sum +=
        (1 - v) * ((1 - u) * value(plane, side, z) + u * value(plane, side + 1, z))
        + v * ((1 - u) * value(plane, side, z + 1) + u * value(plane, side + 1, z + 1))
    }
    return sum * spacing[mainAxis] / abs(d[mainAxis]) * (d * d).sum().squareRoot()
  }

  /// Every ray of views all around; rounding of up to 31 planes of float is what is left.
  @Test func projectorIsJosephsMethod() throws {
    let scanner = Self.scanner
    let hu = Self.body()
    let body = AttenuationVolume(
      hu: hu,
      placement: GantryPlacement(first: Self.grid.affine.translation, spacing: Self.grid.spacing),
      waterAttenuation: 0.02, radius: 100, workers: Workers())
    let scan = HelicalScan(
      scanner: scanner, pitch: 1, firstAngle: 0.1, firstHeight: -6, viewCount: 36)
    let source = SimulatedScan(
      scan: scan, body: body, noise: nil, planesPerBlock: 1, workers: Workers())
    let lines = try source.lineIntegrals(of: 0..<36)
    for view in 0..<36 {
      let (angle, height) = (scan.angle(ofView: view), scan.height(ofView: view))
      let start = SIMD3(300 * cosine(angle), 300 * sine(angle), height)
      for channel in 0..<scanner.channels {
        let theta = angle + scanner.angle(ofChannel: channel)
        for row in 0..<scanner.rows {
          let slope = (Double(row) - 9) * 1.3 / 300
          let expected = Self.joseph(hu, from: start, along: [-cosine(theta), -sine(theta), slope])
          let got = Double(lines[view * scanner.viewStride + channel * scanner.rowStride + row])
          #expect(abs(got - expected) < 2e-5, "view \(view), channel \(channel), row \(row)")
        }
      }
    }
  }
}
