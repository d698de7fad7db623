#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

public import Support

/// A clip laid into space: luminance (0...255, as `Float`) at every voxel of an endless grid.
///
/// Frames are stacked along z: (x, y, t) becomes (x, y, z). With voxel `(i, j, k)` at
/// `X = i * spacing.x`, `Y = j * spacing.y`, `Z = k * spacing.z` mm,
///
///     column = column0 + (+-X cos a - Y sin a) / mmPerPixel + driftColumn Z
///     row    = row0    + (+-X sin a + Y cos a) / mmPerPixel + driftRow Z
///     frame  = frame0  +- Z / mmPerFrame
///
/// linearly interpolated. Beyond its edges the clip is continued by reflection in x, y and t, so a
/// clip of any size fills a volume of any size. A fixed grain within half a grey level makes ranks
/// well defined. A pure function of clip, draw and spacing.
public struct TextureField: Sendable {
  /// The clip.
  public let clip: Clip
  /// How it lies.
  public let draw: TextureDraw
  /// Distance of voxels, mm.
  public let spacing: SIMD3<Double>

  private let columnPerVoxel: (x: Double, y: Double)
  private let rowPerVoxel: (x: Double, y: Double)

  /// Lays a clip out over voxels of the given spacing (mm).
  public init(clip: Clip, draw: TextureDraw, spacing: SIMD3<Double>) {
    self.clip = clip
    self.draw = draw
    self.spacing = spacing
    let c = cos(draw.angle) / draw.millimetresPerPixel
    let s = sin(draw.angle) / draw.millimetresPerPixel
    let mirror = draw.flipped ? -1.0 : 1.0
    columnPerVoxel = (mirror * c * spacing.x, -s * spacing.y)
    rowPerVoxel = (mirror * s * spacing.x, c * spacing.y)
  }

  /// A block of the field, z fastest, then x, then y (the memory order of `Grid`).
  public func block(x: Range<Int>, y: Range<Int>, z: Range<Int>, workers: Workers = Workers())
    -> [Float]
  {
    [Float](unsafeUninitializedCapacity: x.count * y.count * z.count) { out, count in
      count = x.count * y.count * z.count
      guard count > 0 else { return }
      nonisolated(unsafe) let base = out.baseAddress!
      workers.forEachRange(y.count, chunk: 4) { rows in
        var columns = TextureColumns(self, z: z)
        for row in rows {
          for i in x {
            columns.fill(
              base + (row * x.count + i - x.lowerBound) * z.count, x: i, y: y.lowerBound + row)
          }
        }
      }
    }
  }

  /// Column and row of the clip at voxel `(i, j)`, reflected into the picture.
  func position(_ i: Int, _ j: Int) -> (column: Double, row: Double) {
    let (column, row) = unfolded(i, j)
    return (Self.reflect(column, clip.width), Self.reflect(row, clip.height))
  }

  /// The same at height 0, not yet reflected.
  func unfolded(_ i: Int, _ j: Int) -> (column: Double, row: Double) {
    (
      draw.column + columnPerVoxel.x * Double(i) + columnPerVoxel.y * Double(j),
      draw.row + rowPerVoxel.x * Double(i) + rowPerVoxel.y * Double(j)
    )
  }

  /// Frame of the clip at height `k`, reflected into its length.
  func frame(_ k: Int) -> Double {
    let step = spacing.z / draw.millimetresPerFrame
    return Self.reflect(draw.frame + (draw.reversed ? -step : step) * Double(k), clip.frames)
  }

  /// `value` folded into `0...count - 1`, as between two mirrors.
  static func reflect(_ value: Double, _ count: Int) -> Double {
    let last = Double(count - 1)
    guard last > 0 else { return 0 }
    if value >= 0, value <= last { return value }
    let folded = abs(value.truncatingRemainder(dividingBy: 2 * last))
    return folded > last ? 2 * last - folded : folded
  }
}

/// Fills columns of a `TextureField` over one range of z; holds the tables they share.
///
/// One a thread: `fill` uses the value's own scratch memory.
public struct TextureColumns {
  private let field: TextureField
  private let z: Range<Int>
  private let frames: [Int32]
  private let fractions: [Float]
  private var history: [Float]

  /// Prepares the range of z.
  public init(_ field: TextureField, z: Range<Int>) {
    self.field = field
    self.z = z
    let last = max(0, field.clip.frames - 2)
    let positions = z.map { field.frame($0) }
    frames = positions.map { Int32(min(last, Int($0))) }
    fractions = zip(positions, frames).map { Float($0 - Double($1)) }
    history = [Float](repeating: 0, count: field.clip.frames + 1)
  }

  /// Writes the luminance of column `(x, y)` for the whole range of z to `out`.
  public mutating func fill(_ out: UnsafeMutablePointer<Float>, x: Int, y: Int) {
    fill(out, x: x, y: y, z: z)
  }

  /// Writes the luminance of column `(x, y)` for a part of the range of z to `out`.
  public mutating func fill(
    _ out: UnsafeMutablePointer<Float>, x: Int, y: Int, z part: Range<Int>
  ) {
    guard !part.isEmpty else { return }
    if field.draw.drift == TextureDraw.Drift() {
      fillUpright(out, x: x, y: y, z: part)
    } else {
      fillDrifting(out, x: x, y: y, z: part)
    }
    addGrain(out, x: x, y: y, z: part)
  }

  /// A column that stays on one place of the picture: first the place's history in time, then its
  /// values along z.
  private mutating func fillUpright(
    _ out: UnsafeMutablePointer<Float>, x: Int, y: Int, z part: Range<Int>
  ) {
    let clip = field.clip
    let (column, row) = field.position(x, y)
    let c0 = min(max(0, clip.width - 2), Int(column))
    let r0 = min(max(0, clip.height - 2), Int(row))
    let c1 = min(clip.width - 1, c0 + 1)
    let r1 = min(clip.height - 1, r0 + 1)
    let fc = Float(column - Double(c0))
    let fr = Float(row - Double(r0))
    let (w00, w01) = ((1 - fc) * (1 - fr), fc * (1 - fr))
    let (w10, w11) = ((1 - fc) * fr, fc * fr)
    let start = part.lowerBound - z.lowerBound
    let n = clip.frames

    frames.withUnsafeBufferPointer { frames in
      fractions.withUnsafeBufferPointer { fractions in
        history.withUnsafeMutableBufferPointer { history in
          clip.pixels.withUnsafeBufferPointer { pixels in
            var lowest = frames[start]
            var highest = lowest
            for k in start..<start + part.count {
              lowest = min(lowest, frames[k])
              highest = max(highest, frames[k])
            }
            let from = Int(lowest)
            let to = min(n, Int(highest) + 2)
            let p00 = pixels.baseAddress! + (r0 * clip.width + c0) * n
            let p01 = pixels.baseAddress! + (r0 * clip.width + c1) * n
            let p10 = pixels.baseAddress! + (r1 * clip.width + c0) * n
            let p11 = pixels.baseAddress! + (r1 * clip.width + c1) * n
            for t in from..<to {
              history[t] =
                w00 * Float(p00[t]) + w01 * Float(p01[t]) + w10 * Float(p10[t])
                + w11 * Float(p11[t])
            }
            if n == 1 { history[1] = history[0] }
            for k in 0..<part.count {
              let t = Int(frames[start + k])
              out[k] = history[t] + fractions[start + k] * (history[t + 1] - history[t])
            }
          }
        }
      }
    }
  }

  /// A column that moves across the picture: eight neighbours for every voxel.
  ///
  /// Places are whole numbers of 1 / 65536 pixel, so that a column comes out the same wherever it is
  /// begun.
  private func fillDrifting(
    _ out: UnsafeMutablePointer<Float>, x: Int, y: Int, z part: Range<Int>
  ) {
    let clip = field.clip
    let (firstColumn, firstRow) = field.unfolded(x, y)
    var column = Walk(
      start: firstColumn, step: field.draw.drift.column * field.spacing.z, at: part.lowerBound,
      count: clip.width)
    var row = Walk(
      start: firstRow, step: field.draw.drift.row * field.spacing.z, at: part.lowerBound,
      count: clip.height)
    let start = part.lowerBound - z.lowerBound
    let n = clip.frames
    let width = clip.width
    let lastColumn = max(0, width - 2)
    let lastRow = max(0, clip.height - 2)
    let right = width > 1 ? n : 0
    let below = clip.height > 1 ? width * n : 0
    let next = n > 1 ? 1 : 0
    frames.withUnsafeBufferPointer { frames in
      fractions.withUnsafeBufferPointer { fractions in
        clip.pixels.withUnsafeBufferPointer { pixels in
          let base = pixels.baseAddress!
          for k in 0..<part.count {
            let c0 = min(lastColumn, column.place &>> 16)
            let r0 = min(lastRow, row.place &>> 16)
            let columnPart = Int32(truncatingIfNeeded: column.place &- (c0 &<< 16))
            let rowPart = Int32(truncatingIfNeeded: row.place &- (r0 &<< 16))
            let fc = Float(columnPart) * 0x1p-16
            let fr = Float(rowPart) * 0x1p-16
            let ft = fractions[start &+ k]
            let pixel = (r0 &* width &+ c0) &* n
            let p = base + (pixel &+ Int(frames[start &+ k]))
            @inline(__always) func along(_ q: UnsafePointer<UInt8>) -> Float {
              let a = Float(q[0])
              return a + ft * (Float(q[next]) - a)
            }
            let a = along(p)
            let b = along(p + right)
            let c = along(p + below)
            let d = along(p + below + right)
            let top = a + fc * (b - a)
            let bottom = c + fc * (d - c)
            out[k] = top + fr * (bottom - top)
            column.advance()
            row.advance()
          }
        }
      }
    }
  }

  /// A place that moves along a line between two mirrors, in 1 / 65536 pixel.
  private struct Walk {
    var place: Int
    private var step: Int
    private let last: Int

    init(start: Double, step: Double, at index: Int, count: Int) {
      last = (count - 1) << 16
      let unit = Int((step * 65536).rounded())
      guard last > 0 else {
        (place, self.step) = (0, 0)
        return
      }
      let period = 2 * last
      var folded = (Int((start * 65536).rounded()) + unit * index) % period
      if folded < 0 { folded += period }
      place = folded > last ? period - folded : folded
      self.step = (folded > last ? -unit : unit) % period
    }

    @inline(__always)
    mutating func advance() {
      place &+= step
      while place < 0 || place > last {
        place = place < 0 ? 0 &- place : 2 &* last &- place
        step = 0 &- step
      }
    }
  }

  /// Adds the grain, shifted by the draw whole voxels along each axis.
  private func addGrain(
    _ out: UnsafeMutablePointer<Float>, x: Int, y: Int, z part: Range<Int>
  ) {
    let shift = Int(field.draw.grain)
    let column = (((y &+ (shift >> 6)) & 63) * 64 + ((x &+ shift) & 63)) * 64
    let start = part.lowerBound &+ (shift >> 12)
    TextureGrain.shared.values.withUnsafeBufferPointer { grain in
      for k in 0..<part.count {
        out[k] += Float(grain[column + ((start &+ k) & 63)]) * (1 / 256)
      }
    }
  }
}
