import Support
import Volumes

/// How far the static field departs from its mean, from the susceptibility of the body.
///
/// A small sphere of the field's Fourier series, `dB / B0 = (1/3 - kz² / k²) chi(k)`, the field along z (Salomir et al.,
/// Concepts Magn Reson 19B:26, 2003), on a coarse grid that goes on as in a mirror; then the shim: the plane through
/// the body that fits best is taken out.
struct StaticField: Sendable {
  /// ppm on the coarse grid.
  let map: Volume<Float>
  /// The box of the body, in continuous voxels of its own grid: middle and half its size.
  let center: SIMD3<Double>
  let half: SIMD3<Double>
  /// Voxels of the body's grid in one coarse voxel, along each axis.
  let step: SIMD3<Int>

  /// - Parameters:
  ///   - susceptibility: ppm.
  ///   - spacing: of the coarse grid, about, mm.
  init(susceptibility: Volume<Float>, spacing: Double = 5, workers: Workers) {
    let grid = susceptibility.grid
    var step = SIMD3<Int>()
    var shape = SIMD3<Int>()
    for axis in 0..<3 {
      step[axis] = max(1, Int((spacing / grid.spacing[axis]).rounded()))
      shape[axis] = (grid.shape[axis] + step[axis] - 1) / step[axis]
    }
    self.step = step
    let coarse = Grid(
      shape: shape,
      affine: grid.affine.scaled(by: SIMD3<Double>(step)).translated(
        to: grid.affine.apply((SIMD3<Double>(step) - 1) * 0.5)))
    var chi = Self.averaged(susceptibility, step: step, onto: coarse, workers: workers)
    let body = chi.values.map { $0 < -6 ? Float(1) : 0 }
    (center, half) = Self.box(body, coarse, step)
    Self.convolve(&chi, workers: workers)
    Self.shim(&chi, body)
    map = chi
  }

  private static func box(_ body: [Float], _ grid: Grid, _ step: SIMD3<Int>) -> (
    SIMD3<Double>, SIMD3<Double>
  ) {
    var (low, high) = (grid.shape, SIMD3<Int>(repeating: -1))
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z where body[grid.offset(x, y, z)] > 0 {
          low = pointwiseMin(low, [x, y, z])
          high = pointwiseMax(high, [x, y, z])
        }
      }
    }
    // Without a body, the whole grid.
    if high.x < 0 { (low, high) = (SIMD3(), grid.shape &- 1) }
    let (first, last) = (SIMD3<Double>(low &* step), SIMD3<Double>((high &+ 1) &* step))
    return ((first + last) * 0.5 - 0.5, pointwiseMax((last - first) * 0.5, [1, 1, 1]))
  }

  private static func averaged(
    _ volume: Volume<Float>, step: SIMD3<Int>, onto grid: Grid, workers: Workers
  ) -> Volume<Float> {
    var result = Volume<Float>(grid: grid, repeating: 0)
    let shape = volume.grid.shape
    result.values.withUnsafeMutableBufferPointer { out in
      nonisolated(unsafe) let out = out
      volume.values.withUnsafeBufferPointer { values in
        nonisolated(unsafe) let values = values
        workers.forEachRange(grid.shape.y, chunk: 4) { rows in
          for y in rows {
            for x in 0..<grid.shape.x {
              let column = (y * grid.shape.x + x) * grid.shape.z
              let ys = y * step.y..<min(shape.y, (y + 1) * step.y)
              let xs = x * step.x..<min(shape.x, (x + 1) * step.x)
              for yy in ys {
                for xx in xs {
                  let from = (yy * shape.x + xx) * shape.z
                  for z in 0..<shape.z { out[column + z / step.z] += values[from + z] }
                }
              }
              for z in 0..<grid.shape.z {
                let depth = min(shape.z, (z + 1) * step.z) - z * step.z
                out[column + z] /= Float(depth * ys.count * xs.count)
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Applies the kernel in k-space; beyond its ends the body goes on as in a mirror along z, and as air in the plane.
  private static func convolve(_ chi: inout Volume<Float>, workers: Workers) {
    let shape = chi.grid.shape
    let spacing = chi.grid.spacing
    func length(_ count: Int) -> Int {
      var n = 8
      while n < count { n *= 2 }
      return n
    }
    // Air around in the plane, so that the periods of the transform stay apart.
    let n = SIMD3(length(shape.x * 5 / 4), length(shape.y * 5 / 4), length(2 * shape.z))
    var cube = ComplexCube(shape: n)
    let air: Float = 0.36
    for y in 0..<n.y {
      for x in 0..<n.x {
        for z in 0..<n.z {
          // Half the period is the body, and half of it its mirror image: no step where the period closes.
          let half = n.z / 2
          let folded = z < half ? z : n.z - 1 - z
          let inside = x < shape.x && y < shape.y
          cube.real[cube.offset(x, y, z)] =
            inside ? chi[x, y, min(shape.z - 1, folded * shape.z / half)] - air : 0
        }
      }
    }
    // The mirrored axis is stretched to a power of two.
    let dz = spacing.z * Double(shape.z) / Double(n.z / 2)
    cube.transform(workers: workers)
    for y in 0..<n.y {
      for x in 0..<n.x {
        for z in 0..<n.z {
          func frequency(_ i: Int, _ n: Int, _ step: Double) -> Double {
            Double(i <= n / 2 ? i : i - n) / (Double(n) * step)
          }
          let k = SIMD3(
            frequency(x, n.x, spacing.x), frequency(y, n.y, spacing.y), frequency(z, n.z, dz))
          let k2 = (k * k).sum()
          let factor = k2 > 0 ? Float(1.0 / 3 - k.z * k.z / k2) : 0
          let place = cube.place(x, y, z)
          cube.real[place] *= factor
          cube.imaginary[place] *= factor
        }
      }
    }
    cube.inverse(workers: workers)
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        for z in 0..<shape.z {
          let stretched = min(n.z / 2 - 1, (2 * z + 1) * (n.z / 2) / (2 * shape.z))
          chi[x, y, z] = cube.real[cube.offset(x, y, stretched)]
        }
      }
    }
  }

  /// Takes the linear field that fits best over the body out of it.
  private static func shim(_ field: inout Volume<Float>, _ body: [Float]) {
    let shape = field.grid.shape
    var normal = [[Double]](repeating: [Double](repeating: 0, count: 5), count: 4)
    func place(_ x: Int, _ y: Int, _ z: Int) -> [Double] {
      [
        1, 2 * Double(x) / Double(shape.x) - 1, 2 * Double(y) / Double(shape.y) - 1,
        2 * Double(z) / Double(shape.z) - 1,
      ]
    }
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        for z in 0..<shape.z where body[field.grid.offset(x, y, z)] > 0 {
          let p = place(x, y, z) + [Double(field[x, y, z])]
          for a in 0..<4 { for b in 0..<5 { normal[a][b] += p[a] * p[b] } }
        }
      }
    }
    for a in 0..<4 { normal[a][a] += 1e-6 }
    for a in 0..<4 {
      for b in a + 1..<4 {
        let factor = normal[b][a] / normal[a][a]
        for c in a..<5 { normal[b][c] -= factor * normal[a][c] }
      }
    }
    var fit = [Double](repeating: 0, count: 4)
    for a in (0..<4).reversed() {
      fit[a] =
        (normal[a][4] - (a + 1..<4).reduce(0) { $0 + normal[a][$1] * fit[$1] }) / normal[a][a]
    }
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        for z in 0..<shape.z {
          let p = place(x, y, z)
          field[x, y, z] -= Float((0..<4).reduce(0) { $0 + p[$1] * fit[$1] })
        }
      }
    }
  }

  /// The field at a voxel (continuous index) of the body's grid, ppm; trilinear.
  func at(_ x: Double, _ y: Double, _ z: Double) -> Float {
    let shape = map.grid.shape
    func place(_ value: Double, _ step: Int, _ count: Int) -> (Int, Int, Float) {
      let position = (value + 0.5) / Double(step) - 0.5
      let below = position.rounded(.down)
      return (
        min(count - 1, max(0, Int(below))), min(count - 1, max(0, Int(below) + 1)),
        Float(position - below)
      )
    }
    let (x0, x1, fx) = place(x, step.x, shape.x)
    let (y0, y1, fy) = place(y, step.y, shape.y)
    let (z0, z1, fz) = place(z, step.z, shape.z)
    func line(_ x: Int, _ y: Int) -> Float {
      let (a, b) = (map[x, y, z0], map[x, y, z1])
      return a + fz * (b - a)
    }
    let (a, b) = (line(x0, y0), line(x1, y0))
    let (c, d) = (line(x0, y1), line(x1, y1))
    let (low, high) = (a + fx * (b - a), c + fx * (d - c))
    return low + fy * (high - low)
  }
}

/// A small cube of complex numbers with its transform along all three axes.
private struct ComplexCube {
  let shape: SIMD3<Int>
  var real: [Float]
  var imaginary: [Float]
  private let lines: [TransformLine]

  init(shape: SIMD3<Int>) {
    self.shape = shape
    real = [Float](repeating: 0, count: shape.x * shape.y * shape.z)
    imaginary = real
    lines = (0..<3).map { TransformLine(shape[$0]) }
  }

  func offset(_ x: Int, _ y: Int, _ z: Int) -> Int { (y * shape.x + x) * shape.z + z }

  /// Where the transform leaves frequency (x, y, z).
  func place(_ x: Int, _ y: Int, _ z: Int) -> Int {
    offset(lines[0].place[x], lines[1].place[y], lines[2].place[z])
  }

  /// In place; frequencies end up at `place`.
  mutating func transform(workers: Workers) {
    for axis in 0..<3 { run(axis, workers, reorders: false) }
  }

  /// The inverse of what `transform` left, values in their order.
  mutating func inverse(workers: Workers) {
    swap(&real, &imaginary)
    for axis in 0..<3 { run(axis, workers, reorders: true) }
    swap(&real, &imaginary)
    let scale = 1 / Float(real.count)
    for i in real.indices { real[i] *= scale }
  }

  private mutating func run(_ axis: Int, _ workers: Workers, reorders: Bool) {
    let line = lines[axis]
    let n = shape[axis]
    let strides = [shape.z, shape.x * shape.z, 1]
    let others = (0..<3).filter { $0 != axis }
    let count = shape[others[0]] * shape[others[1]]
    let (inner, outer) = axis == 2 ? (others[0], others[1]) : (2, axis == 0 ? 1 : 0)
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in
        nonisolated(unsafe) let real = real
        nonisolated(unsafe) let imaginary = imaginary
        let shape = shape
        workers.forEachRange(count, chunk: 16) { range in
          var work = [Float](repeating: 0, count: 32 * n)
          let starts = range.map { index in
            index % shape[inner] * strides[inner] + index / shape[inner] * strides[outer]
          }
          for j in 0..<n {
            let from = reorders ? line.place[j] : j
            for (lane, start) in starts.enumerated() {
              work[j * 32 + lane] = real[start + from * strides[axis]]
              work[j * 32 + 16 + lane] = imaginary[start + from * strides[axis]]
            }
          }
          line.transform(&work)
          for j in 0..<n {
            let from = reorders ? line.place[j] : j
            for (lane, start) in starts.enumerated() {
              real[start + j * strides[axis]] = work[from * 32 + lane]
              imaginary[start + j * strides[axis]] = work[from * 32 + 16 + lane]
            }
          }
        }
      }
    }
  }
}
