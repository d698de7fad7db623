import Support

/// Decays of any T2 along a train of echoes as sums of a few fixed decays.
///
///     e^(-t / T2) = sum_k c_k(T2) e^(-t / T_k)
///
/// A tissue is painted as its coefficients c_k, which add up over the tissues of a voxel as magnetisation does; each line
/// of k-space then weights their images with the decays at its own echo. So every tissue fades along the train with its
/// own T2, and is blurred by it, for the price of a few images (the subspace of Tamir et al., Magn Reson Med 77:180, 2017).
/// At the echo of the middle of k-space the sum is exact.
struct EchoBasis: Equatable, Sendable {
  /// The fixed decays, ms: with these the worst echo of any T2 from 28 ms on is 2.5 % of equilibrium off, over trains of 44
  /// to 200 ms.
  static let decays: [Double] = [30, 80, 600]

  /// Times of the echoes, ms.
  let times: [Double]
  /// The echo whose decay is exact.
  let effective: Int
  private let solver: [[Double]]

  init(times: [Double], effective: Int) {
    self.times = times
    self.effective = min(effective, times.count - 1)
    // Least squares for what is left after the exact echo; see `coefficients`.
    let columns = Self.columns(times, self.effective)
    var normal = [[Double]](repeating: [0, 0], count: 2)
    for column in columns {
      for a in 0..<2 { for b in 0..<2 { normal[a][b] += column[a] * column[b] } }
    }
    let regular = 1e-9 * (normal[0][0] + normal[1][1]) + 1e-300
    normal[0][0] += regular
    normal[1][1] += regular
    let determinant = normal[0][0] * normal[1][1] - normal[0][1] * normal[1][0]
    solver = [
      [normal[1][1] / determinant, -normal[0][1] / determinant],
      [-normal[1][0] / determinant, normal[0][0] / determinant],
    ]
  }

  /// The first and the last decay relative to the middle one, which takes the exact echo up: values of 0 there.
  private static func columns(_ times: [Double], _ effective: Int) -> [[Double]] {
    let at = times[effective]
    let middle = decays[1]
    return times.map { t in
      [decays[0], decays[2]].map { decay in
        exponential(-t / decay) - exponential(-(t - at) / middle - at / decay)
      }
    }
  }

  /// The coefficients c_k of a T2 (ms).
  func coefficients(t2: Double) -> [Double] {
    let (at, middle) = (times[effective], Self.decays[1])
    var right = [0.0, 0.0]
    for (t, column) in zip(times, Self.columns(times, effective)) {
      let rest = exponential(-t / t2) - exponential(-(t - at) / middle - at / t2)
      right[0] += column[0] * rest
      right[1] += column[1] * rest
    }
    let first = solver[0][0] * right[0] + solver[0][1] * right[1]
    let last = solver[1][0] * right[0] + solver[1][1] * right[1]
    // What the middle decay adds so that the echo is exact.
    let own =
      exponential(at / middle)
      * (exponential(-at / t2) - first * exponential(-at / Self.decays[0])
        - last * exponential(-at / Self.decays[2]))
    return [first, own, last]
  }

  /// The fixed decays at an echo.
  func weights(echo: Int) -> [Double] {
    // Echoes are evenly spaced from the excitation on, and go on beyond those that were fitted.
    let t = times[0] * Double(echo + 1)
    return Self.decays.map { exponential(-t / $0) }
  }
}
