/// Outlines of a mask as polygons, and how they are drawn.
///
/// The mask comes as the share of every pixel that it covers; the outline is the line at one half,
/// found by marching squares between pixel centres with linear interpolation. Beyond the picture the
/// mask is empty, so every outline is closed.
struct Contours {
  /// Closed polygons, points in pixels (pixel centres at integers + 0.5).
  private(set) var polygons: [[SIMD2<Float>]] = []

  /// Finds the outlines of a mask.
  init(of mask: SliceImage<Float>) {
    // Squares between pixel centres, with one ring of empty pixels around the picture. An edge of
    // the lattice is named by its first pixel and whether it runs down.
    let width = mask.width + 2
    let height = mask.height + 2
    func value(_ x: Int, _ y: Int) -> Float {
      x < 1 || y < 1 || x > mask.width || y > mask.height
        ? 0 : mask.values[(y - 1) * mask.width + x - 1]
    }
    var next: [Int: Int] = [:]
    for y in 0..<height - 1 {
      for x in 0..<width - 1 {
        let corners = [value(x, y), value(x + 1, y), value(x + 1, y + 1), value(x, y + 1)]
        let inside = corners.map { $0 > 0.5 }
        if inside[0] == inside[1] && inside[1] == inside[2] && inside[2] == inside[3] { continue }
        // Edges in the order of the corners that they follow: top, right, bottom, left.
        let at = (y * width + x) * 2
        let edges = [at, at + 3, at + width * 2, at + 1]
        // Around the square, every entry into the mask is joined with the exit that follows it.
        let entries = (0..<4).filter { !inside[$0] && inside[($0 + 1) % 4] }
        let exits = (0..<4).filter { inside[$0] && !inside[($0 + 1) % 4] }
        let joined = entries.count == 2 && corners.reduce(0, +) > 2
        for entry in entries {
          let exit =
            exits.count == 1
            ? exits[0] : joined ? (entry + 3) % 4 : (entry + 1) % 4
          next[edges[entry]] = edges[exit]
        }
      }
    }
    while let start = next.keys.min() {
      var polygon: [SIMD2<Float>] = []
      var edge = start
      while let following = next.removeValue(forKey: edge) {
        polygon.append(Self.point(on: edge, width: width, value: value))
        edge = following
      }
      polygons.append(polygon)
    }
  }

  /// Where the mask crosses one half on an edge of the lattice.
  private static func point(
    on edge: Int, width: Int, value: (Int, Int) -> Float
  ) -> SIMD2<Float> {
    let (x, y) = (edge / 2 % width, edge / 2 / width)
    let step: SIMD2<Float> = edge % 2 == 0 ? [1, 0] : [0, 1]
    let a = value(x, y)
    let b = value(x + Int(step.x), y + Int(step.y))
    return [Float(x) - 0.5, Float(y) - 0.5] + step * ((0.5 - a) / (b - a))
  }

  /// How much of every pixel the outlines cover, from 0 to 1.
  ///
  /// - Parameters:
  ///   - lineWidth: in pixels.
  ///   - dash: lengths of line and gap in pixels; nil draws through.
  func coverage(
    width: Int, height: Int, lineWidth: Float, dash: (line: Float, gap: Float)? = nil
  ) -> [Float] {
    var coverage = [Float](repeating: 0, count: width * height)
    for polygon in polygons {
      var length: Float = 0
      for (index, start) in polygon.enumerated() {
        let end = polygon[(index + 1) % polygon.count]
        let gap = end - start
        let piece = (gap * gap).sum().squareRoot()
        let middle = (length + piece / 2)
        length += piece
        if let dash, middle.truncatingRemainder(dividingBy: dash.line + dash.gap) > dash.line {
          continue
        }
        Self.stroke(
          start, end, into: &coverage, width: width, height: height, half: lineWidth / 2)
      }
    }
    return coverage
  }

  private static func stroke(
    _ start: SIMD2<Float>, _ end: SIMD2<Float>, into coverage: inout [Float], width: Int,
    height: Int, half: Float
  ) {
    let reach = half + 1
    let low = pointwiseMin(start, end) - reach
    let high = pointwiseMax(start, end) + reach
    let along = end - start
    let square = (along * along).sum()
    for y in max(0, Int(low.y))..<max(0, Int(low.y), min(height, Int(high.y) + 1)) {
      for x in max(0, Int(low.x))..<max(0, Int(low.x), min(width, Int(high.x) + 1)) {
        let p = SIMD2<Float>(Float(x) + 0.5, Float(y) + 0.5) - start
        let t = square > 0 ? min(1, max(0, (p * along).sum() / square)) : 0
        let off = p - along * t
        let distance = (off * off).sum().squareRoot()
        let cover = min(1, max(0, half + 0.5 - distance))
        if cover > coverage[y * width + x] { coverage[y * width + x] = cover }
      }
    }
  }
}
