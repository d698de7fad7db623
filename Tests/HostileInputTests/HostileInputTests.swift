import FoundationEssentials
import HostileInput
import Testing

/// Every file that fuzzing starts from or once failed on: read or refused with one line, never a crash.
@Suite struct HostileInputTests {
  @Test(arguments: HostileInput.allCases)
  func seedsAndRegressionsAreReadOrRefused(kind: HostileInput) throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let folder = "/\(root)/Fuzzing/Corpus/\(kind.rawValue)"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(!names.isEmpty)
    for name in names { kind.read(folder + "/" + name) }
  }
}
