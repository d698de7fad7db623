/// The slice sensitivity profile: how much a thin disc counts at every height.
public struct SliceSensitivity: Equatable, Sendable {
  /// Heights, mm, rising.
  public let heights: [Double]
  /// The signal less its background, over its greatest.
  public let values: [Double]

  /// The profile of a thin disc.
  ///
  /// - Parameters:
  ///   - heights: of the slices, mm, equidistant.
  ///   - signal: mean HU inside the disc's outline, in every slice.
  ///   - background: HU where there is no disc.
  public init(heights: [Double], signal: [Double], background: Double) {
    self.heights = heights
    let net = signal.map { $0 - background }
    let greatest = net.max() ?? 0
    values = net.map { greatest > 0 ? $0 / greatest : 0 }
  }

  /// Width between the outermost crossings of `part` of the greatest, interpolated linearly, mm.
  ///
  /// 0.5 gives the full width at half maximum, 0.1 that at a tenth; NaN where the profile does not fall so far.
  public func width(at part: Double) -> Double {
    guard let first = values.firstIndex(where: { $0 >= part }),
      let last = values.lastIndex(where: { $0 >= part }), first > 0, last < values.count - 1
    else { return .nan }
    func crossing(_ low: Int, _ high: Int) -> Double {
      let t = (part - values[low]) / (values[high] - values[low])
      return heights[low] + t * (heights[high] - heights[low])
    }
    return crossing(last + 1, last) - crossing(first - 1, first)
  }
}
