internal import Acquisition
internal import Kernels
internal import Support

/// The ramp filter along p, windowed by a reconstruction kernel, for rows in the lanes.
///
/// The band-limited ramp is taken in space, `h(0) = 1 / 4 d`, `h(k odd) = -1 / (pi² k² d)`, `h(k even) = 0`
/// (Kak and Slaney, *Principles of computerized tomographic imaging*, eq. 3.61, times the sampling step
/// d), so that its spectrum has the right value at frequency 0 and water the right HU. The spectrum is
/// multiplied with the window and divided by two transfer functions, so that images have the window's: by
/// `sinc²(f d)`, that of the linear interpolation which back-projection applies, and by that of
/// rebinning (`Rebinning.correctedTransfer`).
struct RampFilter: Sendable {
  /// Length of the transform, a power of two of at least twice the samples.
  let length: Int
  let twiddle: [Float]
  let spectrum: [Float]

  /// - Parameter rebinning: the transfer of what was done before, at a frequency in lp/mm.
  init(
    samples: Int, step: Double, kernel: ReconstructionKernel, rebinning: (Double) -> Double
  ) {
    var n = 4
    while n < 2 * samples { n *= 2 }
    length = n
    twiddle = (0..<n).flatMap { j -> [Float] in
      let angle = 2 * Double.pi * Double(j) / Double(n)
      return [Float(cosine(angle)), Float(sine(angle))]
    }
    // Lane 0: the ramp. Lane 1: a shifted impulse, whose spectrum exp(-2 pi i k / n) tells which
    // frequency k ended up at which place of the transform's bit-reversed order.
    var work = [Float](repeating: 0, count: n * 32)
    for k in 0..<n {
      let distance = Double(min(k, n - k))
      if k == 0 {
        work[0] = Float(1 / (4 * step))
      } else if Int(distance) % 2 == 1 {
        work[k * 32] = Float(-1 / (Double.pi * Double.pi * distance * distance * step))
      }
    }
    work[1 * 32 + 1] = 1
    kernels.transform(Int32(n), twiddle, &work)
    var spectrum = [Float](repeating: 0, count: n)
    for place in 0..<n {
      let ramp = Double(work[place * 32])
      let phase = arctangent(y: Double(-work[place * 32 + 17]), x: Double(work[place * 32 + 1]))
      let frequency = abs(phase) / (2 * .pi * step)  // lp/mm
      let x = .pi * frequency * step
      let sinc = x < 1e-6 ? 1 : sine(x) / x
      // Division by the n of the inverse transform comes along.
      let transfer = sinc * sinc * rebinning(frequency)
      spectrum[place] = Float(ramp * kernel.window(frequency) / transfer / Double(n))
    }
    self.spectrum = spectrum
  }

  /// Filters groups of 16 rows in place; every pointer is one group, `[samples][stride]`.
  func apply(
    groups: [UnsafeMutablePointer<Float>], samples: Int, stride: Int, workers: Workers
  ) {
    nonisolated(unsafe) let groups = groups
    workers.forEachRange((groups.count + 1) / 2, chunk: 4) { pairs in
      withUnsafeTemporaryAllocation(byteCount: length * 128, alignment: 64) { work in
        let work = work.bindMemory(to: Float.self).baseAddress!
        for pair in pairs {
          let second = 2 * pair + 1 < groups.count ? groups[2 * pair + 1] : nil
          kernels.filter(
            Int32(length), twiddle, spectrum, Int32(samples), stride, groups[2 * pair], second,
            work)
        }
      }
    }
  }
}
