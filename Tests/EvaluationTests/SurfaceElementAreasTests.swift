import Testing
@testable import Evaluation

@Suite struct SurfaceElementAreasTests {
  let spacing: SIMD3<Double> = [0.7, 1.1, 3]

  @Test func aFlatFaceHasTheAreaOfAVoxelFace() {
    // Bits 4 dx + 2 dy + dz: dx = 0 is the low four bits, dy = 0 is 00110011, dz = 0 is 01010101.
    let areas = SurfaceElementAreas(spacing: spacing).areas
    for (code, area) in [
      (0b0000_1111, spacing.y * spacing.z), (0b0011_0011, spacing.x * spacing.z),
      (0b0101_0101, spacing.x * spacing.y),
    ] {
      #expect(close(Double(areas[code]), area))
      #expect(close(Double(areas[255 - code]), area))
    }
    #expect(areas[0] == 0 && areas[255] == 0)
  }

  @Test func oneVoxelCutsOffATriangle() {
    // Legs of half the spacing: the area is half the norm of the cross product.
    let (a, b, c) = (spacing.x / 2, spacing.y / 2, spacing.z / 2)
    let triangle = 0.5 * (a * a * b * b + b * b * c * c + c * c * a * a).squareRoot()
    for bit in 0..<8 {
      #expect(close(SurfaceElementAreas.area(code: 1 << bit, spacing: spacing), triangle))
    }
    // Two voxels on a diagonal of a face are cut off each alone.
    #expect(close(SurfaceElementAreas.area(code: 0b0000_1001, spacing: spacing), 2 * triangle))
  }

  @Test func mirroringACellKeepsItsArea() {
    for code in 1..<255 {
      let area = SurfaceElementAreas.area(code: code, spacing: spacing)
      #expect(area > 0)
      for flip in [1, 2, 4] {
        let mirrored = (0..<8).reduce(0) { $0 | (code >> $1 & 1) << ($1 ^ flip) }
        #expect(close(SurfaceElementAreas.area(code: mirrored, spacing: spacing), area))
      }
    }
  }

  @Test func aCubeHasFacesBevelledEdgesAndCorners() {
    // n voxels a side: (n - 1)^2 whole faces a side, edges bevelled to sqrt(2) / 2, corners to
    // triangles of sqrt(3) / 8.
    let n = 6
    let map = labelMap([9, 9, 9], [(1, [1, 1, 1], [1 + n, 1 + n, 1 + n])])
    let m = Double(n - 1)
    let area = 6 * m * m + 12 * m * 0.5.squareRoot() + 3.0.squareRoot()
    #expect(close(distances(map, map).predictionArea, area))
  }

  @Test func aBallHasNearlyItsTrueArea() {
    // A binary surface cannot follow slopes between its 26 directions: it is known to be too large by
    // up to 9 % for a ball, whatever the resolution.
    let map = ballMap([48, 48, 48], spacing: [1, 1, 1], center: [0, 0, 0], radius: 20)
    let ratio = distances(map, map).predictionArea / (4 * Double.pi * 400)
    #expect(ratio > 1 && ratio < 1.1)
  }
}
