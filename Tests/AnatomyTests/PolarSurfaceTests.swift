import Testing
@testable import Anatomy

@Suite struct PolarSurfaceTests {
  @Test func anglesRunFromTheRightOverTheFront() {
    let surface = PolarSurface(depth: 3) { angle, z in Float(10 * angle) + Float(z) }
    #expect(abs(surface.radius(angle: Double.pi / 2, slice: 1) - Float(5 * Double.pi + 1)) < 1e-3)
    let (index, next, weight) = PolarSurface.position(x: 0, y: 1)
    // A quarter turn is index 45; rounding may put it a hair before.
    #expect(abs(Float(index) + weight - 45) < 1e-4 && next == index + 1)
    #expect(PolarSurface.position(x: 1, y: -1e-6).next == 0)
  }

  @Test func smoothingKeepsAConstant() {
    let surface = PolarSurface(depth: 5, repeating: 7).smoothed(angles: 3, slices: 2)
    #expect(surface.values.allSatisfy { abs($0 - 7) < 1e-4 })
  }

  @Test func holdingContainsTheNeedAndStaysSmooth() {
    let base = PolarSurface(depth: 20, repeating: 100)
    var need = PolarSurface(depth: 20)
    need.values[40 * 20 + 10] = 130
    let held = base.holding(need, angles: 5, slices: 4)
    #expect(held.values[40 * 20 + 10] >= 130)
    #expect(held.values[130 * 20 + 10] == 100)
    // Neighbours rise with it: no spike of more than a few mm a step.
    #expect(held.values[41 * 20 + 10] > 122)
    #expect(zip(held.values, base.values).allSatisfy { $0 >= $1 })
  }
}
