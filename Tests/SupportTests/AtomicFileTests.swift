import FoundationEssentials
import Support
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func writesAndReplaces() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.txt"
      try AtomicFile.write("one", to: path)
      try AtomicFile.write([Array("tw".utf8), Array("o".utf8)], to: path)
      #expect(try ByteFile.read(path) == Array("two".utf8))
      #expect(try ByteFile.read(path, first: 2) == Array("tw".utf8))
      #expect(try ByteFile.size(path) == 3)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.txt"])
    }
  }

  @Test func missingFoldersAndFoldersAreNamed() throws {
    try withTemporaryFolder { folder in
      let missing = #expect(throws: MaskCTError.self) {
        try AtomicFile.write("x", to: "\(folder)/no/a.txt")
      }
      #expect(missing?.kind == .output)
      #expect(missing?.path == "\(folder)/no/a.txt")
      #expect(missing?.problem.contains("does not exist") == true)
      let taken = #expect(throws: MaskCTError.self) { try AtomicFile.write("x", to: folder) }
      #expect(taken?.problem.contains("a folder has this name") == true)
      let read = #expect(throws: MaskCTError.self) { try ByteFile.read(folder) }
      #expect(read?.kind == .input)
      #expect(read?.problem == "is a folder, not a file")
      let none = #expect(throws: MaskCTError.self) { try ByteFile.read("\(folder)/none") }
      #expect(none?.problem == "no such file")
    }
  }

  /// No file can be made in `/proc`, not even by root.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self"), "needs Linux"))
  func foldersThatRefuseFilesAreNamed() {
    let error = #expect(throws: MaskCTError.self) { try AtomicFile.write("x", to: "/proc/x") }
    #expect(error?.kind == .output)
    #expect(error?.problem.hasPrefix("cannot be written") == true)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/zero"), "needs Linux"))
  func devicesAreRefused() {
    let error = #expect(throws: MaskCTError.self) { try ByteFile.read("/dev/zero") }
    #expect(error?.problem == "is a device, not a file")
  }

  @Test func leftoversAreRemoved() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write("x", to: "\(folder)/.maskct-1-0.partial")
      try AtomicFile.write("x", to: "\(folder)/.maskct")
      AtomicFile.removeLeftovers(in: folder)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [".maskct"])
    }
  }
}
