/// A piece of grey video held in memory: luminance 0...255 by column, row and frame.
///
/// Memory order is **frame fastest, then column, then row**: one pixel's history in time is
/// contiguous, because time becomes z and a volume's columns run along z (see `Grid`).
public struct Clip: Sendable, Equatable {
  /// The name by which a `TextureProvider` gives this clip.
  public let name: String
  /// Pixels along a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Frames.
  public let frames: Int
  /// Luminance; `pixels[(row * width + column) * frames + frame]`.
  public let pixels: [UInt8]
  /// How fast the picture changes: mean difference of a pixel to the next frame, over that to the
  /// next pixel in a row or column. About the speed of what moves, in pixels a frame; 0 for a still.
  public let pace: Double

  /// Creates a clip from its pixels, `width * height * frames` of them, frame fastest.
  public init(name: String, width: Int, height: Int, frames: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && frames > 0, "a clip has at least one pixel and frame")
    precondition(pixels.count == width * height * frames, "a clip holds one byte a pixel and frame")
    self.name = name
    self.width = width
    self.height = height
    self.frames = frames
    self.pixels = pixels
    pace = Self.pace(of: pixels, width: width, height: height, frames: frames)
  }

  private static func pace(of pixels: [UInt8], width: Int, height: Int, frames: Int) -> Double {
    var inTime = 0
    var inSpace = 0
    var pairs = (time: 0, space: 0)
    pixels.withUnsafeBufferPointer { pixels in
      // Every seventh row and third column are plenty.
      for row in stride(from: 0, to: height - 1, by: 7) {
        for column in stride(from: 0, to: width - 1, by: 3) {
          let here = (row * width + column) * frames
          let right = here + frames
          let below = here + width * frames
          for frame in 0..<frames {
            let value = Int(pixels[here + frame])
            inSpace &+= abs(Int(pixels[right + frame]) - value)
            inSpace &+= abs(Int(pixels[below + frame]) - value)
          }
          for frame in 1..<max(1, frames) {
            inTime &+= abs(Int(pixels[here + frame]) - Int(pixels[here + frame - 1]))
          }
          pairs.space += 2 * frames
          pairs.time += frames - 1
        }
      }
    }
    guard inSpace > 0, pairs.time > 0 else { return 0 }
    return (Double(inTime) / Double(pairs.time)) / (Double(inSpace) / Double(pairs.space))
  }

  /// Creates a clip from whole frames, one after the other, rows from top to bottom.
  ///
  /// - Parameter planes: `frames * height * width` bytes, column fastest.
  public init(name: String, width: Int, height: Int, frames: Int, planes: [UInt8]) {
    precondition(planes.count == width * height * frames, "a clip holds one byte a pixel and frame")
    let plane = width * height
    var pixels = [UInt8](repeating: 0, count: planes.count)
    pixels.withUnsafeMutableBufferPointer { pixels in
      planes.withUnsafeBufferPointer { planes in
        // 64 x 64 tiles: both sides of the transposition stay in the first-level cache.
        for pixelStart in stride(from: 0, to: plane, by: 64) {
          for frameStart in stride(from: 0, to: frames, by: 64) {
            for pixel in pixelStart..<min(plane, pixelStart + 64) {
              for frame in frameStart..<min(frames, frameStart + 64) {
                pixels[pixel * frames + frame] = planes[frame * plane + pixel]
              }
            }
          }
        }
      }
    }
    self.init(name: name, width: width, height: height, frames: frames, pixels: pixels)
  }

  /// The memory that the clip takes, bytes.
  public var byteCount: Int { pixels.count }

  /// Mean and standard deviation of the luminance, 0...255.
  public var statistics: (mean: Double, deviation: Double) {
    var sum = 0
    var squares = 0
    pixels.withUnsafeBufferPointer { pixels in
      for value in pixels {
        sum &+= Int(value)
        squares &+= Int(value) &* Int(value)
      }
    }
    let count = Double(pixels.count)
    let mean = Double(sum) / count
    return (mean, max(0, Double(squares) / count - mean * mean).squareRoot())
  }

  /// The clip without borders that show nothing: letterbox bars, frames around the picture.
  ///
  /// A row (column) at the edge goes as long as its luminance stays within `tolerance` grey levels
  /// over all its pixels and frames. A clip that shows nothing anywhere comes back as it is.
  public func croppedToPicture(tolerance: Int = 12) -> Clip {
    // Range of every pixel over time first; rows and columns are ranges of those.
    var low = [UInt8](repeating: 255, count: width * height)
    var high = [UInt8](repeating: 0, count: width * height)
    pixels.withUnsafeBufferPointer { pixels in
      for pixel in 0..<width * height {
        var lowest: UInt8 = 255
        var highest: UInt8 = 0
        for frame in 0..<frames {
          let value = pixels[pixel * frames + frame]
          lowest = min(lowest, value)
          highest = max(highest, value)
        }
        low[pixel] = lowest
        high[pixel] = highest
      }
    }
    func isEmpty(_ line: some Sequence<Int>) -> Bool {
      var lowest: UInt8 = 255
      var highest: UInt8 = 0
      for pixel in line {
        lowest = min(lowest, low[pixel])
        highest = max(highest, high[pixel])
      }
      return Int(highest) - Int(lowest) <= tolerance
    }
    let rows = (0..<height).filter { row in !isEmpty(row * width..<(row + 1) * width) }
    let columns = (0..<width).filter { column in
      !isEmpty(stride(from: column, to: width * height, by: width))
    }
    guard let top = rows.first, let bottom = rows.last, let left = columns.first,
      let right = columns.last, bottom - top + 1 < height || right - left + 1 < width
    else { return self }
    var kept: [UInt8] = []
    kept.reserveCapacity((bottom - top + 1) * (right - left + 1) * frames)
    for row in top...bottom {
      kept += pixels[(row * width + left) * frames..<(row * width + right + 1) * frames]
    }
    return Clip(
      name: name, width: right - left + 1, height: bottom - top + 1, frames: frames, pixels: kept)
  }
}
