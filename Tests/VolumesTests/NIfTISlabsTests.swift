import FoundationEssentials
import Support
import TestSupport
import Testing
import Volumes

@Suite struct NIfTISlabsTests {
  private let workers = Workers(count: 2)

  /// Noise that tells its place, 2.7 members of a gzip file long; in a file whose axes run as `signs` say, the
  /// last of them along canonical axis `last`.
  private func noise(signs: SIMD3<Double>, last: Int = 2) throws -> (Volume<Float>, FileFrame) {
    let others = (0..<3).filter { $0 != last }
    var affine = Affine(columns: .diagonal([0, 0, 0]), translation: [10, -20, 30])
    for (column, axis) in (others + [last]).enumerated() {
      affine.columns[column][axis] = signs[column] * [0.5, 1.25, 3][axis]
    }
    let shape: SIMD3<Int> = [170, 130, 127]
    let frame = try VoxelArray(
      shape: [shape[others[0]], shape[others[1]], shape[last]], affine: affine, type: .int16
    ).frame
    var stream = RandomStream(seed: 5)
    return (
      Volume(
        grid: frame.grid,
        values: (0..<frame.grid.count).map { Float($0 % 997) + Float(stream.uniform(0...200)) }),
      frame
    )
  }

  private func slabs(of volume: Volume<Float>, receive: (Volume<Float>, Int) throws -> Void) throws
  {
    let shape = volume.grid.shape
    for first in stride(from: 0, to: shape.z, by: 32) {
      let end = min(shape.z, first + 32)
      let grid = volume.grid.padded(before: [0, 0, -first], after: [0, 0, end - shape.z])
      var slab = Volume<Float>(grid: grid, repeating: 0)
      for column in 0..<grid.columns {
        for z in first..<end {
          slab.values[column * (end - first) + z - first] = volume.values[column * shape.z + z]
        }
      }
      try receive(slab, first)
    }
  }

  @Test(arguments: [".nii", ".nii.gz"], [0, 1, 2, 3])
  func bytesAreThoseOfTheWholeVolume(ending: String, order: Int) throws {
    let (volume, frame) = try noise(
      signs: [[1, 1, 1], [-1, -1, 1], [1, -1, -1], [1, 1, 1]][order], last: order == 3 ? 0 : 2)
    try withTemporaryFolder { folder in
      try NIfTI.write(volume, to: "\(folder)/whole\(ending)", frame: frame, workers: workers)
      try NIfTI.write(to: "\(folder)/slabs\(ending)", frame: frame, workers: workers) {
        try slabs(of: volume, receive: $0)
      }
      let whole = try Data(contentsOf: URL(filePath: "\(folder)/whole\(ending)"))
      #expect(whole.count > 3 << 20)
      #expect(try Data(contentsOf: URL(filePath: "\(folder)/slabs\(ending)")) == whole)
    }
  }

  /// A scan that is stopped between slabs leaves nothing, and an older file as it was.
  @Test func whatIsStoppedLeavesTheOldFile() throws {
    struct Stop: Error {}
    let (volume, frame) = try noise(signs: [1, 1, 1])
    try withTemporaryFolder { folder in
      let path = "\(folder)/ct.nii.gz"
      try AtomicFile.write("old", to: path)
      #expect(throws: Stop.self) {
        try NIfTI.write(to: path, frame: frame, workers: workers) { receive in
          try slabs(of: volume) { slab, first in
            if first > 64 { throw Stop() }
            try receive(slab, first)
          }
        }
      }
      #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "old")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["ct.nii.gz"])
    }
  }
}
