import Support
import Testing
import Training

@Suite struct SmallConfigurationTests {
  @Test("a median abdomen fits into one patch, about six millimetres fine")
  func abdomen() throws {
    // nnU-Net's axis order: z, y, x.
    let small = try SmallConfiguration(
      spacings: [[1, 0.7, 0.7], [5, 0.8, 0.8], [1.25, 0.9, 0.9]],
      shapes: [[300, 512, 512], [60, 512, 512], [250, 512, 512]], transpose: [0, 1, 2])
    // Median extents 300, 409.6, 409.6 mm.
    #expect(small.spacing == 6.46)
    #expect(small.medianShape == [46, 63, 63])
    #expect(small.patch == [48, 64, 64])
    #expect(small.strides == [[1, 1, 1], [2, 2, 2], [2, 2, 2], [2, 2, 2]])
    #expect(small.features == [16, 32, 64, 128])
    for axis in 0..<3 {
      let factor = small.strides.map { $0[axis] }.reduce(1, *)
      #expect(small.patch[axis].isMultiple(of: factor), "pooling divides without rest")
      #expect(small.patch[axis] >= small.medianShape[axis], "a median case fits")
    }
  }

  @Test(
    "patches hold a median case and are nearly full",
    arguments: [
      [212.0, 376, 376], [250, 400, 300], [320, 500, 500], [450, 400, 400], [600, 350, 350],
    ])
  func full(extent: [Double]) throws {
    let small = try SmallConfiguration(
      spacings: [[1, 1, 1]], shapes: [extent], transpose: [0, 1, 2])
    let voxels = small.patch.reduce(1, *)
    #expect(Double(voxels) < 1.15 * extent.map { $0 / small.spacing }.reduce(1, *))
    #expect((110_000...220_000).contains(voxels), "between 48^3 and 60^3, give or take")
    for axis in 0..<3 { #expect(small.patch[axis] >= small.medianShape[axis]) }
  }

  @Test("the patch holds the structures and half as much about them, not the air of a wide image")
  func region() throws {
    // A head in 500 x 500 x 320 mm: structures of 250 x 190 x 150 mm (z, y, x).
    let small = try SmallConfiguration(
      spacings: [[2.5, 3.9, 3.9]], shapes: [[128, 128, 128]],
      structures: [[240, 180, 140], [250, 190, 150], [300, 200, 160]], transpose: [0, 1, 2],
      voxels: 200_000)
    // The region is 320 (the whole image) x 285 x 225 mm.
    #expect((4.4...4.8).contains(small.spacing))
    for (size, extent) in zip(small.patch, [320, 285, 225.0]) {
      #expect(Double(size) * small.spacing >= extent - 0.5 * small.spacing)
      #expect(Double(size) * small.spacing < extent + 9 * small.spacing)
    }
    #expect(small.medianShape == [320, 499.2, 499.2].map { Int(($0 / small.spacing).rounded()) })
  }

  @Test("nothing is made finer than the data")
  func coarse() throws {
    let small = try SmallConfiguration(
      spacings: [[6, 6, 6]], shapes: [[32, 32, 20]], transpose: [0, 1, 2])
    #expect(small.spacing == 6)
    #expect(small.patch == [32, 32, 24])
  }

  @Test("axes are in nnU-Net's transposed order")
  func transposed() throws {
    let small = try SmallConfiguration(
      spacings: [[1, 1, 1]], shapes: [[100, 200, 300]], transpose: [2, 0, 1])
    let first = Double(small.medianShape[1])
    #expect(abs(Double(small.medianShape[0]) - 3 * first) <= 2, "rounding of two shapes")
    #expect(abs(Double(small.medianShape[2]) - 2 * first) <= 2, "rounding of two shapes")
  }

  @Test func refuses() {
    #expect(throws: MaskCTError.self) {
      try SmallConfiguration(spacings: [], shapes: [], transpose: [0, 1, 2])
    }
    #expect(throws: MaskCTError.self) {
      try SmallConfiguration(spacings: [[1, 1]], shapes: [[5, 5]], transpose: [0, 1, 2])
    }
    #expect(throws: MaskCTError.self) {
      try SmallConfiguration(spacings: [[1, 1, 0]], shapes: [[5, 5, 5]], transpose: [0, 1, 2])
    }
  }
}
