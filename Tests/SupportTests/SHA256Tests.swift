import Support
import TestSupport
import Testing

@Suite struct SHA256Tests {
  /// The examples of FIPS 180-4, and the lengths at which padding changes its number of blocks.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func examplesOfTheStandard(text: String, digest: String) {
    #expect(SHA256.hex(Array(text.utf8)) == digest)
  }

  @Test func piecesGiveTheDigestOfTheWhole() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for count in [55, 56, 63, 64, 65, 119, 120, 128, 300] {
      let whole = SHA256.hex(Array(bytes[..<count]))
      for size in [1, 13, 64, 100] {
        var digest = SHA256()
        for start in stride(from: 0, to: count, by: size) {
          digest.add(Array(bytes[start..<min(start + size, count)]))
        }
        #expect(digest.finish() == whole)
      }
    }
  }

  @Test func aFileHasTheDigestThatSha256sumPrints() async throws {
    try await withTemporaryFolder { folder in
      let file = folder + "/a"
      try AtomicFile.write([UInt8](repeating: 97, count: 5_000_001), to: file)
      let outcome = try await ChildProcess.run("sha256sum", [file])
      #expect(outcome.output.hasPrefix(try SHA256.hex(ofFile: file) + " "))
    }
  }
}
