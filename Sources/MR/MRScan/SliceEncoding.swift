import Support

/// How a slice gathers the body along z: a profile of soft edges in two dimensions, the point spread of an encoded
/// partition in three.
///
/// The profile is a box of the slice's thickness seen through a Gaussian, `(erf((z + T/2)/s) - erf((z - T/2)/s)) / 2`
/// with `s = T / 8`, as pulses of a few lobes excite it: T is its full width at half maximum. A partition of a slab of
/// three dimensions gathers `sinc(z / T)`, tapered to zero over six partitions on either side.
struct SliceEncoding: Equatable, Sendable {
  /// Thickness, mm.
  let thickness: Double
  let isPartition: Bool

  /// Width of the edges of a slice as a part of its thickness.
  static let edge = 1.0 / 8

  /// How far from its middle a slice gathers, mm.
  var reach: Double { isPartition ? 6 * thickness : thickness * (0.5 + 3 * Self.edge) }

  /// The profile at a distance from the middle, mm; 1 in the middle of a slice.
  func profile(_ z: Double) -> Double {
    if isPartition {
      guard abs(z) < reach else { return 0 }
      let x = .pi * z / thickness
      let taper = cosine(0.5 * .pi * z / reach)
      return (abs(x) < 1e-9 ? 1 : sine(x) / x) * taper * taper
    }
    let s = Self.edge * thickness
    return 0.5
      * (complementaryErrorFunction((z - thickness / 2) / s)
        - complementaryErrorFunction((z + thickness / 2) / s))
  }

  /// The weights of heights `first + i step`, which add up to 1.
  ///
  /// - Parameter center: of the slice, on the axis of the heights.
  /// - Returns: the range of i, inside `0..<count`, and their weights; planes beyond both ends count as the last there.
  func weights(center: Double, first: Double, step: Double, count: Int) -> (Range<Int>, [Float]) {
    let low = Int(((center - reach - first) / step).rounded(.up))
    let high = Int(((center + reach - first) / step).rounded(.down))
    var planes: [Double] = []
    let range = min(count - 1, max(0, low))..<max(1, min(count, max(0, high) + 1))
    planes = [Double](repeating: 0, count: range.count)
    var total = 0.0
    if low <= high {
      for i in low...high {
        let weight = profile(first + Double(i) * step - center)
        planes[min(range.count - 1, max(0, i - range.lowerBound))] += weight
        total += weight
      }
    }
    guard abs(total) > 1e-9 else {
      // Thinner than a step of the body: the nearest plane.
      let nearest = min(count - 1, max(0, Int(((center - first) / step).rounded())))
      return (nearest..<nearest + 1, [1])
    }
    return (range, planes.map { Float($0 / total) })
  }
}
