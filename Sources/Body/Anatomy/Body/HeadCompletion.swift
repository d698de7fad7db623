import Support

extension BodyCompletion {
  /// The filler map of a head-and-neck map; see `complete`.
  func completeHead(
    _ map: AnatomicalMap, marginBefore: Double, marginAfter: Double, stream: RandomStream,
    workers: Workers
  ) -> AnatomicalMap {
    let coarse = CoarseLabels(map, spacing: options.spacing, workers: workers)
    let frame = HeadNeck.fit(
      BodyFrameFit.extents(of: map, workers: workers), field: map.labels.grid.extent,
      heights: map.labelledHeights)
    let curve = HeadNeck.curve(of: map, frame: frame)
    let outlines = HeadNeck.outlines(frame: frame, curve: curve, stream: stream)
    let step = Float(options.spacing)
    let before = Int((marginBefore / options.spacing).rounded(.up))
    let after = Int((marginAfter / options.spacing).rounded(.up))
    let depth = coarse.shape.z + before + after

    // The canvas holds the field of view, the body on its slices, and the table.
    var low = SIMD2<Float>(coarse.origin.x, coarse.origin.y)
    var high = low + step * SIMD2<Float>(Float(coarse.shape.x - 1), Float(coarse.shape.y - 1))
    let bottom = coarse.origin.z - Float(before) * step
    let top = bottom + step * Float(depth - 1)
    for part in outlines.flatMap(\.solid.adds)
    where part.center.z - part.reach.z < top && part.center.z + part.reach.z > bottom {
      let reach = part.reach + 12
      low = pointwiseMin(low, SIMD2(part.center.x - reach.x, part.center.y - reach.y))
      high = pointwiseMax(high, SIMD2(part.center.x + reach.x, part.center.y + reach.y))
    }
    low.y -= 70
    let first = SIMD2<Float>(
      ((coarse.origin.x - low.x) / step).rounded(.up),
      ((coarse.origin.y - low.y) / step).rounded(.up))
    let origin = SIMD3(coarse.origin.x - first.x * step, coarse.origin.y - first.y * step, bottom)
    let shape = SIMD3(
      Int(((high.x - origin.x) / step).rounded(.up)) + 1,
      Int(((high.y - origin.y) / step).rounded(.up)) + 1, depth)
    var canvas = Canvas(
      shape: shape, spacing: [step, step, step], origin: origin, workers: workers)

    let names = ["skin", "subcutaneous_fat", "muscle"]
    let values = names.map { canvas.value($0) }
    for outline in outlines {
      let insets: [Float] = [0, 2, 2 + outline.fat]
      for (value, inset) in zip(values, insets) {
        // The head's layers replace those of the shoulders only from outside inwards.
        let replaces = Set(["air"] + names.prefix(Int(value) - Int(values[0])))
        canvas.paint(
          outline.solid, as: value, onto: canvas.table { replaces.contains($0) }, inset: inset)
      }
    }
    let offset = SIMD3(Int(first.x), Int(first.y), before)
    coarse.cover(&canvas, offset: offset, radius: 7) {
      HeadNeck.middle(at: $0, frame: frame, curve: curve)
    }
    let open = UnlabelledSlices(
      of: map, slices: (0..<depth).map { bottom + step * Float($0) })
    let isTrimmed = coarse.outline != nil
    if isTrimmed { coarse.trim(&canvas, offset: offset, slices: open.labelled) }

    let pieces = HeadNeck.pieces(frame: frame, curve: curve, stream: stream)
    var beyond = canvas
    canvas.paint(pieces, but: KnownStructures(map, excluded: options.excluded))
    if !open.isEmpty {
      // Where nothing was labelled, the map's structures go on as those of the reference head.
      beyond.paint(
        pieces, but: KnownStructures(excluded: options.excluded.union(map.continuedStructures)))
      canvas.take(beyond, slices: open.ranges)
    }
    if options.drawsCortex { Self.cortex(&canvas) }
    FatPlanes(canvas, stream: stream.split("fat planes")).paint(into: &canvas)
    var chance = Variation(stream.split("table"))
    if chance.chance(options.tableProbability) {
      let couch = Couch(
        middle: frame.middle, back: canvas.back(), stream: stream.split("couch"))
      couch.paint(into: &canvas, pressesBack: isTrimmed ? open.ranges : [0..<depth])
    }
    return Self.map(canvas, like: map)
  }
}

extension Canvas {
  /// Paints the pieces of a head, but for those that are known.
  fileprivate mutating func paint(_ pieces: [Piece], but known: KnownStructures) {
    for piece in pieces where !known.has(piece.structure) {
      let value = value(piece.structure)
      let onto = table { name in
        if let over = piece.over { return over.contains(name) }
        return name != "air" && name != "skin" && name != "subcutaneous_fat"
      }
      switch piece.shape {
      case .solid(let solid): paint(solid, as: value, onto: onto)
      case .tube(let tube): paint(tube, as: value, onto: onto)
      }
    }
  }

  /// The smallest y (mm) at which a fiftieth of the slices have body.
  func back() -> Float {
    var lows: [Float] = []
    for z in 0..<shape.z {
      rows: for y in 0..<shape.y {
        for x in 0..<shape.x where values[(y * shape.x + x) * shape.z + z] != 0 {
          lows.append(place(1, y))
          break rows
        }
      }
    }
    lows.sort()
    return lows.isEmpty ? origin.y : lows[lows.count / 50] + 2
  }
}

extension CoarseLabels {
  /// Puts flesh and skin around a jaw, and around labels that lie in the air of a canvas, `radius` mm
  /// thick, and between them and the middle of the neck.
  func cover(
    _ canvas: inout Canvas, offset: SIMD3<Int>, radius: Float,
    middle: (_ z: Float) -> SIMD3<Float>
  ) {
    let muscle = canvas.value("muscle")
    let fat = canvas.value("subcutaneous_fat")
    let skin = canvas.value("skin")
    let isAir = canvas.table { $0 == "air" }
    let isThin = canvas.table { $0 == "air" || $0 == "skin" }
    let isFatty = canvas.table { $0 == "air" || $0 == "skin" || $0 == "subcutaneous_fat" }
    var bare: [SIMD3<Float>] = []
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let column = (y * shape.x + x) * shape.z
        let target = ((y + offset.y) * canvas.shape.x + x + offset.x) * canvas.shape.z + offset.z
        for z in 0..<shape.z where values[column + z] != 0 {
          // The floor of the mouth lies between jaw and neck, wherever the jaw was labelled.
          if isThin[Int(canvas.values[target + z])] || structures[values[column + z]] == "mandible"
          {
            bare.append(
              [
                canvas.place(0, x + offset.x), canvas.place(1, y + offset.y),
                canvas.place(2, z + offset.z),
              ])
          }
        }
      }
    }
    for (value, reach, onto) in [
      (skin, radius, isAir), (fat, radius - 2, isThin), (muscle, radius - 4, isFatty),
    ] {
      for place in bare {
        // Straight back, and down towards the hyoid bone.
        let low = place.z - 20
        let ends = [
          SIMD3(place.x, middle(place.z).y, place.z),
          SIMD3(0.3 * middle(low).x + 0.7 * place.x, middle(low).y, low),
        ]
        for end in ends {
          canvas.paint(Tube(points: [place, end], radii: [reach, reach]), as: value, onto: onto)
        }
      }
    }
  }
}
