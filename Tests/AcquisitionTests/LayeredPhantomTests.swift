import Testing
@testable import Acquisition

@Suite struct LayeredPhantomTests {
  /// Solids that reach through one another, one of air among them.
  private static let phantom = LayeredPhantom([
    .init(.ellipsoid(center: [5, -3, 0], radii: [90, 80, 60]), hu: 800),
    .init(.ellipsoid(center: [5, -3, 0], radii: [80, 70, 50]), hu: 50),
    .init(
      .ellipticCylinder(
        center: [-30, 0, 4], radii: [30, 12], length: 90,
        axes: .init(x: [0, 0.6, 0.8], y: [0, -0.8, 0.6], z: [1, 0, 0])), hu: -1000),
    .init(
      .cone(
        center: [-10, -40, 0], radii: [20, 4], length: 70,
        axes: .init(x: [1, 0, 0], y: [0, 0, -1], z: [0, 1, 0])), hu: 300),
    .init(
      ConvexSolid.ball(center: [40, 20, -8], radius: 25).clipped(along: [1, 1, 1], below: 60),
      hu: 0),
    .init(.ball(center: [30, 20, -8], radius: 4), hu: -1000),
  ])

  /// Twelve edges at most, of up to 1800 HU: 12 * 0.02 mm * 0.02 / mm * 1.8 / 2.
  @Test(arguments: [0.3, 2.1, 4.9]) func lineIntegralsAreSumsAlongTheRay(angle: Double) {
    RaySums.expect(Self.phantom, angle: angle, steps: (5, 1), tolerance: 4.5e-3)
  }

  /// The same solids, wholly inside one another, are the same phantom of either kind; 1e-5 is what Float rounds of a
  /// line integral of 4.
  @Test func nestedSolidsAreAsInTheOtherKind() {
    let radii: [SIMD3<Double>] = [[90, 80, 60], [60, 50, 30], [20, 10, 12]]
    let hu = [0.0, 300, -500]
    let layered = LayeredPhantom(
      zip(radii, hu).map { .init(.ellipsoid(center: .zero, radii: $0), hu: $1) })
    let added = AnalyticPhantom(
      radii.indices.map {
        let around = $0 == 0 ? -1000 : hu[$0 - 1]
        return .init(.ellipsoid(center: .zero, radii: radii[$0]), hu: hu[$0], within: around)
      })
    let lines = RaySums.lines(of: layered, angle: 1, height: 3)
    let others = RaySums.lines(of: added, angle: 1, height: 3)
    for (one, other) in zip(lines, others) { #expect(abs(one - other) < 1e-5) }
  }

  /// The last solid that holds a point gives its value, whatever lies below.
  @Test func laterSolidsAreOnTop() {
    let phantom = Self.phantom
    #expect(phantom.value(at: [150, 0, 0]) == -1000)
    #expect(phantom.value(at: [92, -3, 0]) == 800)
    #expect(phantom.value(at: [5, 60, 0]) == 50)
    // The cylinder of air, where it has replaced brain and where the cone has replaced it.
    #expect(phantom.value(at: [-60, 0, 4]) == -1000 && phantom.value(at: [-10, -10, 0]) == 300)
    // The bubble is the last.
    #expect(phantom.value(at: [34.5, 20, -8]) == 0 && phantom.value(at: [33.5, 20, -8]) == -1000)
    var turned = phantom
    turned.layers.reverse()
    #expect(turned.value(at: [5, 60, 0]) == 800)
  }

  /// The HU of a ball is that of all points in it; near an edge there is none.
  @Test func ballsHaveOneValueOrNone() {
    let phantom = Self.phantom
    #expect(phantom.value(within: 5, of: [5, 60, 0]) == 50)
    #expect(phantom.value(within: 9, of: [5, 60, 0]) == nil)
    #expect(phantom.value(within: 1, of: [30, 20, -8]) == -1000)
    #expect(phantom.value(within: 5, of: [30, 20, -8]) == nil)
    #expect(phantom.value(within: 20, of: [150, 0, 0]) == -1000)
  }

  /// In a box the solids that reach into it are the whole phantom.
  @Test func boxesNeedOnlyTheirSolids() {
    // The bone, the brain in it and the cylinder, but not the cone, which ends at a height of 20 mm.
    let part = Self.phantom.crossing(low: [-100, -100, 22], high: [14, 100, 30])
    #expect(part.layers.count == 3)
    for x in stride(from: -100.0, through: 14, by: 2) {
      for y in stride(from: -100.0, through: 100, by: 5) {
        #expect(part.value(at: [x, y, 25]) == Self.phantom.value(at: [x, y, 25]))
      }
    }
    #expect(Self.phantom.crossing(low: [96, 0, 0], high: [200, 0, 0]).layers.isEmpty)
  }

  /// A moved phantom is the phantom seen from elsewhere.
  @Test func movingKeepsValues() {
    let moved = Self.phantom.moved(by: [3, -4, 5])
    for x in stride(from: -100.0, through: 100, by: 10) {
      for y in stride(from: -100.0, through: 100, by: 10) {
        let point = SIMD3(x, y, 0.1 * x)
        #expect(moved.value(at: point + [3, -4, 5]) == Self.phantom.value(at: point))
      }
    }
  }
}
