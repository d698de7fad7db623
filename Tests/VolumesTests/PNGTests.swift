import Testing
import Volumes

@Suite struct PNGTests {
  @Test func startsWithSignatureAndHeader() {
    let picture = Picture(width: 300, height: 2, fill: .init(1, 2, 3))
    let bytes = PNG.encode(picture)
    #expect(bytes[0..<8] == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    // Length 13, IHDR, 300 x 2, 8 bits, RGB.
    #expect(bytes[8..<26] == [0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 1, 44, 0, 0, 0, 2, 8, 2])
    // IEND is always the same, checksum included (PNG 11.2.5 and annex D).
    #expect(bytes.suffix(12) == [0, 0, 0, 0, 73, 69, 78, 68, 0xAE, 0x42, 0x60, 0x82])
  }

  @Test func grayPicturesTakeOneChannel() {
    #expect(PNG.encode(Picture(width: 4, height: 4, fill: .init(gray: 9)))[25] == 0)
    #expect(
      PNG.encode(Picture(width: 4, height: 4, fill: .init(gray: 9)))
        == PNG.encode(gray: [UInt8](repeating: 9, count: 16), width: 4, height: 4))
  }

  @Test func pastingCutsAtTheBorder() {
    var picture = Picture(width: 3, height: 3)
    picture.paste(Picture(width: 2, height: 2, fill: .init(255, 0, 0)), x: 2, y: -1)
    #expect(picture[2, 0] == .init(255, 0, 0))
    #expect(picture.pixels.reduce(0) { $0 + Int($1) } == 255)
  }
}
