import FoundationEssentials
import HostileInput
import Testing

/// Every file that fuzzing starts from or once failed on: read or refused with one line, never a crash.
@Suite struct HostileInputTests {
  @Test(arguments: HostileInput.allCases)
  func seedsAndRegressionsAreReadOrRefused(kind: HostileInput) throws {
    let folder = Self.corpus(kind)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(!names.isEmpty)
    for name in names { kind.read(folder + "/" + name) }
  }

  /// What tells the two apart is what is wrong with a file, and not that all hostile files are refused.
  @Test(arguments: [
    "honest", "newest-format", "chunks-gzip-shuffle", "float64", "variable-text",
  ])
  func soundSinogramsAreRead(name: String) {
    #expect(HostileInput.sinogram.read(Self.corpus(.sinogram) + "/" + name))
  }

  /// Nothing leads out of a sinogram; `HostileInput` also checks that no reading came from elsewhere.
  @Test(arguments: [
    "external-storage", "virtual", "external-link", "external-geometry", "soft-link",
    "soft-link-loop", "unknown-filter",
  ])
  func otherFilesAreNotFollowed(name: String) {
    #expect(!HostileInput.sinogram.read(Self.corpus(.sinogram) + "/" + name))
  }

  private static func corpus(_ kind: HostileInput) -> String {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/\(root)/Fuzzing/Corpus/\(kind.rawValue)"
  }
}
