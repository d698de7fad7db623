#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

public import Support

/// How a smooth random field lies in space: everything that was drawn for one.
public struct NoiseDraw: Codable, Equatable, Sendable {
  /// Correlation length in the plane, mm: fields `r` apart correlate by `exp(-r² / (2 length²))`.
  public var length: Double
  /// How much longer the field's structures are along z than in the plane.
  public var stretch: Double
  /// Rotation in the plane, radians.
  public var angle: Double
  /// The place of the field that lies at the origin, each coordinate a part (0..<1) of its period.
  public var place: [Double]

  /// Creates a draw from its parts.
  ///
  /// - Precondition: `place` has three coordinates.
  public init(length: Double, stretch: Double = 1, angle: Double = 0, place: [Double] = [0, 0, 0]) {
    precondition(place.count == 3, "the place of a field has three coordinates")
    self.length = length
    self.stretch = stretch
    self.angle = angle
    self.place = place
  }

  /// Draws rotation and place.
  public init(length: Double, stretch: Double, stream: inout RandomStream) {
    self.init(
      length: length, stretch: stretch, angle: stream.uniform(-Double.pi...Double.pi),
      place: [stream.uniform(), stream.uniform(), stream.uniform()])
  }
}

/// A Gaussian random field of mean 0 and variance 1, sampled at every voxel of an endless grid.
///
/// White noise on a periodic lattice of 128 points along every axis, smoothed by a Gaussian, so that its
/// correlation is `exp(-r² / (2 length²))`; one lattice serves all fields, which draws shift, turn and scale. A
/// period is 42 correlation lengths. Between lattice points it is interpolated linearly.
///
/// Two facts make it useful for anatomy. A level set `field < t` has the share `Phi(t)`, and where the share is
/// a half, chords through it are `pi length` long on average (Rice's formula: `exp(-t²/2) / (pi length)` crossings
/// a mm). And where two such fields `f` and `g` are both near zero, `f² + g² < e²`, lie tubes with the share
/// `1 - exp(-e²/2)` and a centre line of `1 / (pi length²)` mm a mm³ (Berry and Dennis, *Phase singularities in
/// isotropic random waves*, Proc. R. Soc. A 456:2059, 2000).
public struct SmoothNoise: Sendable {
  /// Lattice points a correlation length.
  static let pointsPerLength = 3.0
  /// Lattice points along every axis.
  static let points = 128
  /// Steps of a stored value a standard deviation.
  private static let levels: Float = 31
  /// Linear interpolation takes a twentieth of the variance: of the mean over all places between points,
  /// `(1 - (1 - exp(-1/18)) / 3)³` is left.
  private static let loss: Float = 0.973

  /// `values[(y * points + x) * points + z]`, in `levels` a standard deviation.
  private let values: [Int8]

  /// The one field there is.
  static let shared = SmoothNoise()

  private init() {
    let n = Self.points
    var stream = RandomStream(seed: 0x736D_6F6F_7468).split("noise")
    var field = [Float](unsafeUninitializedCapacity: n * n * n) { out, count in
      // Sums of four even numbers: near enough to a Gaussian to be smoothed into one.
      for i in 0..<n * n * n {
        let bits = stream.next()
        var sum: Float = 0
        for part in 0..<4 { sum += Float(Int32(bits >> UInt64(16 * part) & 0xFFFF) - 32768) }
        out[i] = sum
      }
      count = n * n * n
    }
    let deviation = Self.pointsPerLength / 2.0.squareRoot()
    let radius = Int((3.5 * deviation).rounded(.up))
    let kernel = (-radius...radius).map {
      Float(exp(-0.5 * Double($0 * $0) / (deviation * deviation)))
    }
    var smooth = field
    for stride in [1, n, n * n] {
      field.withUnsafeBufferPointer { field in
        smooth.withUnsafeMutableBufferPointer { smooth in
          for i in 0..<n * n * n {
            let place = i / stride & (n - 1)
            var sum: Float = 0
            for j in -radius...radius {
              let other = (place + j) & (n - 1)
              sum += kernel[j + radius] * field[i + (other - place) * stride]
            }
            smooth[i] = sum
          }
        }
      }
      field = smooth
    }
    var (sum, squares) = (0.0, 0.0)
    for value in field { (sum, squares) = (sum + Double(value), squares + Double(value * value)) }
    let mean = sum / Double(field.count)
    let scale = Double(Self.levels) / (squares / Double(field.count) - mean * mean).squareRoot()
    values = field.map { value in
      Int8(max(-127, min(127, ((Double(value) - mean) * scale).rounded())))
    }
  }

  /// The threshold that a part `share` of the field lies below, where a voxel within `width` of it counts in part.
  ///
  /// Without that correction a grain finer than the voxels would take more than its share: of `v < t` with a slope as
  /// wide as `width`, the mean is that of `Phi` over the width.
  public static func threshold(share: Double, width: Double = 0) -> Double {
    level(share: share, width: width) { 0.5 * complementaryErrorFunction(-$0 / 2.0.squareRoot()) }
  }

  /// The radius `e` with `f² + g² < e²` in a part `share`, where a voxel within `width` counts in part.
  public static func tubeRadius(share: Double, width: Double = 0) -> Double {
    level(share: share, width: width) { $0 > 0 ? 1 - exponential(-$0 * $0 / 2) : 0 }
  }

  /// The `e` with `|f| < e` in a part `share`, where a voxel within `width` counts in part.
  public static func sheetLevel(share: Double, width: Double = 0) -> Double {
    level(share: share, width: width) {
      $0 > 0 ? 1 - complementaryErrorFunction($0 / 2.0.squareRoot()) : 0
    }
  }

  /// The level at which a share that grows with it, averaged over `width` around it, reaches `share`.
  private static func level(
    share: Double, width: Double, _ part: (Double) -> Double
  ) -> Double {
    let steps = 32
    var (low, high) = (-8 - width, 8 + width)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      var sum = 0.0
      for step in 0..<steps {
        sum += part(middle + width * ((Double(step) + 0.5) / Double(steps) - 0.5))
      }
      if sum < share * Double(steps) { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  fileprivate func read(
    _ out: UnsafeMutablePointer<Float>, count: Int, x: Double, y: Double, z: Double, step: Double
  ) {
    let n = Self.points
    let mask = n - 1
    let (x0, y0) = (x.rounded(.down), y.rounded(.down))
    let (fx, fy) = (Float(x - x0), Float(y - y0))
    let (xa, ya) = (Int(x0) & mask, Int(y0) & mask)
    let (xb, yb) = ((xa + 1) & mask, (ya + 1) & mask)
    let scale = 1 / (Self.levels * Self.loss)
    let w00 = (1 - fx) * (1 - fy) * scale
    let w10 = fx * (1 - fy) * scale
    let w01 = (1 - fx) * fy * scale
    let w11 = fx * fy * scale
    // Places along z in 1 / 65536 of a lattice point, so that a column comes out the same wherever it begins.
    var place = Int((z * 65536).rounded())
    let step = Int((step * 65536).rounded())
    values.withUnsafeBufferPointer { values in
      let base = values.baseAddress!
      let (a, b) = (base + (ya * n + xa) * n, base + (ya * n + xb) * n)
      let (c, d) = (base + (yb * n + xa) * n, base + (yb * n + xb) * n)
      for k in 0..<count {
        let z0 = (place &>> 16) & mask
        let z1 = (z0 &+ 1) & mask
        let fz = Float(place & 0xFFFF) * 0x1p-16
        let low = w00 * Float(a[z0]) + w10 * Float(b[z0]) + w01 * Float(c[z0]) + w11 * Float(d[z0])
        let high = w00 * Float(a[z1]) + w10 * Float(b[z1]) + w01 * Float(c[z1]) + w11 * Float(d[z1])
        out[k] = low + fz * (high - low)
        place &+= step
      }
    }
  }
}

/// A smooth random field laid over voxels: fills columns along z.
public struct NoiseColumns: Sendable {
  private let columnPerVoxel: (x: Double, y: Double)
  private let rowPerVoxel: (x: Double, y: Double)
  private let step: Double
  private let start: SIMD3<Double>

  /// Lays a field out over voxels of the given spacing, mm.
  ///
  /// - Parameter twin: the second of two independent fields of one draw, half a period away along every axis.
  public init(_ draw: NoiseDraw, spacing: SIMD3<Double>, twin: Bool = false) {
    let scale = SmoothNoise.pointsPerLength / draw.length
    let (c, s) = (cos(draw.angle) * scale, sin(draw.angle) * scale)
    columnPerVoxel = (c * spacing.x, -s * spacing.y)
    rowPerVoxel = (s * spacing.x, c * spacing.y)
    let period = Double(SmoothNoise.points)
    let unit = 0x1p-16
    step = (scale / draw.stretch * spacing.z / unit).rounded() * unit
    let place = SIMD3(draw.place[0], draw.place[1], draw.place[2])
    start = (place + (twin ? 0.5 : 0)) * period
  }

  /// Writes the field of column `(x, y)` over the slices `z` to `out`; voxels count from the origin.
  public func fill(_ out: UnsafeMutablePointer<Float>, x: Int, y: Int, z: Range<Int>) {
    SmoothNoise.shared.read(
      out, count: z.count,
      x: start.x + columnPerVoxel.x * Double(x) + columnPerVoxel.y * Double(y),
      y: start.y + rowPerVoxel.x * Double(x) + rowPerVoxel.y * Double(y),
      z: start.z + step * Double(z.lowerBound), step: step)
  }
}
