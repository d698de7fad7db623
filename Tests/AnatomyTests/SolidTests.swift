import Support
import Testing
@testable import Anatomy

@Suite struct SolidTests {
  private func canvas() -> Canvas {
    Canvas(
      shape: [60, 50, 40], spacing: [2, 2, 2], origin: [-60, -50, -40], workers: Workers(count: 2))
  }

  private func count(_ canvas: Canvas, _ value: UInt8) -> Double {
    Double(canvas.values.filter { $0 == value }.count) * 8
  }

  @Test func ellipsoidHasItsVolume() {
    var canvas = canvas()
    let value = canvas.value("liver")
    let body = Ellipsoid(center: [3, -2, 1], radii: [30, 20, 25], rotation: [0.4, 0.3, -0.2])
    canvas.paint(Solid(adds: [body]), as: value, onto: canvas.table { $0 == "air" })
    // 4/3 pi abc; voxel counting at 2 mm is good to a percent for a body of 7800 voxels.
    #expect(abs(count(canvas, value) / (4 / 3 * Double.pi * 30 * 20 * 25) - 1) < 0.01)
  }

  @Test func cutsAndFloorsTakeAway() {
    var canvas = canvas()
    let value = canvas.value("liver")
    let ball = Ellipsoid(center: [0, 0, 0], radii: [24, 24, 24])
    let onto = canvas.table { $0 == "air" }
    canvas.paint(Solid(adds: [ball], cuts: [ball]), as: value, onto: onto)
    #expect(count(canvas, value) == 0)
    canvas.paint(Solid(adds: [ball]), as: value, onto: onto, floor: 1)
    // Voxel planes lie at even y: the first that is painted covers y = 1...3.
    let expected = Double.pi * (2.0 / 3 * 24 * 24 * 24 - 24 * 24 * 1)
    #expect(abs(count(canvas, value) / expected - 1) < 0.02)
  }

  @Test func warpMovesPointsNoFurtherThanItsReach() {
    let warp = Warp(amplitude: 5, length: 60...100, stream: RandomStream(seed: 2))
    let places = (0..<200).map { Float($0) }
    let x = zip(warp.table(0, places: places), warp.table(1, places: places)).map { abs($0 + $1) }
    #expect(x.max()! <= warp.reach && x.max()! > 1)
  }

  @Test func tubeHasItsRadius() {
    var canvas = canvas()
    let value = canvas.value("aorta")
    let tube = Tube.smooth([[0.7, 0.3, -100], [0.7, 0.3, 100]], [15, 15])
    canvas.paint(tube, as: value, onto: canvas.table { $0 == "air" })
    #expect(abs(count(canvas, value) / (Double.pi * 225 * 80) - 1) < 0.04)
  }
}
