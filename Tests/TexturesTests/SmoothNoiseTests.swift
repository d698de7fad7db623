import Support
import Testing
@testable import Textures

/// The field's laws, which shares, grains and radii of tissue are worked out from.
@Suite struct SmoothNoiseTests {
  /// Columns of 400 voxels of 1 mm, 5 mm apart in the plane.
  private func columns(_ draw: NoiseDraw, twin: Bool = false, count: Int = 40) -> [[Float]] {
    let field = NoiseColumns(draw, spacing: [1, 1, 1], twin: twin)
    var all: [[Float]] = []
    for y in 0..<count {
      for x in 0..<count {
        all.append(
          [Float](unsafeUninitializedCapacity: 400) { out, written in
            field.fill(out.baseAddress!, x: 5 * x, y: 5 * y, z: -200..<200)
            written = 400
          })
      }
    }
    return all
  }

  private let draw = NoiseDraw(length: 5, angle: 0.7, place: [0.1, 0.2, 0.3])

  @Test func isAUnitGaussianWithItsCorrelationLength() {
    let columns = columns(draw)
    let values = columns.flatMap { $0 }.map(Double.init)
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + $1 * $1 } / n - mean * mean
    // 200 x 200 x 400 mm hold some 8000 cells of (2 pi)^(3/2) length³ = 2000 mm³: errors of 0.011 and 0.016.
    #expect(abs(mean) < 0.05)
    #expect(abs(variance - 1) < 0.06)
    func correlation(_ lag: Int) -> Double {
      var sum = 0.0
      for column in columns {
        for k in 0..<400 - lag { sum += Double(column[k] * column[k + lag]) }
      }
      return sum / Double(columns.count * (400 - lag)) / variance
    }
    #expect(abs(correlation(5) - exponential(-0.5)) < 0.04)
    #expect(abs(correlation(10) - exponential(-2)) < 0.05)
    #expect(abs(correlation(25)) < 0.05)
    // Across the columns as along them: columns are 5 mm apart.
    var across = 0.0
    for (a, b) in zip(columns, columns.dropFirst()) {
      for k in 0..<400 { across += Double(a[k] * b[k]) }
    }
    across /= Double((columns.count - 1) * 400) * variance
    // The last column of a row is not beside the first of the next: a fortieth is missing.
    #expect(abs(across - exponential(-0.5)) < 0.05)
  }

  @Test(arguments: [0.05, 0.36, 0.5, 0.9]) func thresholdLeavesTheShare(share: Double) {
    let values = columns(draw).flatMap { $0 }
    let threshold = Float(SmoothNoise.threshold(share: share))
    let part = Double(values.count { $0 < threshold }) / Double(values.count)
    #expect(abs(part - share) < 0.025, "\(part)")
  }

  /// Rice: a line crosses zero 1 / (pi length) times a mm; chords at half the share are pi lengths long.
  @Test(arguments: [3.0, 6.0]) func chordsAreAsLongAsTheGrain(length: Double) {
    var (crossings, steps) = (0, 0)
    for column in columns(NoiseDraw(length: length, place: [0.5, 0.9, 0])) {
      for (a, b) in zip(column, column.dropFirst()) {
        if (a < 0) != (b < 0) { crossings += 1 }
        steps += 1
      }
    }
    // Linear interpolation cuts corners, which loses a few crossings.
    let chord = Double(steps) / Double(crossings)
    #expect(abs(chord / (.pi * length) - 1) < 0.08, "\(chord)")
  }

  @Test func tubesHaveTheirShareAndTheTwinIsIndependent() {
    let (f, g) = (columns(draw).flatMap { $0 }, columns(draw, twin: true).flatMap { $0 })
    let product = zip(f, g).reduce(0.0) { $0 + Double($1.0 * $1.1) } / Double(f.count)
    #expect(abs(product) < 0.05)
    let e: Float = 0.3
    let share = Double(zip(f, g).count { $0 * $0 + $1 * $1 < e * e }) / Double(f.count)
    // The centre lines in the box are some 200 000 mm long, in pieces of a few lengths that count for one.
    #expect(abs(share / (1 - exponential(-0.045)) - 1) < 0.1, "\(share)")
  }

  /// With soft edges, however wide, parts keep their shares.
  @Test(arguments: [0.0, 0.5, 4]) func levelsKeepTheShareWithSoftEdges(width: Double) {
    let (f, g) = (columns(draw).flatMap { $0 }, columns(draw, twin: true).flatMap { $0 })
    func mean(_ signed: (Float, Float) -> Double) -> Double {
      zip(f, g).reduce(0.0) {
        let distance = signed($1.0, $1.1)
        return $0 + (width > 0 ? min(1, max(0, distance / width + 0.5)) : distance > 0 ? 1 : 0)
      } / Double(f.count)
    }
    for share in [0.06, 0.15] {
      let t = SmoothNoise.threshold(share: share, width: width)
      #expect(abs(mean { a, _ in t - Double(a) } / share - 1) < 0.15)
      let r = SmoothNoise.tubeRadius(share: share, width: width)
      #expect(abs(mean { a, b in r - Double(a * a + b * b).squareRoot() } / share - 1) < 0.15)
      let e = SmoothNoise.sheetLevel(share: share, width: width)
      #expect(abs(mean { a, _ in e - Double(abs(a)) } / share - 1) < 0.15)
    }
  }

  @Test func aColumnIsTheSameWhereverItBegins() {
    let field = NoiseColumns(
      NoiseDraw(length: 2.3, stretch: 1.7, angle: 2, place: [0.3, 0.7, 0.9]),
      spacing: [1.5, 1.5, 1.5])
    var (whole, part) = ([Float](repeating: 0, count: 100), [Float](repeating: 0, count: 40))
    field.fill(&whole, x: -4, y: 9, z: -50..<50)
    field.fill(&part, x: -4, y: 9, z: -20..<20)
    #expect(Array(whole[30..<70]) == part)
  }
}
