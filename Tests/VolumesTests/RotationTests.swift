import Testing
import Volumes

@Suite struct RotationTests {
  private func near(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Bool {
    ((a - b) * (a - b)).sum() < 1e-24
  }

  @Test func turnsAreRightHandedAndInOrder() {
    let quarter = Double.pi / 2
    #expect(near(Rotation.aboutXYZ([quarter, 0, 0]).apply([0, 1, 0]), [0, 0, 1]))
    #expect(near(Rotation.aboutXYZ([0, quarter, 0]).apply([0, 0, 1]), [1, 0, 0]))
    #expect(near(Rotation.aboutXYZ([0, 0, quarter]).apply([1, 0, 0]), [0, 1, 0]))
    // About x first: y becomes z, which the turn about y takes to x.
    #expect(near(Rotation.aboutXYZ([quarter, quarter, 0]).apply([0, 1, 0]), [1, 0, 0]))
  }

  /// Yaw, pitch and roll: `Rz Rx Ry`, so that roll is applied first.
  @Test func axesAreTheColumnsOfTheProduct() {
    let (yaw, pitch, roll) = (0.3, -0.7, 1.1)
    let product = Rotation.aboutXYZ([0, 0, yaw]).composed(with: Rotation.aboutXYZ([pitch, 0, 0]))
      .composed(with: Rotation.aboutXYZ([0, roll, 0]))
    let axes = Rotation.axes(yaw: yaw, pitch: pitch, roll: roll)
    #expect(near(axes.0, product.apply([1, 0, 0])))
    #expect(near(axes.1, product.apply([0, 1, 0])))
    #expect(near(axes.2, product.apply([0, 0, 1])))
  }
}
