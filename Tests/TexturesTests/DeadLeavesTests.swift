import Support
import Testing
import Textures
import Volumes

@Suite struct DeadLeavesTests {
  private func clip(_ width: Int, _ height: Int, _ frames: Int, seed: UInt64 = 1, workers: Int = 2)
    -> Clip
  {
    DeadLeaves(width: width, height: height, frames: frames)
      .clip(name: "d", stream: RandomStream(seed: seed), workers: Workers(count: workers))
  }

  /// Mean absolute difference of neighbouring pixels of one frame, after averaging `block` x `block`.
  private func contrast(_ clip: Clip, frame: Int, block: Int) -> Double {
    let w = clip.width / block
    let h = clip.height / block
    var picture = [Double](repeating: 0, count: w * h)
    for row in 0..<h * block {
      for column in 0..<w * block {
        picture[row / block * w + column / block] +=
          Double(clip.pixels[(row * clip.width + column) * clip.frames + frame])
      }
    }
    var sum = 0.0
    for row in 0..<h {
      for column in 1..<w { sum += abs(picture[row * w + column] - picture[row * w + column - 1]) }
    }
    return sum / Double(h * (w - 1) * block * block)
  }

  @Test func anySizeAndSameBytesOnAnyThreads() {
    let one = clip(50, 37, 21, workers: 1)
    #expect(one.width == 50)
    #expect(one.height == 37)
    #expect(one.frames == 21)
    #expect(one == clip(50, 37, 21, workers: 3))
    #expect(one != clip(50, 37, 21, seed: 2))
  }

  @Test func coversThePictureWithContrast() {
    let clip = clip(64, 64, 24)
    let (mean, deviation) = clip.statistics
    // Grey values are even over 25...230: mean 128, deviation 59; a few large leaves move both.
    #expect(abs(mean - 128) < 25)
    #expect((35...75).contains(deviation))
  }

  @Test func looksAlikeAtEveryScale() {
    // The contrast of neighbours stays the same when the picture is shrunk: scale invariance,
    // between the sizes of the smallest and the largest leaf.
    var texture = DeadLeaves(width: 256, height: 256, frames: 6)
    texture.smallestRadius = 1
    let clip = texture.clip(name: "d", stream: RandomStream(seed: 1))
    let contrasts = [4, 8, 16].map { contrast(clip, frame: 3, block: $0) }
    // White noise would halve with every step, a smooth picture double.
    for (fine, coarse) in zip(contrasts, contrasts.dropFirst()) {
      #expect((0.75...1.3).contains(coarse / fine), "\(contrasts)")
    }
  }

  @Test func framesFollowEachOtherLikeFilm() {
    let clip = clip(96, 96, 32)
    func correlation(_ gap: Int) -> Double {
      var cross = 0.0
      var square = 0.0
      let mean = clip.statistics.mean
      for pixel in 0..<96 * 96 {
        let a = Double(clip.pixels[pixel * 32 + 4]) - mean
        let b = Double(clip.pixels[pixel * 32 + 4 + gap]) - mean
        cross += a * b
        square += (a * a + b * b) / 2
      }
      return cross / square
    }
    #expect(correlation(1) > 0.85)
    #expect(correlation(1) > correlation(4))
    #expect(correlation(4) > correlation(16))
    #expect(correlation(16) < 0.8)
  }

  @Test func libraryGivesTheClipOfAName() throws {
    let texture = DeadLeaves(width: 40, height: 40, frames: 10)
    let a = DeadLeavesLibrary(seed: 7, count: 3, texture: texture)
    let b = DeadLeavesLibrary(seed: 9, count: 1, texture: texture)
    #expect(a.clipNames == ["dead-leaves-7-0", "dead-leaves-7-1", "dead-leaves-7-2"])
    // A record's clip can be made by any library.
    #expect(try a.clip(named: "dead-leaves-7-1") == b.clip(named: "dead-leaves-7-1"))
    #expect(try a.clip(named: "dead-leaves-7-1") != a.clip(named: "dead-leaves-7-2"))
    #expect(throws: MaskCTError.self) { try a.clip(named: "holiday.mp4") }
  }
}
