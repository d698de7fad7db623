internal import Support

/// W(q): how much a row counts, by its place on the detector, and which rays of a helix see a voxel on the axis.
///
/// W is 1 up to the plateau Q and falls as `cos²(pi/2 (q - Q) / (1 - Q))` to 0 at 1. In half a turn the place of a
/// voxel on the axis moves by the pitch p, so it is seen at `q + k p`, from the one side for even k and from the other
/// for odd k.
struct RowWeights: Equatable, Sendable {
  let pitch: Double
  let plateau: Double

  func callAsFunction(_ q: Double) -> Double {
    let place = abs(q)
    if place <= plateau { return 1 }
    if place >= 1 { return 0 }
    let fall = cosine(.pi / 2 * (place - plateau) / (1 - plateau))
    return fall * fall
  }

  /// The places of all rays that see what is seen at q.
  func places(of q: Double) -> [Double] {
    let turns = Int(2 / pitch) + 2
    return (-turns...turns).map { q + Double($0) * pitch }.filter { abs($0) < 1 }
  }

  /// O(q): the weights of rays from the same side as that at q.
  func seen(_ q: Double) -> Double {
    let turns = Int(1 / pitch) + 1
    return (-turns...turns).reduce(0.0) { $0 + self(q + 2 * Double($1) * pitch) }
  }

  /// `min(1, O(q + p) / O(q))`; see `RayInterleaving`.
  func share(_ q: Double) -> Double { min(1, seen(q + pitch) / max(seen(q), 1e-6)) }
}
