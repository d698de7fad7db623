import Support

/// Complex numbers of a plane, real and imaginary parts apart.
struct ComplexPlane: Sendable {
  var real: [Float]
  var imaginary: [Float]

  init(count: Int) {
    real = [Float](repeating: 0, count: count)
    imaginary = real
  }

  /// Where both parts lie.
  typealias Parts = (
    real: UnsafeMutableBufferPointer<Float>, imaginary: UnsafeMutableBufferPointer<Float>
  )

  /// Calls `body` with both parts.
  mutating func withUnsafeParts(_ body: (Parts) -> Void) {
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in body((real, imaginary)) }
    }
  }
}

/// The transform of planes from the image to the middle of k-space and back.
///
/// `F(k) = sum_x f(x) exp(-2 pi i k x / n)`. The image lies in a periodic plane whose sides are powers of two; both
/// directions do only the lines that are not zero. Images are `[y][x]`; k-space is `[ky][kx]`, each from `-half` to
/// `half - 1`. Has scratch of its own: one per thread.
final class PlaneTransform {
  /// Shape of an image, of the periodic plane around it, and of the part of k-space that counts.
  struct Shape: Equatable, Sendable {
    /// Pixels of the image.
    var width: Int
    var height: Int
    /// Lengths of the transforms, powers of two of at least 4.
    var nx: Int
    var ny: Int
    /// Half the samples along x and y.
    var halfX: Int
    var halfY: Int

    /// Samples of k-space.
    var samples: Int { 4 * halfX * halfY }
    /// Pixels of the image.
    var pixels: Int { width * height }
  }

  let shape: Shape
  private let x: TransformLine
  private let y: TransformLine
  private let work: UnsafeMutableBufferPointer<Float>
  private let real: UnsafeMutableBufferPointer<Float>
  private let imaginary: UnsafeMutableBufferPointer<Float>

  init(_ shape: Shape, x: TransformLine, y: TransformLine) {
    precondition(
      shape.width <= shape.nx && shape.height <= shape.ny && 2 * shape.halfX <= shape.nx
        && 2 * shape.halfY <= shape.ny && shape.halfX > 0 && shape.halfY > 0
        && x.n == shape.nx && y.n == shape.ny,
      "the image and the samples of k-space fit into the plane")
    self.shape = shape
    self.x = x
    self.y = y
    work = .allocate(capacity: 32 * max(shape.nx, shape.ny))
    real = .allocate(capacity: 2 * shape.halfX * shape.height)
    imaginary = .allocate(capacity: 2 * shape.halfX * shape.height)
    for buffer in [work, real, imaginary] { buffer.initialize(repeating: 0) }
  }

  deinit {
    for buffer in [work, real, imaginary] { buffer.deallocate() }
  }

  /// The middle of the k-space of a real image.
  func forward(_ image: [Float], into k: inout ComplexPlane) {
    let (w, h, kx, ky) = (shape.width, shape.height, 2 * shape.halfX, 2 * shape.halfY)
    precondition(image.count == w * h && k.real.count == kx * ky)
    image.withUnsafeBufferPointer { image in
      pass(
        x, h, from: (image, nil), Lines(apart: w, step: 1, count: w),
        to: (real, imaginary), Lines(apart: 1, step: h, count: kx, first: -shape.halfX))
    }
    k.withUnsafeParts { k in
      pass(
        y, kx, from: (.init(real), .init(imaginary)), Lines(apart: h, step: 1, count: h),
        to: k, Lines(apart: 1, step: kx, count: ky, first: -shape.halfY))
    }
  }

  /// The image of a k-space that is zero outside of its middle: the sum over k, divided by `nx ny`.
  func inverse(_ k: ComplexPlane, into image: inout ComplexPlane) {
    let (w, h, kx, ky) = (shape.width, shape.height, 2 * shape.halfX, 2 * shape.halfY)
    precondition(image.real.count == w * h && k.real.count == kx * ky)
    // A transform with real and imaginary parts exchanged, before and after, is the inverse.
    k.real.withUnsafeBufferPointer { kReal in
      k.imaginary.withUnsafeBufferPointer { kImaginary in
        pass(
          y, kx, from: (kImaginary, kReal),
          Lines(apart: 1, step: kx, count: ky, first: -shape.halfY),
          to: (imaginary, real), Lines(apart: 1, step: kx, count: h))
      }
    }
    image.withUnsafeParts { image in
      pass(
        x, h, from: (.init(imaginary), .init(real)),
        Lines(apart: kx, step: 1, count: kx, first: -shape.halfX),
        to: (image.imaginary, image.real), Lines(apart: w, step: 1, count: w),
        scale: 1 / Float(x.n * y.n))
    }
  }

  /// Lines in a plane: element `i` of line `l` lies at `l * apart + i * step` and has index `first + i` in its period.
  private struct Lines {
    let apart: Int
    let step: Int
    let count: Int
    var first = 0

    /// The index of element `i` in a period of `n`.
    func index(_ i: Int, of n: Int) -> Int { (first + i + n) % n }
  }

  /// Transforms lines, as many at a time as `TransformLine` does at once; elements that are not given are zero.
  private func pass(
    _ line: TransformLine, _ lines: Int,
    from source: (real: UnsafeBufferPointer<Float>, imaginary: UnsafeBufferPointer<Float>?),
    _ given: Lines, to target: ComplexPlane.Parts, _ wanted: Lines, scale: Float = 1
  ) {
    for start in stride(from: 0, to: lines, by: 16) {
      let lanes = min(16, lines - start)
      work.update(repeating: 0)
      for i in 0..<given.count {
        let to = given.index(i, of: line.n) * 32
        var from = start * given.apart + i * given.step
        for lane in 0..<lanes {
          work[to + lane] = source.real[from]
          if let imaginary = source.imaginary { work[to + 16 + lane] = imaginary[from] }
          from += given.apart
        }
      }
      line.transform(work)
      for i in 0..<wanted.count {
        let from = line.place[wanted.index(i, of: line.n)] * 32
        var to = start * wanted.apart + i * wanted.step
        for lane in 0..<lanes {
          target.real[to] = work[from + lane] * scale
          target.imaginary[to] = work[from + 16 + lane] * scale
          to += wanted.apart
        }
      }
    }
  }
}
