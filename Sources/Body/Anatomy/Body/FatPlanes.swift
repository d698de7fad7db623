import Support

/// Sheets of fat between the bellies of muscles.
///
/// The neck is a bundle of some twenty muscles on either side, each in a sheath with fat around it. Bellies
/// are the Voronoi cells of seeds on a jittered grid, long along z as the muscles are; their boundaries
/// become fat. Which muscle is which is not kept.
struct FatPlanes {
  /// Distance between seeds across and along the body, mm.
  let cell: SIMD3<Float>
  /// Thickness of the sheets, mm.
  let thickness: Float
  private let origin: SIMD3<Float>
  private let count: SIMD3<Int>
  /// Places of the seeds in units of cells from `origin`, z fastest.
  private let seeds: [SIMD3<Float>]

  /// Draws bellies for a canvas.
  init(_ canvas: Canvas, stream: RandomStream) {
    var stream = stream
    let across = Float(stream.uniform(18...40))
    cell = [across, across, Float(stream.uniform(60...140))]
    thickness = Float(stream.logUniform(0.5...3))
    // A cell more on every side: the nearest seeds of a place may lie in the next one.
    origin = canvas.origin - cell
    let extent = SIMD3<Float>(canvas.shape) * canvas.spacing / cell
    count = SIMD3(Int(extent.x) + 4, Int(extent.y) + 4, Int(extent.z) + 4)
    var seeds: [SIMD3<Float>] = []
    seeds.reserveCapacity(count.x * count.y * count.z)
    for x in 0..<count.x {
      for y in 0..<count.y {
        for z in 0..<count.z {
          let jitter = SIMD3(stream.uniform(), stream.uniform(), stream.uniform())
          seeds.append(SIMD3<Float>(SIMD3(x, y, z)) + SIMD3<Float>(jitter))
        }
      }
    }
    self.seeds = seeds
  }

  /// Turns muscle into fat where two bellies meet.
  func paint(into canvas: inout Canvas) {
    let muscle = canvas.value("muscle")
    let fat = canvas.value("intermuscular_fat")
    let (start, spacing) = (canvas.origin, canvas.spacing)
    let depth = canvas.shape.z
    canvas.forEachColumn(x: 0..<canvas.shape.x, y: 0..<canvas.shape.y, z: 0..<depth) {
      x, y, column in
      for z in 0..<depth where column[z] == muscle {
        let place = start + spacing * SIMD3<Float>(SIMD3(x, y, z))
        if isBetween((place - origin) / cell) { column[z] = fat }
      }
    }
  }

  /// Whether a place, in units of cells, is nearer than half a sheet to where two cells meet.
  func isBetween(_ place: SIMD3<Float>) -> Bool {
    let middle = SIMD3<Int>(place.rounded(.down))
    var (first, second) = (Float.infinity, Float.infinity)
    var nearest: (SIMD3<Float>, SIMD3<Float>) = (.zero, .zero)
    for x in max(0, middle.x - 1)...min(count.x - 1, middle.x + 1) {
      for y in max(0, middle.y - 1)...min(count.y - 1, middle.y + 1) {
        for z in max(0, middle.z - 1)...min(count.z - 1, middle.z + 1) {
          let seed = seeds[(x * count.y + y) * count.z + z]
          let distance = ((seed - place) * (seed - place)).sum()
          if distance < first {
            (second, first) = (first, distance)
            nearest = (seed, nearest.0)
          } else if distance < second {
            second = distance
            nearest.1 = seed
          }
        }
      }
    }
    let apart = ((nearest.0 - nearest.1) * (nearest.0 - nearest.1)).sum().squareRoot()
    return (second - first) / (2 * apart) * cell.x < thickness / 2
  }
}
