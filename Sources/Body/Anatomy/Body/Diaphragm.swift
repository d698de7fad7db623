import Support

/// The dome between chest and belly: its height (canvas mm) over every column of the canvas.
struct Diaphragm: Sendable {
  /// Height of the dome by column, `y * shape.x + x`.
  private(set) var heights: [Float]

  /// Builds the dome of the reference torso.
  ///
  /// Over the cavity's cross-section, with `n` the distance from the axis relative to the wall,
  /// `h = rim + (crest - rim) sqrt(1 - n^6)`: a plateau that falls steeply near the wall, where lung
  /// and wall meet in a narrow recess. The rim is high in front, low at the sides and behind.
  ///
  /// - Parameter organs: where labels of organs below the dome are known, the highest of them by
  ///   column (canvas mm; -infinity where there is none).
  init(
    frame: BodyFrame, envelope: BodyEnvelope, canvas: Canvas, slice: (Float) -> Float,
    organs: [Float]?, lungs: [Float]?, isLiverComplete: Bool, stream: RandomStream
  ) {
    var v = Variation(stream)
    let breath = v.around(0, organs == nil ? 5 : 3)
    let left = v.around(0, 5)
    let waves = Warp(amplitude: 3, length: 80...160, stream: stream.split("waves"))
    let shape = canvas.shape
    let xs = (0..<shape.x).map { canvas.place(0, $0) }
    let ys = (0..<shape.y).map { canvas.place(1, $0) }
    let (wx, wy) = (waves.table(4, places: xs), waves.table(5, places: ys))
    heights = [Float](repeating: -.infinity, count: shape.x * shape.y)
    let middle = slice(frame.place(0, 0, 62).z)
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let dx = xs[x] - envelope.axis.x
        let dy = ys[y] - envelope.axis.y
        let distance = (dx * dx + dy * dy).squareRoot()
        let angle = arctangent(y: Double(dy), x: Double(dx))
        let n = Double(distance / envelope.cavity.radius(angle: angle, slice: middle))
        let s = sine(angle)
        let rim = s > 0 ? 2 + 70 * s * s * s : 2 + 16 * s * s
        let side = Double(dx) / frame.scale.x
        let crest =
          BodyFrame.interpolate(TorsoAnatomy.standard.diaphragm, side) + breath
          + (side < 0 ? left : 0)
        let h = rim + max(crest - rim, 0) * max(0, 1 - power(n, 6)).squareRoot()
        heights[y * shape.x + x] =
          frame.place(0, 0, h).z + (wx[x] + wy[y]) * Float(max(0, 1 - n))
      }
    }
    if let lungs { follow(lungs.map { $0 - 6 }, canvas: canvas, canLower: true) }
    if let organs { follow(organs, canvas: canvas, canLower: isLiverComplete) }
  }

  /// Moves the dome so that it lies on the organs below it and never cuts them.
  ///
  /// Where an organ reaches near the dome, the dome comes down or up to it (and, fading over 30 mm,
  /// around it); where one sticks out, the dome rises over it.
  private mutating func follow(_ organs: [Float], canvas: Canvas, canLower: Bool) {
    let (nx, ny) = (canvas.shape.x, canvas.shape.y)
    var shift = [Float](repeating: 0, count: nx * ny)
    var weight = [Float](repeating: 0, count: nx * ny)
    for i in 0..<nx * ny where organs[i] > -.infinity {
      let gap = organs[i] + 3 - heights[i]
      // An organ far below the dome says nothing about it: bowel or fat lies between.
      if gap < -45 { continue }
      weight[i] = canLower || gap > 0 ? 1 : 0.15
      shift[i] = gap * weight[i]
    }
    let deviation = 14 / canvas.spacing.x
    shift = Self.smooth(shift, nx, ny, deviation)
    weight = Self.smooth(weight, nx, ny, deviation)
    for i in 0..<nx * ny {
      // Full effect where a quarter of the neighbourhood knows, fading out where none does.
      heights[i] += shift[i] / max(weight[i], 0.25)
      if organs[i] > -.infinity { heights[i] = max(heights[i], organs[i] + 2) }
    }
  }

  /// Separable Gaussian smoothing of a map, ends held.
  static func smooth(_ map: [Float], _ nx: Int, _ ny: Int, _ deviation: Float) -> [Float] {
    let radius = max(1, Int((3 * deviation).rounded(.up)))
    var kernel = (-radius...radius).map {
      Float(exponential(-0.5 * Double($0 * $0) / Double(deviation * deviation)))
    }
    let sum = kernel.reduce(0, +)
    for k in kernel.indices { kernel[k] /= sum }
    var rows = map
    for y in 0..<ny {
      for x in 0..<nx {
        var total: Float = 0
        for k in -radius...radius {
          total += kernel[k + radius] * map[y * nx + min(max(x + k, 0), nx - 1)]
        }
        rows[y * nx + x] = total
      }
    }
    var result = rows
    for y in 0..<ny {
      for x in 0..<nx {
        var total: Float = 0
        for k in -radius...radius {
          total += kernel[k + radius] * rows[min(max(y + k, 0), ny - 1) * nx + x]
        }
        result[y * nx + x] = total
      }
    }
    return result
  }
}
