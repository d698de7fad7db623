import Kernels
import Support
import Testing

/// Rays through convex solids, on every instruction set.
@Suite struct ConvexTests {
  /// Of every piece of a ray the first solid that holds it tells the value, whatever comes later: slabs at random
  /// places, held against all pieces between their ends. Eleven rays fill no vector; where a slab ends depends on the
  /// slope, and some are marked as out of reach of the last rays.
  @Test(arguments: [1, 5, 40]) func firstSolidCounts(count: Int) {
    var random = RandomStream(seed: UInt64(count))
    let slopes = (0..<16).map { Double(min($0, 10)) / 10 }
    var layers: [mct_layer] = []
    var planes: [mct_plane] = []
    for index in 0..<count {
      let low = random.uniform(0...80)
      // Everywhere inside the quadric, -1 < 0; -t < -low, and (1 + rise slope) t < low + length.
      layers.append(
        mct_layer(
          solid: mct_convex(
            a: (0, 0, 0), b: (0, 0), c: -1, first_plane: Int32(planes.count), plane_count: 2),
          value: random.uniform(-1...1), lowest: -1, highest: index % 3 == 0 ? 0.75 : 2))
      planes.append(mct_plane(rate: -1, rise: 0, room: -low))
      planes.append(
        mct_plane(rate: 1, rise: random.uniform(0...0.5), room: low + random.uniform(1...30)))
    }
    func end(_ index: Int, _ slope: Double) -> Double {
      let plane = planes[2 * index + 1]
      return plane.room / (plane.rate + plane.rise * slope)
    }
    for table in KernelsTests.tables {
      var work = [Double](repeating: .nan, count: 19 * count)
      var sums = [Double](repeating: .nan, count: 16)
      table.pointee.layers(layers, Int32(count), planes, slopes, 11, &work, &sums)
      for row in 0..<11 {
        // Slopes of 0.8 and more lie in the second vector: all of it is out of reach.
        let solids = layers.indices.filter { row < 8 || $0 % 3 > 0 }.map {
          (low: -planes[2 * $0].room, high: end($0, slopes[row]), value: layers[$0].value)
        }
        let ends = solids.flatMap { [$0.low, $0.high] }.sorted()
        let expected = zip(ends, ends.dropFirst()).reduce(0.0) { sum, piece in
          let middle = (piece.0 + piece.1) / 2
          let first = solids.first { $0.low < middle && middle < $0.high }
          return sum + (piece.1 - piece.0) * (first?.value ?? 0)
        }
        #expect(abs(sums[row] - expected) < 1e-9, "\(sums[row]) for \(expected)")
      }
    }
  }

  /// Solids with any coefficients, cones and planes among them, are met at the same places on every instruction set.
  @Test func placesAgree() {
    var random = RandomStream(seed: 2)
    func draw() -> Double { random.uniform(-1...1) }
    let slopes = (0..<16).map { Double($0 - 8) / 10 }
    var met = 0
    for index in 0..<200 {
      var solid = mct_convex(
        a: (draw() + 0.5, draw(), draw()), b: (draw(), draw()), c: draw(), first_plane: 0,
        plane_count: Int32(index % 3))
      let planes = [
        mct_plane(rate: 1, rise: draw(), room: 2 + draw()),
        mct_plane(rate: draw(), rise: 0, room: draw()),
      ]
      let results = KernelsTests.tables.map { table in
        var ends = [Double](repeating: .nan, count: 32)
        ends.withUnsafeMutableBufferPointer {
          table.pointee.intersect(
            &solid, planes, slopes, 13, $0.baseAddress!, $0.baseAddress! + 16)
        }
        return ends
      }
      for row in 0..<13 where results[0][row] < results[0][16 + row] {
        met += 1
        for result in results {
          for end in [row, 16 + row] {
            let (one, other) = (result[end], results[0][end])
            #expect(one == other || abs(one - other) < 1e-9 * max(1, abs(other)))
          }
        }
      }
    }
    #expect(met > 500, "only \(met) rays met a solid")
  }
}
