import Testing
@testable import Support
@testable import Volumes

@Suite struct MemoryLimitTests {
  @Test(arguments: [
    ("4G", 4 << 30), ("3.5 GB", 7 << 29), ("1GiB", 1 << 30), ("800m", 800 << 20),
    ("64MiB", 64 << 20),
  ])
  func sizesAreRead(text: String, bytes: Int) {
    #expect(MemoryLimit(parsing: text) == MemoryLimit(bytes: bytes))
  }

  @Test(arguments: ["", "4", "G", "-4G", "63M", "4T", "1e3G", "1..5G", "nanG", "99999999999G"])
  func otherTextIsRefused(text: String) {
    #expect(MemoryLimit(parsing: text) == nil)
  }

  @Test func whatGoesBeyondIsRefusedWithBothNumbers() throws {
    let limit = MemoryLimit(bytes: 1 << 30)
    try limit.check(256 << 20, for: "the image", used: 768 << 20)
    let error = #expect(throws: MaskCTError.self) {
      try limit.check((256 << 20) + 1, for: "the image", used: 768 << 20)
    }
    #expect(
      error?.description
        == "the image needs 256 MiB beside the 768 MiB in use, more than the memory limit of 1.0 GiB; "
        + "raise --memory-limit, or take fewer or coarser voxels")
  }

  /// The resident set holds what was written to, whatever other tests do meanwhile.
  @Test func memoryInUseIsMeasured() {
    let block = [UInt8](repeating: 1, count: 1 << 28)
    withExtendedLifetime(block) {
      #expect(MemoryLimit.inUse > 1 << 28)
      #expect(MemoryLimit.inUse < 1 << 36)
    }
  }

  @Test func aCacheTakesAQuarterAtTheMost() {
    #expect(Workers().cacheSize(700) == 700)
    #expect(Workers(memory: MemoryLimit(bytes: 1000)).cacheSize(700) == 250)
    #expect(Workers(memory: MemoryLimit(bytes: 1000)).cacheSize(100) == 100)
  }
}
