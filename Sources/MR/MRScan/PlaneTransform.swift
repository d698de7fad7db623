import Support

/// Complex numbers of a plane, real and imaginary parts apart.
struct ComplexPlane: Sendable {
  var real: [Float]
  var imaginary: [Float]

  init(count: Int) {
    real = [Float](repeating: 0, count: count)
    imaginary = real
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
      // Along x, 16 rows at a time; lines are [kx][y] afterwards.
      for row in stride(from: 0, to: h, by: 16) {
        let lanes = min(16, h - row)
        work.update(repeating: 0)
        for lane in 0..<lanes {
          let from = (row + lane) * w
          for i in 0..<w { work[i * 32 + lane] = image[from + i] }
        }
        x.transform(work)
        for index in 0..<kx {
          let from = x.place[(index - shape.halfX + x.n) % x.n] * 32
          for lane in 0..<lanes {
            real[index * h + row + lane] = work[from + lane]
            imaginary[index * h + row + lane] = work[from + 16 + lane]
          }
        }
      }
    }
    k.real.withUnsafeMutableBufferPointer { outReal in
      k.imaginary.withUnsafeMutableBufferPointer { outImaginary in
        for column in stride(from: 0, to: kx, by: 16) {
          let lanes = min(16, kx - column)
          work.update(repeating: 0)
          for lane in 0..<lanes {
            let from = (column + lane) * h
            for j in 0..<h {
              work[j * 32 + lane] = real[from + j]
              work[j * 32 + 16 + lane] = imaginary[from + j]
            }
          }
          y.transform(work)
          for index in 0..<ky {
            let from = y.place[(index - shape.halfY + y.n) % y.n] * 32
            for lane in 0..<lanes {
              outReal[index * kx + column + lane] = work[from + lane]
              outImaginary[index * kx + column + lane] = work[from + 16 + lane]
            }
          }
        }
      }
    }
  }

  /// The image of a k-space that is zero outside of its middle: the sum over k, divided by `nx ny`.
  func inverse(_ k: ComplexPlane, into image: inout ComplexPlane) {
    let (w, h, kx, ky) = (shape.width, shape.height, 2 * shape.halfX, 2 * shape.halfY)
    precondition(image.real.count == w * h && k.real.count == kx * ky)
    let scale = 1 / Float(x.n * y.n)
    // A transform with real and imaginary parts exchanged, before and after, is the inverse.
    k.real.withUnsafeBufferPointer { inReal in
      k.imaginary.withUnsafeBufferPointer { inImaginary in
        for column in stride(from: 0, to: kx, by: 16) {
          let lanes = min(16, kx - column)
          work.update(repeating: 0)
          for index in 0..<ky {
            let j = (index - shape.halfY + y.n) % y.n
            for lane in 0..<lanes {
              work[j * 32 + lane] = inImaginary[index * kx + column + lane]
              work[j * 32 + 16 + lane] = inReal[index * kx + column + lane]
            }
          }
          y.transform(work)
          for j in 0..<h {
            let from = y.place[j] * 32
            for lane in 0..<lanes {
              imaginary[j * kx + column + lane] = work[from + lane]
              real[j * kx + column + lane] = work[from + 16 + lane]
            }
          }
        }
      }
    }
    image.real.withUnsafeMutableBufferPointer { outReal in
      image.imaginary.withUnsafeMutableBufferPointer { outImaginary in
        for row in stride(from: 0, to: h, by: 16) {
          let lanes = min(16, h - row)
          work.update(repeating: 0)
          for lane in 0..<lanes {
            let from = (row + lane) * kx
            for index in 0..<kx {
              let i = (index - shape.halfX + x.n) % x.n
              work[i * 32 + lane] = imaginary[from + index]
              work[i * 32 + 16 + lane] = real[from + index]
            }
          }
          x.transform(work)
          for i in 0..<w {
            let from = x.place[i] * 32
            for lane in 0..<lanes {
              outImaginary[(row + lane) * w + i] = work[from + lane] * scale
              outReal[(row + lane) * w + i] = work[from + 16 + lane] * scale
            }
          }
        }
      }
    }
  }
}
