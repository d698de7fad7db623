#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

public import Support

/// The built-in "video": a moving dead-leaves picture.
///
/// Opaque leaves of random place, grey value and size fall on each other until everything is
/// covered; sizes r follow a power law so that the picture looks alike at every scale, as natural
/// images do (Lee, Mumford, Huang, *Occlusion models for natural images*, IJCV 41, 2001). Here a
/// leaf is an ellipsoid in (x, y, t), sheared by its velocity: it grows into sight, drifts and
/// vanishes, so that neighbouring frames are alike as those of a film are.
///
/// In n dimensions the scale-invariant density of sizes is `r^-(n+1)`: `r^-4` for these ellipsoids,
/// whose cuts at one instant are ellipses with density `r^-3`.
public struct DeadLeaves: Equatable, Sendable {
  /// Pixels along a row.
  public var width = 320
  /// Rows.
  public var height = 320
  /// Frames.
  public var frames = 256
  /// Radius of the smallest leaf, pixels.
  public var smallestRadius = 2.0
  /// Radius of the largest leaf as a part of the shorter edge.
  public var largestRadius = 0.3
  /// Time half-axis of a leaf for each pixel of its radius, frames: how slowly the picture changes.
  public var persistence = 1.25
  /// Standard deviation of a leaf's velocity, pixels a frame.
  public var speed = 0.35
  /// How many leaves lie over a point on average; a part `exp(-coverage)` of the picture stays bare.
  public var coverage = 7.0

  /// Creates a texture of the given size.
  public init(width: Int = 320, height: Int = 320, frames: Int = 256) {
    self.width = width
    self.height = height
    self.frames = frames
  }

  /// One ellipsoid in (x, y, t): `(d - v s)' M (d - v s) + (s / halfTime)^2 <= 1` with `d` the
  /// distance to its centre in the plane and `s` that in time.
  private struct Leaf {
    var x, y, t: Float
    var mxx, mxy, myy: Float
    var vx, vy: Float
    var halfX, halfY, halfTime: Float
    var grey, shadeX, shadeY: Float
  }

  /// Renders the clip of a stream; the same bytes for any number of threads.
  public func clip(name: String, stream: RandomStream, workers: Workers = Workers()) -> Clip {
    let leaves = drawLeaves(stream)
    var pixels = [UInt8](repeating: 128, count: width * height * frames)
    pixels.withUnsafeMutableBufferPointer { pixels in
      nonisolated(unsafe) let pixels = pixels
      workers.forEachRange(height, chunk: max(4, height / 32)) { rows in
        // Back to front: a later leaf lies over an earlier one.
        for leaf in leaves { render(leaf, rows: rows, pixels) }
      }
    }
    return Clip(
      name: name, width: width, height: height, frames: frames,
      pixels: softened(pixels, workers: workers))
  }

  private func drawLeaves(_ stream: RandomStream) -> [Leaf] {
    var stream = stream.split("dead leaves")
    let w = Double(width)
    let h = Double(height)
    let f = Double(frames)
    let smallest = smallestRadius
    let largest = max(smallest * 1.5, largestRadius * min(w, h))

    // Leaves that reach into the box lie in a box larger by their own half-axes: how many there are
    // of each size follows r^-4 times the volume of that larger box. Tabulated over log r.
    let steps = 256
    let ratio = log(largest / smallest)
    var cumulative = [0.0]
    var meanVolume = 0.0
    var intensity = 0.0
    for step in 0..<steps {
      let r = smallest * exp(ratio * (Double(step) + 0.5) / Double(steps))
      let density = 1 / (r * r * r)  // r^-4 dr with dr = r d(log r)
      meanVolume += density * 4 / 3 * .pi * r * r * r * persistence
      intensity += density
      let reach = 2 * 1.4 * r
      cumulative.append(
        cumulative[step] + density * (w + reach) * (h + reach) * (f + 2 * r * persistence))
    }
    let count = Int(coverage / meanVolume * cumulative[steps])

    var leaves: [Leaf] = []
    leaves.reserveCapacity(count)
    for _ in 0..<count {
      let target = stream.uniform() * cumulative[steps]
      var low = 0
      var high = steps
      while high - low > 1 {
        let middle = (low + high) / 2
        if cumulative[middle] <= target { low = middle } else { high = middle }
      }
      let part = (target - cumulative[low]) / (cumulative[low + 1] - cumulative[low])
      let r = smallest * exp(ratio * (Double(low) + part) / Double(steps))
      let tau = r * persistence
      let reach = 1.4 * r
      let x = stream.uniform(-reach...w + reach)
      let y = stream.uniform(-reach...h + reach)
      let t = stream.uniform(-tau...f + tau)
      // Axes r e and r / e, turned by a random angle.
      let e = exp(stream.uniform(0...0.33))
      let angle = stream.uniform(0...Double.pi)
      let (c, s) = (cos(angle), sin(angle))
      let (a, b) = (1 / (r * r * e * e), e * e / (r * r))
      let vx = stream.gaussian(mean: 0, deviation: speed)
      let vy = stream.gaussian(mean: 0, deviation: speed)
      let (aa, bb) = (r * r * e * e, r * r / (e * e))
      let grey = stream.uniform(25...230)
      let slope = stream.uniform(0...22) / r
      let direction = stream.uniform(0...2 * Double.pi)
      leaves.append(
        Leaf(
          x: Float(x), y: Float(y), t: Float(t), mxx: Float(a * c * c + b * s * s),
          mxy: Float((a - b) * c * s), myy: Float(a * s * s + b * c * c), vx: Float(vx),
          vy: Float(vy),
          halfX: Float((aa * c * c + bb * s * s + vx * vx * tau * tau).squareRoot()),
          halfY: Float((aa * s * s + bb * c * c + vy * vy * tau * tau).squareRoot()),
          halfTime: Float(tau), grey: Float(grey), shadeX: Float(slope * cos(direction)),
          shadeY: Float(slope * sin(direction))))
    }
    return leaves
  }

  private func render(
    _ leaf: Leaf, rows: Range<Int>, _ pixels: UnsafeMutableBufferPointer<UInt8>
  ) {
    let first = max(rows.lowerBound, Int((leaf.y - leaf.halfY).rounded(.up)))
    let last = min(rows.upperBound - 1, Int((leaf.y + leaf.halfY).rounded(.down)))
    guard first <= last else { return }
    let left = max(0, Int((leaf.x - leaf.halfX).rounded(.up)))
    let right = min(width - 1, Int((leaf.x + leaf.halfX).rounded(.down)))
    guard left <= right else { return }
    // v' M v + 1 / tau^2, v' M: a quadratic in time for every pixel.
    let mvx = leaf.mxx * leaf.vx + leaf.mxy * leaf.vy
    let mvy = leaf.mxy * leaf.vx + leaf.myy * leaf.vy
    let a = leaf.vx * mvx + leaf.vy * mvy + 1 / (leaf.halfTime * leaf.halfTime)
    for row in first...last {
      let dy = Float(row) - leaf.y
      for column in left...right {
        let dx = Float(column) - leaf.x
        let b = dx * mvx + dy * mvy
        let c = leaf.mxx * dx * dx + 2 * leaf.mxy * dx * dy + leaf.myy * dy * dy - 1
        let discriminant = b * b - a * c
        guard discriminant > 0 else { continue }
        let root = discriminant.squareRoot()
        let start = max(0, Int((leaf.t + (b - root) / a).rounded(.up)))
        let end = min(frames - 1, Int((leaf.t + (b + root) / a).rounded(.down)))
        guard start <= end else { continue }
        let grey = UInt8(max(0, min(255, leaf.grey + leaf.shadeX * dx + leaf.shadeY * dy)))
        let base = (row * width + column) * frames
        pixels[base + start...base + end].update(repeating: grey)
      }
    }
  }

  /// Blurs every frame by 1-2-1 along rows and columns: a lens never draws an edge of no width.
  private func softened(_ pixels: [UInt8], workers: Workers) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: pixels.count) { out, count in
      count = pixels.count
      nonisolated(unsafe) let out = out
      workers.forEachRange(height, chunk: max(1, height / 32)) { rows in
        pixels.withUnsafeBufferPointer { pixels in
          var sums = [UInt16](repeating: 0, count: frames)
          sums.withUnsafeMutableBufferPointer { sums in
            for row in rows {
              for column in 0..<width {
                sums.update(repeating: 8)
                for dy in -1...1 {
                  let y = min(height - 1, max(0, row + dy))
                  for dx in -1...1 {
                    let x = min(width - 1, max(0, column + dx))
                    let weight: UInt16 = (dx == 0 ? 2 : 1) * (dy == 0 ? 2 : 1)
                    let source = pixels.baseAddress! + (y * width + x) * frames
                    for frame in 0..<frames { sums[frame] &+= weight &* UInt16(source[frame]) }
                  }
                }
                let target = out.baseAddress! + (row * width + column) * frames
                for frame in 0..<frames {
                  target[frame] = UInt8(truncatingIfNeeded: sums[frame] >> 4)
                }
              }
            }
          }
        }
      }
    }
  }
}
