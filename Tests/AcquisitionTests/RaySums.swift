import Acquisition
import Support
import Testing

/// A small scanner whose rays rise steeply, and phantoms held against sums of their values along its rays.
enum RaySums {
  static let scanner = Scanner(
    name: "test", sourceToIsocenter: 570, sourceToDetector: 1040, channels: 48, fanAngle: 22,
    rows: 16, rowHeight: 4, viewsPerRotation: 100)

  /// Line integrals of a phantom whose water has 0.02 / mm, from one source.
  static func lines(
    of phantom: some ScannedPhantom, angle: Double, height: Double
  ) -> [Float] {
    var lines = [Float](repeating: .nan, count: scanner.viewStride)
    lines.withUnsafeMutableBufferPointer {
      phantom.object { ($0 + 1000) * 0.02e-3 }.project(
        [SourcePosition(angle: angle, height: height)], scanner: scanner, planesPerBlock: 8,
        into: Readings(views: 1, of: scanner, in: $0))
    }
    return lines
  }

  /// Expects line integrals to be the sums of the phantom's values in steps of 0.02 mm, which leave at most one step an
  /// edge.
  ///
  /// - Parameter steps: from channel to channel and from row to row of the rays that are looked at.
  static func expect(
    _ phantom: some ScannedPhantom, angle: Double, steps: (channels: Int, rows: Int),
    tolerance: Double
  ) {
    let integrals = lines(of: phantom, angle: angle, height: 1.5)
    #expect(integrals.allSatisfy { $0.isFinite })
    let step = 0.02
    for channel in stride(from: 1, to: scanner.channels, by: steps.channels) {
      for row in stride(from: 0, to: scanner.rows, by: steps.rows) {
        let theta = angle + scanner.angle(ofChannel: channel)
        let slope = (Double(row) - 7.5) * 4 / 570
        let unit = (1 + slope * slope).squareRoot()
        var sum = 0.0
        for index in 0..<Int(400 / step) {
          let t = 370 + (Double(index) + 0.5) * step
          let point = SIMD3(
            570 * cosine(angle) - t * cosine(theta), 570 * sine(angle) - t * sine(theta),
            1.5 + t * slope)
          sum += (phantom.value(at: point) + 1000) * step * unit
        }
        let got = Double(integrals[channel * scanner.rowStride + row])
        #expect(
          abs(got - 0.02e-3 * sum) < tolerance, "\(got) for \(0.02e-3 * sum) at \(channel), \(row)")
      }
    }
  }
}
