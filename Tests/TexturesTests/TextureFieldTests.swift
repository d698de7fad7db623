import FoundationEssentials
import Support
import Testing
import Textures

@Suite struct TextureFieldTests {
  /// Luminance that says where it is: 3 column + 2 row + frame (+ 5).
  private let ramp: Clip = {
    let (w, h, n) = (24, 20, 30)
    var planes: [UInt8] = []
    for frame in 0..<n {
      for row in 0..<h {
        for column in 0..<w { planes.append(UInt8(5 + 3 * column + 2 * row + frame)) }
      }
    }
    return Clip(name: "ramp", width: w, height: h, frames: n, planes: planes)
  }()

  private func draw(_ change: (inout TextureDraw) -> Void = { _ in }) -> TextureDraw {
    var draw = TextureDraw(
      clip: "ramp", column: 4, row: 6, frame: 8, millimetresPerPixel: 2, millimetresPerFrame: 3)
    change(&draw)
    return draw
  }

  private func value(_ draw: TextureDraw, _ x: Int, _ y: Int, _ z: Int) -> Double {
    let field = TextureField(clip: ramp, draw: draw, spacing: [1, 1, 1.5])
    return Double(field.block(x: x..<x + 1, y: y..<y + 1, z: z..<z + 1)[0])
  }

  // The grain is within half a grey level.
  private let grain = 0.5

  @Test func framesAreStackedAlongZ() {
    #expect(abs(value(draw(), 0, 0, 0) - (5 + 12 + 12 + 8)) <= grain)
    // 6 mm along x are 3 pixels, 4 mm along y 2 rows, 6 mm along z 2 frames.
    #expect(abs(value(draw(), 6, 0, 0) - (37 + 9)) <= grain)
    #expect(abs(value(draw(), 0, 4, 0) - (37 + 4)) <= grain)
    #expect(abs(value(draw(), 0, 0, 4) - (37 + 2)) <= grain)
    // Between pixels and frames: linear.
    #expect(abs(value(draw(), 1, 0, 1) - (37 + 1.5 + 0.5)) <= grain)
  }

  @Test func flipsAndRotation() {
    #expect(abs(value(draw { $0.flipped = true }, 6, 0, 0) - (37 - 9)) <= grain)
    #expect(abs(value(draw { $0.reversed = true }, 0, 0, 4) - (37 - 2)) <= grain)
    // A quarter turn: x runs along rows, y against columns.
    let turned = draw { $0.angle = .pi / 2 }
    #expect(abs(value(turned, 6, 0, 0) - (37 + 6)) <= grain)
    #expect(abs(value(turned, 0, 4, 0) - (37 - 6)) <= grain)
  }

  @Test func theCropDriftsWithHeight() {
    let drifting = draw { $0.drift = .init(column: 0.5, row: -0.25) }
    // At 6 mm: 3 columns on, 1.5 rows back, 2 frames on.
    #expect(abs(value(drifting, 0, 0, 4) - (37 + 9 - 3 + 2)) <= grain)
    #expect(abs(value(drifting, 6, 0, 4) - (37 + 9 + 9 - 3 + 2)) <= grain)
    #expect(value(drifting, 6, 4, 0) == value(draw(), 6, 4, 0))
    // A drift too small to see gives what no drift gives.
    let still = draw { $0.drift = .init(column: 1e-12) }
    #expect(abs(value(still, 3, 2, 5) - value(draw(), 3, 2, 5)) < 1e-3)
  }

  @Test func paceIsTheSpeedOfThePicture() {
    // 3 a column and 2 a row, 2.5 on average, and 1 a frame.
    #expect(abs(ramp.pace - 0.4) < 1e-9)
  }

  @Test func aSmallCropLiesInsideTheClip() {
    for seed: UInt64 in 0..<50 {
      let draw = TextureDraw(
        clip: ramp, ranges: TextureRanges(millimetresPerPixel: 2...2, stretch: 1...1),
        extent: [12, 16, 8], stream: RandomStream(seed: seed))
      #expect((5...18).contains(draw.column))
      #expect((5...14).contains(draw.row))
      // 0.4 pixels of 2 mm a frame: 8 mm are 10 frames.
      #expect(abs(draw.millimetresPerFrame - 0.8) < 1e-9)
      #expect((5...24).contains(draw.frame))
    }
  }

  @Test func theClipIsReflectedBeyondItsEdges() {
    // Column -2, that is 4 - 12 / 2, is column 2 seen in the mirror; frame 33 is frame 25.
    #expect(abs(value(draw(), -12, 0, 0) - (37 - 6)) <= grain)
    #expect(abs(value(draw(), 0, 0, 50) - (37 - 8 + 25)) <= grain)
    // Far away there still is a picture.
    let block = TextureField(clip: ramp, draw: draw(), spacing: [1, 1, 1.5])
      .block(x: 5000..<5003, y: -7000 ..< -6998, z: 900..<1000)
    #expect(block.allSatisfy { (4...150).contains($0) })
  }

  @Test func aBlockDoesNotDependOnItsNeighboursOrThreads() {
    let draw = draw {
      $0.angle = 0.7
      $0.flipped = true
      $0.grain = 0xABCD_1234
    }
    let field = TextureField(clip: ramp, draw: draw, spacing: [1.2, 1.1, 0.9])
    let whole = field.block(x: -9..<21, y: -5..<12, z: -30..<50, workers: Workers(count: 3))
    #expect(whole == field.block(x: -9..<21, y: -5..<12, z: -30..<50, workers: Workers(count: 1)))
    let part = field.block(x: 3..<5, y: 2..<3, z: 7..<40)
    for x in 0..<2 {
      for z in 0..<33 {
        #expect(part[x * 33 + z] == whole[((2 + 5) * 30 + x + 3 + 9) * 80 + z + 7 + 30])
      }
    }
  }

  @Test func grainOrdersAFlatPicture() {
    let flat = Clip(
      name: "flat", width: 40, height: 40, frames: 10,
      planes: [UInt8](repeating: 200, count: 16000))
    let field = TextureField(clip: flat, draw: draw(), spacing: [1, 1, 1])
    let block = field.block(x: 0..<32, y: 0..<32, z: 0..<32)
    #expect(block.allSatisfy { abs($0 - 200) < 0.5 })
    #expect(Set(block).count > 250)
  }

  @Test func drawsReplayFromTheirRecord() throws {
    let stream = RandomStream(seed: 5)
    let ranges = TextureRanges()
    let first = TextureDraw(clip: ramp, ranges: ranges, stream: stream)
    #expect(first == TextureDraw(clip: ramp, ranges: ranges, stream: stream))
    #expect(first != TextureDraw(clip: ramp, ranges: ranges, stream: stream.split(1)))
    #expect(ranges.millimetresPerPixel.contains(first.millimetresPerPixel))
    #expect((0.25...10).contains(first.millimetresPerFrame))
    #expect((0...Double(ramp.width - 1)).contains(first.column))
    let record = try JSONEncoder().encode(first)
    #expect(try JSONDecoder().decode(TextureDraw.self, from: record) == first)
  }
}
