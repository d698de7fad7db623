import Support

/// A fixed field of fine grain, -0.5...0.5 grey levels, that puts equal luminance into an order.
///
/// Video has 256 grey levels; ranks need more. White noise would do, but a flat region (a saturated
/// sky) would come out of histogram matching as white noise stretched over many HU. This grain is a
/// sum of octaves, about 1/f as natural pictures are, so that such a region still looks like matter.
/// Periodic: 64 voxels along every axis.
struct TextureGrain: Sendable {
  /// Grain in 1/256 grey levels, -127...127; `values[(y * 64 + x) * 64 + z]`.
  let values: [Int8]

  /// The one grain there is; draws shift it.
  static let shared = TextureGrain()

  private init() {
    let n = 64
    var sum = [Float](repeating: 0, count: n * n * n)
    var scale = 1
    var stream = RandomStream(seed: 0x6772_6169_6E).split("grain")
    while scale <= 16 {
      // Random numbers on a lattice `scale` apart, interpolated along one axis after the other.
      let m = n / scale
      let weight = Float(scale).squareRoot()
      var field = (0..<m * m * m).map { _ in Float(stream.uniform()) - 0.5 }
      var shape = (m, m, m)
      for axis in 0..<3 {
        field = Self.stretch(field, shape: shape, axis: axis, by: scale)
        switch axis {
        case 0: shape.0 = n
        case 1: shape.1 = n
        default: shape.2 = n
        }
      }
      for i in sum.indices { sum[i] += weight * field[i] }
      scale *= 2
    }
    // Even distribution: every rank gets its own part of the range.
    let order = sum.indices.sorted { (sum[$0], $0) < (sum[$1], $1) }
    var values = [Int8](repeating: 0, count: n * n * n)
    for (rank, index) in order.enumerated() { values[index] = Int8(rank * 255 / order.count - 127) }
    self.values = values
  }

  /// Linear interpolation of a periodic field to `factor` times as many samples along an axis.
  private static func stretch(
    _ field: [Float], shape: (Int, Int, Int), axis: Int, by factor: Int
  ) -> [Float] {
    if factor == 1 { return field }
    let size = [shape.0, shape.1, shape.2]
    let inner = size[(axis + 1)...].reduce(1, *)
    let outer = size[..<axis].reduce(1, *)
    let count = size[axis]
    var out = [Float](repeating: 0, count: field.count * factor)
    for o in 0..<outer {
      for i in 0..<count * factor {
        let low = i / factor
        let high = (low + 1) % count
        let f = Float(i % factor) / Float(factor)
        for k in 0..<inner {
          let a = field[(o * count + low) * inner + k]
          let b = field[(o * count + high) * inner + k]
          out[(o * count * factor + i) * inner + k] = a + f * (b - a)
        }
      }
    }
    return out
  }
}
