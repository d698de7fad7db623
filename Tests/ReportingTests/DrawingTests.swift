import Testing
import Volumes

@testable import Reporting

@Suite struct DrawingTests {
  let font = BitmapFont()

  @Test func everyCharacterHasItsOwnGlyph() {
    let glyphs = (32..<127).map { font.rows(Character(UnicodeScalar(UInt8($0)))) }
    #expect(glyphs.allSatisfy { $0.count == BitmapFont.height && $0.allSatisfy { $0 < 32 } })
    #expect(Set(glyphs).count == 95)
    #expect(glyphs[0].allSatisfy { $0 == 0 })
    #expect(font.rows("L") == [16, 16, 16, 16, 16, 16, 31, 0, 0])
    #expect(font.rows("\u{e4}") == font.rows("\u{7f}"), "others show as a box")
  }

  @Test func textIsWrittenWhereItShould() {
    var picture = Picture(width: 30, height: 30)
    picture.text("L", x: 3, y: 4, scale: 2, color: .gray(200), font: font)
    #expect(picture[3, 4] == .gray(200) && picture[4, 17] == .gray(200))
    #expect(picture[12, 17] == .gray(200) && picture[13, 17] == .gray(0))
    #expect(picture[5, 4] == .gray(0) && picture[3, 18] == .gray(0))
    #expect(Picture.width(of: "ab", scale: 2) == 22)
  }

  @Test func drawingOutsideIsCutOff() {
    var picture = Picture(width: 4, height: 4)
    picture.fill(x: -5, y: 2, width: 100, height: 100, .gray(9))
    picture.fill(x: 10, y: 10, width: 3, height: 3, .gray(9))
    picture.text("W", x: -3, y: -3, font: font)
    #expect(picture[0, 3] == .gray(9))
    picture.blend(.gray(255), x: 0, y: 3, opacity: 0.5)
    #expect(picture[0, 3] == .gray(132))
  }
}
