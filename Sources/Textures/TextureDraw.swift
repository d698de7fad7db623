#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

public import Volumes

/// How a clip lies in space: everything that was drawn for one texture.
///
/// A value in a case's record; `TextureField` applies it, so that a case can be replayed from its
/// record and the clips alone.
public struct TextureDraw: Codable, Equatable, Sendable {
  /// The clip's name in its provider.
  public var clip: String
  /// The column of the clip that lies at the origin, pixels.
  public var column: Double
  /// The row of the clip that lies at the origin, pixels.
  public var row: Double
  /// The frame of the clip that lies at the origin.
  public var frame: Double
  /// Size of a pixel in the patient, mm.
  public var millimetresPerPixel: Double
  /// Distance of neighbouring frames along z, mm.
  public var millimetresPerFrame: Double
  /// Rotation in the plane, radians.
  public var angle: Double
  /// Whether the picture is mirrored.
  public var flipped: Bool
  /// Whether time runs towards the feet instead of the head.
  public var reversed: Bool
  /// Number of the grain that puts equal grey levels into an order (see `TextureGrain`).
  public var grain: UInt32

  /// Creates a draw from its parts.
  public init(
    clip: String, column: Double, row: Double, frame: Double, millimetresPerPixel: Double,
    millimetresPerFrame: Double, angle: Double = 0, flipped: Bool = false, reversed: Bool = false,
    grain: UInt32 = 0
  ) {
    self.clip = clip
    self.column = column
    self.row = row
    self.frame = frame
    self.millimetresPerPixel = millimetresPerPixel
    self.millimetresPerFrame = millimetresPerFrame
    self.angle = angle
    self.flipped = flipped
    self.reversed = reversed
    self.grain = grain
  }

  /// Draws crop, scale, rotation, flips and start frame for a clip.
  public init(clip: Clip, ranges: TextureRanges, stream: RandomStream) {
    var stream = stream
    self.clip = clip.name
    column = stream.uniform() * Double(clip.width - 1)
    row = stream.uniform() * Double(clip.height - 1)
    frame = stream.uniform() * Double(clip.frames - 1)
    millimetresPerPixel = stream.logUniform(ranges.millimetresPerPixel)
    millimetresPerFrame = stream.logUniform(ranges.millimetresPerFrame)
    let turn = stream.uniform(-Double.pi...Double.pi)
    let mirror = stream.uniform() < 0.5
    let reverse = stream.uniform() < 0.5
    angle = ranges.rotate ? turn : 0
    flipped = ranges.flip && mirror
    reversed = ranges.flip && reverse
    grain = UInt32(truncatingIfNeeded: stream.next())
  }
}

/// The ranges from which a `TextureDraw` takes its scale.
public struct TextureRanges: Codable, Equatable, Sendable {
  /// Smallest and largest size of a pixel in the patient, mm; drawn evenly in its logarithm.
  public var millimetresPerPixel: ClosedRange<Double>
  /// Smallest and largest distance of frames, mm; drawn evenly in its logarithm.
  public var millimetresPerFrame: ClosedRange<Double>
  /// Whether to rotate in the plane.
  public var rotate: Bool
  /// Whether to mirror the picture and to reverse time.
  public var flip: Bool

  /// Creates ranges.
  public init(
    millimetresPerPixel: ClosedRange<Double> = 0.8...1.6,
    millimetresPerFrame: ClosedRange<Double> = 0.8...2.4, rotate: Bool = true, flip: Bool = true
  ) {
    self.millimetresPerPixel = millimetresPerPixel
    self.millimetresPerFrame = millimetresPerFrame
    self.rotate = rotate
    self.flip = flip
  }
}

extension RandomStream {
  /// A number in the range whose logarithm is evenly distributed.
  mutating func logUniform(_ range: ClosedRange<Double>) -> Double {
    let part = uniform()
    guard range.upperBound > range.lowerBound else { return range.lowerBound }
    return exp(log(range.lowerBound) * (1 - part) + log(range.upperBound) * part)
  }
}
