import Testing

@testable import Reporting

@Suite struct ContoursTests {
  /// A mask from rows of dots and hashes.
  private func mask(_ rows: [String]) -> SliceImage<Float> {
    SliceImage<Float>(
      width: rows[0].count, height: rows.count,
      values: rows.flatMap { $0.map { $0 == "#" ? 1 : 0 } })
  }

  private func area(_ polygon: [SIMD2<Float>]) -> Float {
    var sum: Float = 0
    for (index, p) in polygon.enumerated() {
      let q = polygon[(index + 1) % polygon.count]
      sum += p.x * q.y - q.x * p.y
    }
    return sum / 2
  }

  @Test func outlinesAreClosedAndCountHoles() {
    let ring = mask([".....", ".###.", ".#.#.", ".###.", "....."])
    let polygons = Contours(of: ring).polygons
    #expect(polygons.count == 2)
    // Around pixel centres: 3 x 3 with cut corners of an eighth each, minus a hole that is a diamond.
    let areas = polygons.map(area)
    let enclosed: Float = areas.reduce(0, +)
    #expect(enclosed.magnitude == 8)
    #expect(areas[0] * areas[1] < 0, "a hole runs the other way round")
  }

  @Test func masksAtTheEdgeAreClosedToo() {
    let polygons = Contours(of: mask(["##", "##"])).polygons
    #expect(polygons.count == 1)
    let enclosed: Float = area(polygons[0])
    #expect(enclosed.magnitude == 3.5)
    #expect(Contours(of: mask(["..", ".."])).polygons.isEmpty)
  }

  @Test func diagonalPixelsStayApart() {
    #expect(Contours(of: mask(["#.", ".#"])).polygons.count == 2)
  }

  @Test func linesLieBetweenPixelCentres() {
    // Three quarters covered on one side, one quarter on the other.
    let soft = SliceImage<Float>(width: 4, height: 1, values: [0, 0.75, 0.75, 0])
    let points = Contours(of: soft).polygons[0]
    #expect(points.contains { abs($0.x - (0.5 + 0.5 / 0.75)) < 1e-6 && $0.y == 0.5 })
  }

  @Test func dashesLeaveGaps() {
    let big = SliceImage<Float>(
      width: 60, height: 60,
      values: (0..<3600).map { (10..<50).contains($0 / 60) && (10..<50).contains($0 % 60) ? 1 : 0 })
    let outline = Contours(of: big)
    let full = outline.coverage(width: 60, height: 60, lineWidth: 1).reduce(0, +)
    let dashed = outline.coverage(width: 60, height: 60, lineWidth: 1, dash: (5, 4))
      .reduce(0, +)
    // The length of the outline times its width; ends of dashes are rounded.
    #expect(abs(full - 160) < 8)
    #expect(dashed > 0.5 * full && dashed < 0.75 * full)
  }
}
