import Support

/// A label map sampled on the working spacing, with what its labels say about the body's outlines.
struct CoarseLabels: Sendable {
  let shape: SIMD3<Int>
  /// Place of voxel 0, mm along the axes of the label map's grid, whose voxel 0 lies at 0.
  let origin: SIMD3<Float>
  let spacing: Float
  /// Ids, z fastest, nearest voxel of the label map.
  let values: [UInt16]
  /// What each id is to the body; indexed by id.
  let roles: [Role]
  let structures: [UInt16: String]
  private let hasEnvelope: Bool
  /// The first slice on which anything could be labelled.
  private let firstLabelled: Int

  enum Role: UInt8 { case none, envelope, organ, wall }

  init(_ map: AnatomicalMap, spacing: Double, workers: Workers) {
    let grid = map.labels.grid
    let step = grid.spacing
    var shape = SIMD3<Int>()
    var origin = SIMD3<Float>()
    var indices: [[Int]] = []
    for axis in 0..<3 {
      let extent = grid.extent[axis]
      let count = max(1, Int((extent / spacing).rounded()))
      shape[axis] = count
      // Centred on the box of the grid, whose edges lie half a voxel outside the centres.
      let start = extent / 2 - step[axis] / 2 - Double(count - 1) / 2 * spacing
      origin[axis] = Float(start)
      indices.append(
        (0..<count).map {
          min(
            max(Int(((start + spacing * Double($0)) / step[axis]).rounded()), 0),
            grid.shape[axis] - 1)
        })
    }
    let size = shape
    let places = indices
    let source = grid.shape
    values = [UInt16](unsafeUninitializedCapacity: size.x * size.y * size.z) { target, filled in
      map.labels.values.withUnsafeBufferPointer { labels in
        nonisolated(unsafe) let target = target
        nonisolated(unsafe) let labels = labels
        workers.forEachRange(size.y, chunk: 8) { rows in
          for y in rows {
            for x in 0..<size.x {
              let from = (places[1][y] * source.x + places[0][x]) * source.z
              let to = (y * size.x + x) * size.z
              places[2].withUnsafeBufferPointer { zs in
                for z in 0..<size.z { target[to + z] = labels[from + zs[z]] }
              }
            }
          }
        }
      }
      filled = size.x * size.y * size.z
    }
    self.shape = shape
    self.origin = origin
    self.spacing = Float(spacing)
    structures = map.structures
    var roles = [Role](repeating: .none, count: Int(map.structures.keys.max() ?? 0) + 1)
    for (id, structure) in map.structures {
      roles[Int(id)] =
        StructureCatalog.isEnvelope(structure)
        ? .envelope : StructureCatalog.standard[structure]?.isBodyWall == true ? .wall : .organ
    }
    self.roles = roles
    hasEnvelope = roles.contains(.envelope)
    firstLabelled =
      map.labelledSlices.map { Int((Double($0.lowerBound) * step.z / spacing).rounded(.up)) } ?? 0
  }

  /// Whether each id, by index, stands for a structure of some kind.
  func table(_ holds: (Structure) -> Bool) -> [Bool] {
    roles.indices.map { id in
      structures[UInt16(id)].flatMap { StructureCatalog.standard[$0] }.map(holds) ?? false
    }
  }

  /// Extent of the body along x and y where the map shows it, mm: medians over the slices.
  var outline: (x: ClosedRange<Double>, y: ClosedRange<Double>)? {
    guard hasEnvelope else { return nil }
    var edges: [[Float]] = [[], [], [], []]
    for z in 0..<shape.z {
      var (x0, x1, y0, y1) = (Int.max, -1, Int.max, -1)
      for y in 0..<shape.y {
        for x in 0..<shape.x where values[(y * shape.x + x) * shape.z + z] != 0 {
          (x0, x1, y0, y1) = (min(x0, x), max(x1, x), min(y0, y), max(y1, y))
        }
      }
      guard x1 >= 0 else { continue }
      for (k, index) in [x0, x1].enumerated() { edges[k].append(origin.x + spacing * Float(index)) }
      for (k, index) in [y0, y1].enumerated() {
        edges[k + 2].append(origin.y + spacing * Float(index))
      }
    }
    guard !edges[0].isEmpty else { return nil }
    let medians = edges.map { Double($0.sorted()[$0.count / 2]) }
    return (
      medians[0]...max(medians[1], medians[0] + 1), medians[2]...max(medians[3], medians[2] + 1)
    )
  }

  /// What the labels ask of the outlines, on slices that run `before` slices further down; there and
  /// above the last slice the labels count as mirrored.
  func need(axis: SIMD2<Float>, before: Int, depth: Int) -> BodyEnvelope.Need {
    var organs = PolarSurface(depth: shape.z)
    var wall = PolarSurface(depth: shape.z)
    for y in 0..<shape.y {
      let dy = origin.y + spacing * Float(y) - axis.y
      for x in 0..<shape.x {
        let dx = origin.x + spacing * Float(x) - axis.x
        let r = (dx * dx + dy * dy).squareRoot()
        let (i, j, w) = PolarSurface.position(x: dx, y: dy)
        let angle = (w < 0.5 ? i : j) * shape.z
        let column = (y * shape.x + x) * shape.z
        for z in 0..<shape.z where values[column + z] != 0 {
          switch roles[Int(values[column + z])] {
          case .organ: organs.values[angle + z] = max(organs.values[angle + z], r)
          case .wall: wall.values[angle + z] = max(wall.values[angle + z], r)
          default: break
          }
        }
      }
    }
    let slices = (0..<depth).map { AnatomicalMap.reflect($0 - before, shape.z) }
    func spread(_ surface: PolarSurface) -> PolarSurface {
      let near = surface.dilated(angles: 1, slices: 0)
      var result = PolarSurface(depth: depth)
      result.update { _, i, z in near.values[i * shape.z + slices[z]] }
      return result
    }
    var need = BodyEnvelope.Need(organs: spread(organs), wall: spread(wall), skin: nil)
    if hasEnvelope {
      var skin = PolarSurface(depth: depth)
      let cast = self.cast(from: axis)
      skin.update { _, i, z in cast.values[i * shape.z + slices[z]] }
      need.skin = skin
    }
    return need
  }

  /// Distance from the axis to where the body first ends, by angle and slice, mm.
  private func cast(from axis: SIMD2<Float>) -> PolarSurface {
    var surface = PolarSurface(depth: shape.z)
    let step: Float = 1
    for i in 0..<PolarSurface.angles {
      let angle = PolarSurface.angle(i)
      let (c, s) = (Float(cosine(angle)), Float(sine(angle)))
      for z in 0..<shape.z {
        var last: Float = 0
        var r: Float = 0
        // An arm beside the trunk lies beyond a gap; a gap of less than 8 mm is a fold.
        while r - last < 8 || last == 0 {
          let x = Int(((axis.x + r * c - origin.x) / spacing).rounded())
          let y = Int(((axis.y + r * s - origin.y) / spacing).rounded())
          guard x >= 0, y >= 0, x < shape.x, y < shape.y else { break }
          if values[(y * shape.x + x) * shape.z + z] != 0 { last = r + step / 2 }
          r += step
        }
        surface.values[i * shape.z + z] = last
      }
    }
    return surface
  }

  /// Makes the body of a canvas end exactly where the map's own body does.
  ///
  /// What lies outside the trunk's outline but in the body (an arm) becomes muscle under fat.
  ///
  /// - Parameter labelled: the slices of the canvas on which the map shows the body.
  func trim(_ canvas: inout Canvas, offset: SIMD3<Int>, slices labelled: Range<Int>) {
    let fat = canvas.value("subcutaneous_fat")
    let muscle = canvas.value("muscle")
    let (nx, ny, nz) = (shape.x, shape.y, shape.z)
    let depth = canvas.shape.z
    let slices = (0..<depth).map { AnatomicalMap.reflect($0 - offset.z, nz) }
    let reach = max(1, Int((9 / spacing).rounded()))
    canvas.forEachColumn(x: 0..<canvas.shape.x, y: 0..<canvas.shape.y, z: 0..<depth) {
      x, y, column in
      let (cx, cy) = (x - offset.x, y - offset.y)
      guard cx >= 0, cy >= 0, cx < nx, cy < ny else {
        for z in labelled { column[z] = 0 }
        return
      }
      func isBody(_ x: Int, _ y: Int, _ z: Int) -> Bool {
        x >= 0 && y >= 0 && x < nx && y < ny && values[(y * nx + x) * nz + z] != 0
      }
      for z in labelled {
        let k = slices[z]
        if !isBody(cx, cy, k) {
          column[z] = 0
        } else if column[z] == 0 {
          let isDeep =
            isBody(cx - reach, cy, k) && isBody(cx + reach, cy, k) && isBody(cx, cy - reach, k)
            && isBody(cx, cy + reach, k)
          column[z] = isDeep ? muscle : fat
        }
      }
    }
  }

  /// The highest voxel (mm) of organs below the diaphragm in every column of a canvas; -infinity where none is.
  func topsBelowDiaphragm(shape canvas: SIMD3<Int>, offset: SIMD3<Int>) -> [Float] {
    let isOne = table(\.isBelowDiaphragm)
    var tops = [Float](repeating: -.infinity, count: canvas.x * canvas.y)
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let column = (y * shape.x + x) * shape.z
        for z in stride(from: shape.z - 1, through: 0, by: -1) where isOne[Int(values[column + z])]
        {
          tops[(y + offset.y) * canvas.x + x + offset.x] = origin.z + spacing * Float(z)
          break
        }
      }
    }
    return tops
  }

  /// The lowest voxel (mm) of the lungs in every column of a canvas; -infinity where none is, or
  /// where the volume begins inside them.
  func bottoms(shape canvas: SIMD3<Int>, offset: SIMD3<Int>) -> [Float] {
    let isLung = table { $0.family == "lungs" }
    var bottoms = [Float](repeating: -.infinity, count: canvas.x * canvas.y)
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let column = (y * shape.x + x) * shape.z
        guard let z = (0..<shape.z).first(where: { isLung[Int(values[column + $0])] }),
          z > firstLabelled
        else {
          continue
        }
        bottoms[(y + offset.y) * canvas.x + x + offset.x] = origin.z + spacing * Float(z)
      }
    }
    return bottoms
  }
}
