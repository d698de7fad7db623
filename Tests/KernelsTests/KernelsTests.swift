import Kernels
import Support
import Testing

/// Every instruction set against the portable one, on sizes that fill no vector.
@Suite struct KernelsTests {
  static var tables: [UnsafePointer<mct_table>] { (0..<8).compactMap { mct_kernels_at($0) } }

  @Test func thereIsAPortableTable() {
    #expect(String(cString: Self.tables[0].pointee.name) == "portable")
  }

  /// The transform of an impulse is 1 everywhere; filtering with a flat spectrum gives the input back.
  @Test(arguments: [4, 8, 64, 512, 2048]) func filterWithoutEffectIsTheIdentity(n: Int) {
    var random = RandomStream(seed: 3)
    let samples = n / 2 - 1
    let input = (0..<samples * 16).map { _ in Float(random.uniform()) }
    let twiddle = (0..<n).flatMap { j in
      let angle = 2 * Double.pi * Double(j) / Double(n)
      return [Float(cosine(angle)), Float(sine(angle))]
    }
    let spectrum = [Float](repeating: 1 / Float(n), count: n)
    for table in Self.tables {
      var (a, b) = (input, input.map { 1 - $0 })
      var work = [Float](repeating: 0, count: n * 32)
      table.pointee.filter(
        Int32(n), twiddle, spectrum, Int32(samples), 16, &a, &b, &work)
      // Rounding of log2(n) butterflies each way.
      for i in a.indices {
        #expect(abs(a[i] - input[i]) < 2e-6 && abs(b[i] - (1 - input[i])) < 2e-6)
      }
    }
  }

  /// A filter with a real, even kernel is its own adjoint: `<F a, b> = <a, F b>`, for random vectors and an even
  /// spectrum, here that of a filter applied twice to an impulse.
  @Test(arguments: [16, 256]) func filterIsItsOwnAdjoint(n: Int) {
    var random = RandomStream(seed: 12)
    let samples = n / 2
    let twiddle = (0..<n).flatMap { j in
      let angle = 2 * Double.pi * Double(j) / Double(n)
      return [Float(cosine(angle)), Float(sine(angle))]
    }
    // The transform of an even function is real, and in the order that the filter wants.
    var even = [Float](repeating: 0, count: n * 32)
    for k in 0..<n { even[k * 32] = 1 / Float(1 + min(k, n - k)) }
    Self.tables[0].pointee.transform(Int32(n), twiddle, &even)
    let spectrum = (0..<n).map { even[$0 * 32] / Float(n) }
    let vectors = (0..<2).map { _ in
      (0..<samples * 16).map { _ in Float(random.uniform(-1...1)) }
    }
    for table in Self.tables {
      var filtered = vectors
      var work = [Float](repeating: 0, count: n * 32)
      for index in 0..<2 {
        table.pointee.filter(
          Int32(n), twiddle, spectrum, Int32(samples), 16, &filtered[index], nil, &work)
      }
      func product(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      let (left, right) = (product(filtered[0], vectors[1]), product(vectors[0], filtered[1]))
      let norm = (product(filtered[0], filtered[0]) * product(vectors[1], vectors[1])).squareRoot()
      #expect(abs(left - right) < 1e-6 * norm, "\(left) and \(right)")
    }
  }

  /// Tables are found by name, and an unknown name finds none.
  @Test func tablesAreFoundByName() {
    for table in Self.tables { #expect(mct_kernels_named(table.pointee.name) == table) }
    #expect(mct_kernels_named("avx1024") == nil)
  }

  /// Noise is made of the same random numbers on every instruction set; rounding of exp and log may
  /// tip a photon now and then.
  @Test func noiseAgrees() {
    var random = RandomStream(seed: 4)
    let (channels, rows, stride) = (37, 27, 32)
    let lines = (0..<channels * stride).map { _ in Float(random.uniform(0...13)) }
    let incident = [Float](repeating: 2e5, count: channels)
    let results = Self.tables.map { table in
      incident.withUnsafeBufferPointer { incident in
        var noise = mct_noise(incident: incident.baseAddress, electronic: 5, key: (1, 2))
        var lines = lines
        table.pointee.noise(&noise, 12345, Int32(channels), Int32(rows), stride, &lines)
        return lines
      }
    }
    for result in results {
      let different = zip(result, results[0]).filter { abs($0 - $1) > 1e-4 * max(1, abs($1)) }
      #expect(different.count < 12, "\(different.prefix(3)) of \(result.count)")
    }
  }

  /// A parallel view of rows that are all the same function of view and channel: cubic interpolation is
  /// exact for polynomials up to degree three in each.
  @Test func rebinningIsExactForCubics() {
    let (rows, stride) = (21, 32)
    func f(_ view: Double, _ channel: Double) -> Double {
      0.3 + 0.1 * view - 0.02 * channel + 0.004 * view * view * view + 0.001 * channel * channel
    }
    let fan = (0..<6).map { view in
      (0..<9).flatMap { channel in
        [Float](repeating: Float(f(Double(view), Double(channel))), count: stride)
      }
    }
    func lagrange(_ t: Double) -> (Float, Float, Float, Float) {
      let (a, b, c) = (t - 1, t - 2, t - 3)
      return (
        Float(-a * b * c / 6), Float(t * b * c / 2), Float(-t * a * c / 2), Float(t * a * b / 6)
      )
    }
    let table = [
      mct_rebin(view: 1, channel: 3, view_weight: lagrange(1.4), channel_weight: lagrange(1.7))
    ]
    for kernels in Self.tables {
      for taps in [[Float(1)], [0.25, 0.5, 0.25]] {
        var out = [Float](repeating: 0, count: stride)
        let factor = [Float](repeating: 2, count: stride)
        withPointers(fan) { pointers in
          kernels.pointee.rebin(
            table, 1, Int32(rows), stride, pointers, factor, taps, Int32(taps.count), &out)
        }
        for row in 0..<rows { #expect(abs(Double(out[row]) - 2 * f(2.4, 4.7)) < 1e-5) }
      }
    }
  }

  private func withPointers(
    _ arrays: [[Float]], _ body: (UnsafePointer<UnsafePointer<Float>?>) -> Void
  ) {
    let copies = arrays.map { array in
      let copy = UnsafeMutablePointer<Float>.allocate(capacity: array.count)
      copy.initialize(from: array, count: array.count)
      return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    body(copies.map { UnsafePointer($0) as UnsafePointer<Float>? })
  }
}
