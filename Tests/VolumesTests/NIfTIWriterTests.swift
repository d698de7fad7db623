import Support
import TestSupport
import Testing
import Volumes

/// Laws of writing and reading; the reader itself is tested against bytes in `NIfTIReaderTests`.
@Suite struct NIfTIWriterTests {
  let workers = Workers(count: 2)

  /// A volume whose values tell their place.
  func ramp(_ shape: SIMD3<Int>) -> Volume<Float> {
    var volume = Volume<Float>(
      grid: Grid(shape: shape, spacing: [0.5, 1.25, 3], center: [10, -20, 30]), repeating: 0)
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        for z in 0..<shape.z { volume[x, y, z] = Float(x + 7 * y - 11 * z) }
      }
    }
    return volume
  }

  @Test(arguments: [".nii", ".nii.gz"]) func roundTripIsExact(ending: String) throws {
    let volume = ramp([70, 5, 131])
    try withTemporaryFolder { folder in
      let path = "\(folder)/v\(ending)"
      try NIfTI.write(volume, to: path, frame: .canonical(volume.grid), workers: workers)
      let (read, frame) = try NIfTI.readVolume(path, workers: workers)
      #expect(read.values == volume.values)
      #expect(read.grid.matches(volume.grid, tolerance: 1e-4), "float32 rounding of 100 mm")
      #expect(frame.orientation == "RAS")
    }
  }

  @Test func integersAreRoundedAndSaturated() throws {
    let grid = Grid(shape: [1, 1, 6], spacing: [1, 1, 1])
    let volume = Volume<Float>(grid: grid, values: [-40000, -0.6, 0.4, 254.6, 40000, .nan])
    let expected: [(VoxelType, [Float])] = [
      (.int16, [-32768, -1, 0, 255, 32767, 0]), (.uint8, [0, 0, 0, 255, 255, 0]),
      (.uint16, [0, 0, 0, 255, 40000, 0]), (.int32, [-40000, -1, 0, 255, 40000, 0]),
    ]
    try withTemporaryFolder { folder in
      for (type, values) in expected {
        try NIfTI.write(
          volume, to: "\(folder)/v.nii", frame: .canonical(grid), as: type, workers: workers)
        let read = try NIfTI.readVolume("\(folder)/v.nii", workers: workers)
        #expect(read.volume.values == values, "\(type)")
      }
    }
  }

  @Test func labelsTakeAsFewBytesAsTheyNeed() throws {
    let grid = Grid(shape: [2, 2, 2], spacing: [1, 1, 1])
    try withTemporaryFolder { folder in
      for (largest, type) in [(UInt16(255), VoxelType.uint8), (256, .uint16), (65535, .uint16)] {
        let labels = LabelMap(grid: grid, values: [0, 1, 2, 3, 4, 5, 6, largest])
        try NIfTI.write(
          labels, to: "\(folder)/l.nii.gz", frame: .canonical(grid), workers: workers)
        #expect(try NIfTI.readHeader("\(folder)/l.nii.gz").type == type)
        let read = try NIfTI.readLabelMap("\(folder)/l.nii.gz", workers: workers)
        #expect(read.labels.values == labels.values)
      }
    }
  }

  @Test func bytesDoNotDependOnThreads() throws {
    // More than one gzip member: 2 MiB of int16 are 2^20 voxels.
    let volume = ramp([128, 128, 100])
    try withTemporaryFolder { folder in
      let paths = [1, 3].map { "\(folder)/\($0).nii.gz" }
      for (path, count) in zip(paths, [1, 3]) {
        try NIfTI.write(
          volume, to: path, frame: .canonical(volume.grid), workers: Workers(count: count))
      }
      #expect(try ByteFile.read(paths[0]) == ByteFile.read(paths[1]))
      #expect(try NIfTI.readVolume(paths[0], workers: workers).volume.values == volume.values)
    }
  }

  @Test func anotherEndingIsRefused() throws {
    let grid = Grid(shape: [1, 1, 1], spacing: [1, 1, 1])
    let error = #expect(throws: MaskCTError.self) {
      try NIfTI.write(
        Volume<Float>(grid: grid, repeating: 0), to: "a.mha", frame: .canonical(grid),
        workers: workers)
    }
    #expect(error?.kind == .usage)
  }
}
