internal import Kernels
import Support

/// The Fourier transform of 16 lines at a time that the kernels have, `F(k) = sum_j f(j) exp(-2 pi i j k / n)`.
///
/// Its result lies in the kernels' own order; `place` says where. Data are `[n][2][16]`: real parts of 16 lines, then
/// their imaginary parts.
struct TransformLine: Sendable {
  /// Length, a power of two of at least 4.
  let n: Int
  /// Where frequency k = 0..<n ends up.
  let place: [Int]
  private let twiddle: [Float]

  init(_ n: Int) {
    precondition(n >= 4 && n & (n - 1) == 0, "the length is a power of two of at least 4")
    self.n = n
    twiddle = (0..<n).flatMap { j -> [Float] in
      let angle = 2 * Double.pi * Double(j) / Double(n)
      return [Float(cosine(angle)), Float(sine(angle))]
    }
    // A shifted impulse has the spectrum exp(-2 pi i k / n): its phase gives the place of every k.
    var work = [Float](repeating: 0, count: n * 32)
    work[32] = 1
    Self.kernels.transform(Int32(n), twiddle, &work)
    var place = [Int](repeating: 0, count: n)
    for at in 0..<n {
      let phase = arctangent(y: Double(-work[at * 32 + 16]), x: Double(work[at * 32]))
      let k = Int((phase * Double(n) / (2 * .pi)).rounded())
      place[(k % n + n) % n] = at
    }
    self.place = place
  }

  private static var kernels: mct_table {
    guard let table = mct_kernels() else {
      preconditionFailure("MASKCT_SIMD names no instruction set that this CPU can run")
    }
    return table.pointee
  }

  /// Transforms 16 lines in place.
  func transform(_ work: UnsafeMutableBufferPointer<Float>) {
    precondition(work.count >= 32 * n, "a line has 16 lanes of n complex numbers")
    Self.kernels.transform(Int32(n), twiddle, work.baseAddress!)
  }

  /// Transforms 16 lines in place.
  func transform(_ work: inout [Float]) { work.withUnsafeMutableBufferPointer { transform($0) } }
}
