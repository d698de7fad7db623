import Testing
import Textures

@Suite struct ClipTests {
  @Test func framesAreTransposedToHistories() {
    let clip = Clip(
      name: "c", width: 3, height: 2, frames: 70, planes: (0..<420).map { UInt8($0 % 251) })
    for frame in [0, 1, 63, 64, 69] {
      for pixel in 0..<6 {
        #expect(clip.pixels[pixel * 70 + frame] == UInt8((frame * 6 + pixel) % 251))
      }
    }
  }

  @Test func bordersThatShowNothingAreCut() {
    // A picture of 6 x 4 pixels in a black frame: 2 columns left, 3 right, 1 row above, 2 below.
    var planes: [UInt8] = []
    for frame in 0..<10 {
      for row in 0..<7 {
        for column in 0..<11 {
          let inside = (2..<8).contains(column) && (1..<5).contains(row)
          planes.append(inside ? UInt8(40 + 13 * column + 17 * row + frame) : 16)
        }
      }
    }
    let clip = Clip(name: "c", width: 11, height: 7, frames: 10, planes: planes).croppedToPicture()
    #expect(clip.width == 6)
    #expect(clip.height == 4)
    #expect(clip.frames == 10)
    #expect(clip.pixels[0] == 40 + 13 * 2 + 17)
  }

  @Test func aPictureWithoutBordersStays() {
    let planes = (0..<8 * 8 * 9).map { UInt8(($0 * 37) % 256) }
    let clip = Clip(name: "c", width: 8, height: 8, frames: 9, planes: planes)
    #expect(clip.croppedToPicture() == clip)
    let flat = Clip(name: "f", width: 8, height: 8, frames: 9, planes: planes.map { _ in 7 })
    #expect(flat.croppedToPicture() == flat)
    #expect(flat.statistics.deviation == 0)
  }
}
