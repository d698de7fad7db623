/// Dots beside one another instead of on one another.
enum Swarm {
  /// How far each dot moves to the side so that none covers another.
  ///
  /// Dots are placed from the least value up, each as near to the middle as those before it allow; where
  /// there is no room within `limit` a dot goes where it covers the others least.
  ///
  /// - Parameters:
  ///   - places: where the dots are along the axis, pixels.
  ///   - diameter: the distance that two dots keep, pixels.
  ///   - limit: how far a dot may move, pixels.
  /// - Returns: the moves, in the order of the places.
  static func offsets(_ places: [Double], diameter: Double, limit: Double) -> [Double] {
    var offsets = [Double](repeating: 0, count: places.count)
    var placed: [Int] = []
    let order = places.indices.sorted { (places[$0], $0) < (places[$1], $1) }
    let step = diameter / 4
    var candidates = [0.0]
    for move in stride(from: step, through: limit, by: step) { candidates += [move, -move] }
    for dot in order {
      let near = placed.filter { places[dot] - places[$0] < diameter }
      var best = (offset: 0.0, room: -1.0)
      for offset in candidates {
        let room =
          near.map { other in
            let (dx, dy) = (offset - offsets[other], places[dot] - places[other])
            return (dx * dx + dy * dy).squareRoot()
          }.min() ?? diameter
        if room > best.room + 1e-9 { best = (offset, room) }
        if room >= diameter - 1e-9 { break }
      }
      offsets[dot] = best.offset
      placed.append(dot)
    }
    return offsets
  }
}

/// The five numbers of a box plot.
struct BoxNumbers: Equatable {
  /// Quartiles, by linear interpolation between the sorted values.
  var lower, median, upper: Double
  /// The least and the greatest value within 1.5 times the height of the box from it.
  var least, greatest: Double

  /// The numbers of at least one value.
  init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func quantile(_ part: Double) -> Double {
      let place = part * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }
    let (first, third) = (quantile(0.25), quantile(0.75))
    let reach = 1.5 * (third - first)
    (lower, median, upper) = (first, quantile(0.5), third)
    least = min(first, sorted.first { $0 >= first - reach }!)
    greatest = max(third, sorted.last { $0 <= third + reach }!)
  }
}
