import Kernels
import Support
import Testing

/// The forward projection against Joseph's method in double precision, ray by ray, on every instruction set.
///
/// The projector has no adjoint here to test it against: back-projection weights rows and reads filtered,
/// packed views, so it is the transpose of nothing else. The filter is its own adjoint; see `KernelsTests`.
@Suite struct ForwardTests {
  /// A volume and a detector. Lengths in mm.
  struct Geometry: Sendable, CustomTestStringConvertible {
    var spacing = SIMD3(2.0, 2.3, 1.0)
    var slices = 60
    var rows = 16
    /// At the isocentre.
    var rowHeight = 1.25
    var channels = 11
    var block = 1
    var radius = 300.0

    var testDescription: String {
      "\(slices) slices of \(spacing.z) mm, \(rows) rows of \(rowHeight) mm, \(channels) channels, "
        + "blocks of \(block), source at \(radius) mm"
    }
  }

  /// Slices from 0.05 to 10 mm under rows that see from a part of a slice to thousands of them.
  static let geometries: [Geometry] = {
    var list: [Geometry] = []
    for (spacing, slices) in [(0.05, 900), (0.1, 400), (0.17, 300), (0.6, 130), (2, 40), (10, 7)] {
      for (rows, height) in [(1, 1.25), (1, 20), (5, 0.6), (16, 1.25), (20, 1.25), (64, 0.6)] {
        list.append(
          Geometry(
            spacing: [2, 2.3, spacing], slices: slices, rows: rows, rowHeight: height,
            block: 1 + 3 * (list.count % 2)))
      }
    }
    // Rows about as high as slices, whose last 16 may lie in the fourth vector of a run.
    for spacing in stride(from: 0.6, through: 0.85, by: 0.03) {
      list.append(Geometry(spacing: [2, 2.3, spacing], slices: 200, rows: 64, rowHeight: 0.6))
    }
    // Thin rays of a detector with an aperture; the largest detector; one slice; a source close by, beside
    // columns that are long and narrow; more planes in a block than a volume has.
    list.append(Geometry(slices: 90, rows: 384, rowHeight: 0.2, channels: 3))
    list.append(
      Geometry(spacing: [2, 2, 0.05], slices: 2000, rows: 128, rowHeight: 20, channels: 3))
    list.append(Geometry(slices: 1, rows: 17))
    list.append(Geometry(spacing: [1, 8, 0.2], slices: 200, block: 4, radius: 42))
    list.append(Geometry(slices: 61, rows: 33, channels: 1, block: 40))
    return list
  }()

  @Test(arguments: geometries) func isJosephsMethod(_ geometry: Geometry) {
    let volume = Body(geometry)
    let (stride, channels) = ((geometry.rows + 15) / 16 * 16, geometry.channels)
    let magnification = 1.8
    let detector = mct_detector(
      channels: Int32(channels), rows: Int32(geometry.rows), row_stride: stride,
      source_to_isocenter: geometry.radius, source_to_detector: geometry.radius * magnification,
      channel_angle: 0.009, central_channel: 0.5 * Double(channels - 1) - 0.25,
      row_height: geometry.rowHeight * magnification)
    let height = Double(geometry.slices - 1) * geometry.spacing.z
    // All around, above and below the volume and inside.
    let views = (0..<6).map {
      mct_view(angle: 0.3 + 1.1 * Double($0), z: height * (0.25 * Double($0) - 0.1))
    }
    let expected = views.map { volume.joseph(geometry, detector, $0) }
    for table in KernelsTests.tables {
      // The last vector ends where the memory does, and what was there before does not count.
      var lines = [Float](repeating: .nan, count: views.count * channels * stride)
      var work = [UInt8](
        repeating: 0xff, count: views.count * channels * Int(MCT_FORWARD_WORK))
      volume.withKernelVolume { volume in
        withUnsafePointer(to: detector) {
          table.pointee.forward(
            volume, $0, views, Int32(views.count), Int32(geometry.block), &work, &lines)
        }
      }
      // Rounding: of heights, in slices, times the largest step between two of them; and of the sum.
      let span =
        height / geometry.spacing.z + Double(geometry.rows) * geometry.rowHeight
        / geometry.spacing.z
      let limit = 0.03 * 26 * 2.5 * (2e-6 + span * 2.5e-7)
      var worst = (0.0, "")
      for view in views.indices {
        for channel in 0..<channels {
          for row in 0..<geometry.rows {
            let got = Double(lines[(view * channels + channel) * stride + row])
            let gap = abs(got - expected[view][channel * geometry.rows + row])
            if !(gap <= worst.0) { worst = (gap, "view \(view), channel \(channel), row \(row)") }
          }
        }
      }
      #expect(
        worst.0 <= limit, "\(String(cString: table.pointee.name)): \(worst), at most \(limit)")
      #expect(lines.allSatisfy { $0.isFinite }, "padding rows are written")
    }
  }

  /// Random values in an ellipse whose axis winds along z.
  final class Body {
    let (nx, ny) = (26, 22)
    let slices: Int
    let stride: Int
    let spacing: SIMD3<Double>
    let memory: UnsafeMutablePointer<Float>
    private var bounds: [[Int32]]

    var first: SIMD3<Double> {
      SIMD3(-0.5 * Double(nx - 1) * spacing.x + 1, -0.5 * Double(ny - 1) * spacing.y, 0)
    }

    init(_ geometry: Geometry) {
      var random = RandomStream(seed: 17)
      (slices, spacing) = (geometry.slices, geometry.spacing)
      stride = (slices + 31) / 16 * 16
      let count = nx * ny * stride
      memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
        .bindMemory(to: Float.self, capacity: count)
      memory.initialize(repeating: 0, count: count)
      let none = (Int32.max, Int32(-1))
      bounds = [nx, nx, ny, ny].enumerated().map {
        [Int32](repeating: $0.offset % 2 == 0 ? none.0 : none.1, count: $0.element)
      }
      for y in 2..<ny - 3 {
        for x in 1..<nx - 1 {
          for z in 0..<slices {
            let turn = 6 * Double(z) / Double(slices)
            let a = (Double(x) - 12.5 - 2 * sine(turn)) / 9
            let b = (Double(y) - 10) / 7
            guard a * a + b * b < 1 else { continue }
            memory[(y * nx + x) * stride + z] = Float(random.uniform(0...0.03))
            bounds[0][x] = min(bounds[0][x], Int32(y))
            bounds[1][x] = max(bounds[1][x], Int32(y))
            bounds[2][y] = min(bounds[2][y], Int32(x))
            bounds[3][y] = max(bounds[3][y], Int32(x))
          }
        }
      }
    }

    deinit { memory.deallocate() }

    func withKernelVolume(_ body: (UnsafePointer<mct_volume>) -> Void) {
      bounds[0].withUnsafeBufferPointer { yFirst in
        bounds[1].withUnsafeBufferPointer { yLast in
          bounds[2].withUnsafeBufferPointer { xFirst in
            bounds[3].withUnsafeBufferPointer { xLast in
              let volume = mct_volume(
                mu: memory, nx: Int32(nx), ny: Int32(ny), nz: Int32(slices), stride: stride,
                spacing_x: spacing.x, spacing_y: spacing.y, spacing_z: spacing.z,
                first_x: first.x, first_y: first.y, first_z: first.z,
                y_first: yFirst.baseAddress, y_last: yLast.baseAddress,
                x_first: xFirst.baseAddress, x_last: xLast.baseAddress)
              withUnsafePointer(to: volume, body)
            }
          }
        }
      }
    }

    /// Line integrals `[channel][row]` of one view: planes across the ray's main axis, linear between columns;
    /// along z linear between slices, at the depth of the middle of the planes of a block that the ray meets.
    func joseph(_ geometry: Geometry, _ detector: mct_detector, _ view: mct_view) -> [Double] {
      let radius = detector.source_to_isocenter
      let source = SIMD3(radius * cosine(view.angle), radius * sine(view.angle), view.z)
      var lines: [Double] = []
      for channel in 0..<Int(detector.channels) {
        let theta =
          view.angle + (Double(channel) - detector.central_channel) * detector.channel_angle
        let direction = SIMD2(-cosine(theta), -sine(theta))
        let main = abs(direction.x) * spacing.y >= abs(direction.y) * spacing.x ? 0 : 1
        let (planes, width) = main == 0 ? (nx, ny) : (ny, nx)
        let strides = main == 0 ? (stride, nx * stride) : (nx * stride, stride)
        /// Distances in the plane from the source, and places between columns, of the planes that are met.
        let met = (0..<planes).compactMap { plane -> (plane: Int, t: Double, side: Double)? in
          let t =
            (first[main] + Double(plane) * spacing[main] - source[main]) / direction[main]
          let side =
            (source[1 - main] + t * direction[1 - main] - first[1 - main]) / spacing[1 - main]
          return t > 0 && side >= 1e-3 && side <= Double(width - 1) - 1e-3 ? (plane, t, side) : nil
        }
        let block = min(geometry.block, 32)
        let blocks = Dictionary(grouping: met) { $0.plane / block }
        for row in 0..<Int(detector.rows) {
          let slope =
            (Double(row) - 0.5 * Double(detector.rows - 1)) * detector.row_height
            / detector.source_to_detector
          var sum = 0.0
          for part in blocks.values {
            let middle = part.reduce(0) { $0 + $1.t } / Double(part.count)
            let height = (view.z + slope * middle - first.z) / spacing.z
            let z = min(max(height, 0), Double(slices - 1))
            let low = min(Int(z), max(slices - 2, 0))
            let high = min(low + 1, slices - 1)
            let v = z - Double(low)
            for (plane, _, side) in part {
              let left = Int(side)
              let u = side - Double(left)
              let a = plane * strides.0 + left * strides.1
              let b = a + strides.1
              sum += (1 - v) * ((1 - u) * Double(memory[a + low]) + u * Double(memory[b + low]))
              sum += v * ((1 - u) * Double(memory[a + high]) + u * Double(memory[b + high]))
            }
          }
          let step = spacing[main] / abs(direction[main])
          lines.append(sum * step * (1 + slope * slope).squareRoot())
        }
      }
      return lines
    }
  }
}
