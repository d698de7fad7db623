#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

public import Support

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
  /// How the crop moves across the picture with height: columns and rows of the clip for each mm
  /// along z.
  public var drift: Drift
  /// Rotation in the plane, radians.
  public var angle: Double
  /// Whether the picture is mirrored.
  public var flipped: Bool
  /// Whether time runs towards the feet instead of the head.
  public var reversed: Bool
  /// Number of the grain that puts equal grey levels into an order (see `TextureGrain`).
  public var grain: UInt32

  /// Pixels for each mm.
  public struct Drift: Codable, Equatable, Sendable {
    /// Columns for each mm.
    public var column: Double
    /// Rows for each mm.
    public var row: Double

    /// Creates a drift; none by default.
    public init(column: Double = 0, row: Double = 0) {
      self.column = column
      self.row = row
    }
  }

  /// Creates a draw from its parts.
  public init(
    clip: String, column: Double, row: Double, frame: Double, millimetresPerPixel: Double,
    millimetresPerFrame: Double, drift: Drift = Drift(), angle: Double = 0, flipped: Bool = false,
    reversed: Bool = false,
    grain: UInt32 = 0
  ) {
    self.clip = clip
    self.column = column
    self.row = row
    self.frame = frame
    self.millimetresPerPixel = millimetresPerPixel
    self.millimetresPerFrame = millimetresPerFrame
    self.drift = drift
    self.angle = angle
    self.flipped = flipped
    self.reversed = reversed
    self.grain = grain
  }

  /// Draws crop, scale, rotation, flips and start frame for a clip.
  ///
  /// - Parameter extent: size of what the texture fills, mm. Where the clip is large enough, the
  ///   crop lies inside it; otherwise it lies anywhere and the clip is continued by reflection.
  public init(
    clip: Clip, ranges: TextureRanges, extent: SIMD3<Double> = [0, 0, 0], stream: RandomStream
  ) {
    var stream = stream
    self.clip = clip.name
    millimetresPerPixel = stream.logUniform(ranges.millimetresPerPixel)
    // At this distance of frames the texture changes along z as fast as along x and y.
    let even = clip.pace * millimetresPerPixel
    millimetresPerFrame = min(10, max(0.25, even * stream.logUniform(ranges.stretch)))
    let diagonal = (extent.x * extent.x + extent.y * extent.y).squareRoot()
    func place(_ count: Int, _ half: Double) -> Double {
      let last = Double(count - 1)
      let margin = 2 * half < last ? half : 0
      return margin + stream.uniform() * (last - 2 * margin)
    }
    column = place(clip.width, diagonal / 2 / millimetresPerPixel)
    row = place(clip.height, diagonal / 2 / millimetresPerPixel)
    frame = place(clip.frames, extent.z / 2 / millimetresPerFrame)
    let speed = ranges.drift / millimetresPerPixel
    drift = Drift(
      column: stream.uniform(-1...1) * speed, row: stream.uniform(-1...1) * speed)
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
  /// How much longer structures of the texture are along z than in the plane; drawn evenly in its
  /// logarithm. 1 takes frames as far apart as the clip's own pace makes even (see `Clip.pace`).
  public var stretch: ClosedRange<Double>
  /// Greatest slope at which the crop moves across the picture, mm in the plane for each mm along z:
  /// what stands still in a film would be a straight column otherwise.
  public var drift: Double
  /// Whether to rotate in the plane.
  public var rotate: Bool
  /// Whether to mirror the picture and to reverse time.
  public var flip: Bool

  /// Creates ranges.
  public init(
    millimetresPerPixel: ClosedRange<Double> = 0.8...1.6,
    stretch: ClosedRange<Double> = 0.7...1.5, drift: Double = 0.5, rotate: Bool = true,
    flip: Bool = true
  ) {
    self.millimetresPerPixel = millimetresPerPixel
    self.stretch = stretch
    self.drift = drift
    self.rotate = rotate
    self.flip = flip
  }
}
