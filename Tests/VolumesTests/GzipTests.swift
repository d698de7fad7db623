import TestSupport
import Testing
@testable import Support
@testable import Volumes

@Suite struct GzipTests {
  let workers = Workers(count: 2)

  /// Bytes that compress somewhat: random numbers of 4 bits.
  func bytes(_ count: Int) -> [UInt8] {
    var stream = RandomStream(seed: 8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      withUnsafeBytes(of: stream.next() & 0x0F0F_0F0F_0F0F_0F0F) { bytes += $0 }
    }
    return Array(bytes.prefix(count))
  }

  @Test(arguments: [0, 1, 1000, (2 << 20) + 17]) func roundTrip(count: Int) throws {
    let data = bytes(count)
    let half = Array(data[..<(count / 2)])
    for level in [1, 6] {
      let file = Gzip.compress(data, level: level, workers: workers).flatMap { $0 }
      #expect(Gzip.isGzip(file))
      #expect(try Gzip.decompress(file, count: count, path: "a") == data)
      // Less than all is a prefix; a match or a block across the end does no harm.
      #expect(try Gzip.decompress(file, count: count / 2, path: "a") == half)
      #expect(throws: MaskCTError.self) {
        try Gzip.decompress(file, count: count + 1, path: "a")
      }
    }
  }

  @Test func theHeaderCarriesNoTime() {
    let file = Gzip.compress(bytes(100), workers: workers)[0]
    #expect(file[4..<8] == [0, 0, 0, 0], "modification time (RFC 1952, 2.3.1)")
    #expect(file[3] == 0, "no name, no comment")
  }

  @Test func prefixesOfStoredBlocksAreFound() {
    // A gzip file of one stored block of 60000 bytes (RFC 1951, 3.2.4), as level 0 writes it.
    let data = bytes(60000)
    let length: [UInt8] = [0x60, 0xEA, 0x9F, 0x15]  // 60000 and its complement, little-endian
    let file: [UInt8] =
      [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + length + data + [UInt8](repeating: 0, count: 8)
    #expect(Gzip.prefix(of: file, count: 544) == Array(data[..<544]))
  }

  @Test func prefixesComeFromTheStartOfAFile() {
    let data = bytes(1 << 20)
    let start = Array(Gzip.compress(data, workers: workers).flatMap { $0 }.prefix(1 << 18))
    #expect(Gzip.prefix(of: start, count: 544) == Array(data[..<544]))
  }
}
