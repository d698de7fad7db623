/// A counter-based random generator: Philox 4x32-10.
///
/// Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3* (SC 2011). A stream is
/// a key; the n-th block of four 32-bit numbers is a pure function of key and n, so that draws do
/// not depend on the number of threads or on the order of work. Streams are split by name:
/// `RandomStream(seed: 7).split("noise")` never shares a number with `.split("texture")`.
public struct RandomStream: RandomNumberGenerator, Sendable {
  /// The 64-bit key that names this stream.
  public let key: UInt64
  private var counter: UInt64 = 0
  private var block: SIMD4<UInt32> = .zero
  private var used = 4

  /// Creates the stream of a seed.
  public init(seed: UInt64) {
    key = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
  }

  private init(key: UInt64) {
    self.key = key
  }

  /// An independent stream named by `name` below this one; does not depend on numbers drawn so far.
  public func split(_ name: String) -> RandomStream {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return RandomStream(key: Self.mix(key ^ Self.mix(hash)))
  }

  /// An independent stream numbered `index` below this one.
  public func split(_ index: Int) -> RandomStream {
    RandomStream(
      key: Self.mix(key ^ Self.mix(UInt64(bitPattern: Int64(index)) &+ 0xD1B5_4A32_D192_ED03)))
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    if used > 2 {
      block = Self.philox(
        counter: [
          UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32), 0, 0,
        ],
        key: [UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)])
      counter &+= 1
      used = 0
    }
    let value = UInt64(block[used]) | UInt64(block[used + 1]) << 32
    used += 2
    return value
  }

  /// A uniform number in [0, 1), 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A uniform number in the range.
  public mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// A number in the range whose logarithm is evenly distributed.
  public mutating func logUniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound * power(range.upperBound / range.lowerBound, uniform())
  }

  /// A Gaussian number with the given mean and standard deviation, cut at `cut` standard deviations.
  ///
  /// Drawn by the polar method of Marsaglia; numbers beyond the cut are drawn again.
  public mutating func gaussian(mean: Double, deviation: Double, cut: Double = 4) -> Double {
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      guard s > 0, s < 1 else { continue }
      let g = u * (-2 * logarithm(s) / s).squareRoot()
      if abs(g) <= cut { return mean + deviation * g }
    }
  }

  /// The Philox 4x32-10 block function: four random words of a 128-bit counter and a 64-bit key.
  public static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for round in 0..<10 {
      if round > 0 { k = k &+ [0x9E37_79B9, 0xBB67_AE85] }
      let p0 = UInt64(0xD251_1F53) * UInt64(c.x)
      let p1 = UInt64(0xCD9E_8D57) * UInt64(c.z)
      c = [
        UInt32(p1 >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: p1),
        UInt32(p0 >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: p0),
      ]
    }
    return c
  }

  /// The finaliser of SplitMix64: a bijection that scatters every bit.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
