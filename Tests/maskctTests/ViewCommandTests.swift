import Support
import Testing

@Suite struct ViewCommandTests {
  @Test func drawsTheCasesOfADataset() async throws {
    let files = try TemporaryFolder()
    for folder in ["imagesTr", "labelsTr"] { try files.folder(folder) }
    for name in ["a", "b"] {
      try files.writeImage("imagesTr/\(name)_0000.nii.gz")
      try files.writeLabels("labelsTr/\(name).nii.gz", upper: [6, 6, 6])
    }
    let outcome = try await Command.run([
      "view", files.path, "--output", files("all.png"), "--width", "600",
    ])
    #expect(outcome.code == 0)
    #expect(outcome.output == "picture: \(files("all.png"))\n")
    let all = try size(files("all.png"))
    #expect(all.width == 600)
    let one = try await Command.run([
      "view", files("b"), "--output", files("one.png"), "--width", "600", "--target", "1",
    ])
    #expect(one.code == 0)
    #expect(try size(files("one.png")).height * 2 == all.height)
    let limited = try await Command.run([
      "view", files.path, "--output", files("all.png"), "--width", "600", "--limit", "1",
      "--overwrite",
    ])
    #expect(limited.output.contains("note: the first 1 of 2 cases"))
    #expect(try size(files("all.png")).height * 2 == all.height)
  }

  @Test func aBadCaseIsSkipped() async throws {
    let files = try TemporaryFolder()
    try files.writeImage("good.nii")
    try AtomicFile.write("no volume", to: files("bad.nii"))
    let outcome = try await Command.run([
      "view", files("bad.nii"), files("good.nii"), "--output", files("out.png"),
    ])
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("maskct: error: \(files("bad.nii")): "))
    #expect(files.exists("out.png"))
    let only = try await Command.run(["view", files("bad.nii"), "--output", files("none.png")])
    #expect(only.code == 1 && !files.exists("none.png"))
    let existing = try await Command.run(["view", files("good.nii"), "-o", files("out.png")])
    #expect(existing.code == 1)
    #expect(existing.errors.contains("out.png: exists already"))
  }

  /// Width and height in the header of a PNG file.
  private func size(_ path: String) throws -> (width: Int, height: Int) {
    let bytes = try ByteFile.read(path)
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (number(16), number(20))
  }
}
