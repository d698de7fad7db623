internal import Support

/// Discrete Fourier transforms of small arrays, radix 2.
enum FourierTransform {
  /// The transform `X_k = sum_j x_j exp(-2 pi i j k / n)` in place; n is a power of two.
  static func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
    let n = real.count
    precondition(n > 0 && n & (n - 1) == 0, "the length is a power of two")
    var j = 0
    for i in 1..<max(n, 1) {
      var bit = n >> 1
      while j & bit != 0 {
        j ^= bit
        bit >>= 1
      }
      j |= bit
      if i < j {
        real.swapAt(i, j)
        imaginary.swapAt(i, j)
      }
    }
    var length = 2
    while length <= n {
      let half = length / 2
      for k in 0..<half {
        let angle = -2 * Double.pi * Double(k) / Double(length)
        let (c, s) = (cosine(angle), sine(angle))
        for i in stride(from: k, to: n, by: length) {
          let (re, im) = (
            real[i + half] * c - imaginary[i + half] * s,
            real[i + half] * s + imaginary[i + half] * c
          )
          (real[i + half], imaginary[i + half]) = (real[i] - re, imaginary[i] - im)
          (real[i], imaginary[i]) = (real[i] + re, imaginary[i] + im)
        }
      }
      length *= 2
    }
  }

  /// The squared modulus of the two-dimensional transform of `n` x `n` values, `[v][u]`.
  static func power(of values: [Double], size n: Int) -> [Double] {
    var (real, imaginary) = (values, [Double](repeating: 0, count: n * n))
    for axis in 0..<2 {
      for line in 0..<n {
        let places = (0..<n).map { axis == 0 ? line * n + $0 : $0 * n + line }
        var (re, im) = (places.map { real[$0] }, places.map { imaginary[$0] })
        transform(&re, &im)
        for (index, place) in places.enumerated() {
          (real[place], imaginary[place]) = (re[index], im[index])
        }
      }
    }
    return zip(real, imaginary).map { $0 * $0 + $1 * $1 }
  }
}
