import Support
import Testing
import Volumes

@Suite struct ScanCommandTests {
  private static func write(_ iodine: Float, to path: String, shape: SIMD3<Int> = [12, 10, 8])
    throws
  {
    let grid = Grid(shape: shape, spacing: [1, 1, 1])
    try NIfTI.write(
      Volume<Float>(grid: grid, repeating: iodine), to: path, frame: .canonical(grid),
      workers: Workers(count: 1))
  }

  /// An iodine map that cannot be used is one line before any scan.
  @Test func unusableIodineIsOneLine() async throws {
    let files = try TemporaryFolder()
    try files.writeImage("body.nii.gz")
    try Self.write(1, to: files("sound.nii.gz"))
    try Self.write(-1, to: files("negative.nii.gz"))
    try Self.write(1, to: files("other.nii.gz"), shape: [12, 10, 9])
    for (iodine, options, text) in [
      ("sound.nii.gz", [], "--iodine needs a tube voltage"),
      ("negative.nii.gz", ["--kvp", "120"], "holds -1.0 mg/mL of iodine; give concentrations"),
      ("other.nii.gz", ["--kvp", "120"], "differs from that of the body"),
      ("none.nii.gz", ["--kvp", "120"], "no such file"),
    ] {
      let outcome = try await Command.run(
        [
          "scan", "--input", files("body.nii.gz"), "--output", files("ct.nii.gz"), "--iodine",
          files(iodine),
        ] + options)
      let errors = outcome.errorLines.filter { $0.contains("error: ") }
      #expect(outcome.code != 0 && errors.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
      #expect(!files.exists("ct.nii.gz"))
    }
  }

  /// Water that holds iodine, all of whose HU come from it: brighter at 80 kVp than at 70 keV.
  @Test func iodineIsScanned() async throws {
    let files = try TemporaryFolder()
    let grid = Grid(shape: [40, 40, 3], spacing: [2, 2, 2])
    var body = Volume<Float>(grid: grid, repeating: -1000)
    var iodine = Volume<Float>(grid: grid, repeating: 0)
    for y in 8..<32 {
      for x in 8..<32 {
        for z in 0..<3 {
          body[x, y, z] = 100
          iodine[x, y, z] = 3.84
        }
      }
    }
    for (volume, name) in [(body, "body.nii.gz"), (iodine, "iodine.nii.gz")] {
      try NIfTI.write(volume, to: files(name), frame: .canonical(grid), workers: Workers(count: 1))
    }
    func middle(_ options: [String]) async throws -> Float {
      let outcome = try await Command.run(
        [
          "scan", "--input", files("body.nii.gz"), "--output", files("ct.nii.gz"), "--overwrite",
          "--noiseless", "--scanner", "rows16", "--kvp", "80",
        ] + options)
      #expect(outcome.code == 0, "\(outcome.errors)")
      return try NIfTI.readVolume(files("ct.nii.gz"), workers: Workers()).volume[20, 20, 1]
    }
    #expect(abs(try await middle([]) - 100) < 15)
    // 3.84 mg/mL at 42 HU behind 20 cm (`maskct qa --sections iodine`), some more behind 5.
    let bright = try await middle(["--iodine", files("iodine.nii.gz")])
    #expect((162...200).contains(bright), "\(bright) HU")
  }
}
