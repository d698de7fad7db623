import Kernels
import Support
import Testing

/// Back-projection of every instruction set against its formula, in double precision and without any
/// sharing of weights between columns.
@Suite struct BackProjectionTests {
  struct Setting: CustomTestStringConvertible {
    var half = 36
    var rows: Int
    var pitch: Double
    var spacing: Double
    var slices: Int
    var testDescription: String {
      "\(2 * half) views, \(rows) rows, pitch \(pitch), \(spacing) mm, \(slices) slices"
    }

    /// A tile of 20 x 13 columns that reaches beyond the radius.
    var geometry: mct_backprojection {
      mct_backprojection(
        views_per_half: Int32(half), samples: 201, rows: Int32(rows),
        row_stride: rows <= 32 ? 32 : rows <= 64 ? 64 : 128,
        sample_step: spacing / 10, source_to_isocenter: 570, row_height: 0.6,
        feed: pitch * Double(rows) * 0.6,
        first_angle: 0.3, first_z: -150, plateau: 0.6, first_x: -8.4 * spacing,
        first_y: -5.7 * spacing, spacing_x: spacing, spacing_y: spacing, radius: 9.1 * spacing,
        shared_extent: 6)
    }

    /// From one sample of a view to the next, before views are packed.
    var stride: Int { (rows + 15) / 16 * 16 }

    /// As many views as the slices need, from number -7 on.
    func views(_ value: (_ view: Int, _ sample: Int, _ row: Int) -> Double) -> [[Float]] {
      let g = geometry
      let count = Int(300 / g.feed * Double(2 * half))
      return (0..<count).map { view in
        (0..<Int(g.samples)).flatMap { sample in
          (0..<stride).map { row in
            row < rows ? Float(value(view, sample, row)) : .nan
          }
        }
      }
    }
  }

  private static let firstView = -7
  private static let firstSlice = -31.0
  private static let thickness = 1.3

  private func run(_ table: mct_table, _ setting: Setting, _ views: [[Float]]) -> [Float] {
    var geometry = setting.geometry
    let stride = setting.slices + 3
    var out = [Float](repeating: 0, count: 20 * 13 * stride)
    let packed = views.map { view in
      let samples = UnsafeMutablePointer<Int16>.allocate(
        capacity: Int(geometry.samples) * geometry.row_stride)
      let unit = table.pack(
        geometry.samples, geometry.rows, setting.stride, view, geometry.row_stride, samples)
      return mct_packed_view(samples: samples, unit: unit)
    }
    defer { for view in packed { view.samples.deallocate() } }
    // Two tiles, neither a whole number of blocks.
    for (x0, x1) in [(0, 11), (11, 20)] {
      table.backproject(
        &geometry, packed, Int64(Self.firstView), Int32(views.count), Int32(x0), Int32(x1), 0, 13,
        Self.firstSlice, Self.thickness, Int32(setting.slices), 20, stride, &out)
    }
    return out
  }

  /// The formula for one voxel; `nil` outside the radius.
  private func expected(_ setting: Setting, _ views: [[Float]], x: Int, y: Int, z: Int) -> Double? {
    let g = setting.geometry
    let (px, py) = (g.first_x + Double(x) * g.spacing_x, g.first_y + Double(y) * g.spacing_y)
    guard px * px + py * py <= g.radius * g.radius else { return nil }
    let height = Self.firstSlice + Double(z) * Self.thickness
    var total = 0.0
    for m in 0..<setting.half {
      let theta = g.first_angle + Double(m) * .pi / Double(setting.half)
      let p = px * sine(theta) - py * cosine(theta)
      let along = px * cosine(theta) + py * sine(theta)
      let depth = (g.source_to_isocenter * g.source_to_isocenter - p * p).squareRoot()
      var (sum, weights) = (0.0, 0.0)
      for index in views.indices {
        let number = index + Self.firstView
        guard (number - m) % setting.half == 0 else { continue }
        let sign = (number - m) / setting.half % 2 == 0 ? 1.0 : -1.0
        let source =
          g.first_z + g.feed * Double(number) / Double(2 * setting.half)
          - sign * arcsine(p / g.source_to_isocenter) * g.feed / (2 * .pi)
        let offset =
          (height - source) * g.source_to_isocenter / (depth - sign * along) / g.row_height
        let q = abs(offset) / (Double(g.rows) / 2)
        guard q < 1 else { continue }
        let fall = cosine(.pi / 2 * max(0, (q - g.plateau) / (1 - g.plateau)))
        let sample = Double(g.samples - 1) / 2 + sign * p / g.sample_step
        let row = min(max(offset + Double(g.rows - 1) / 2, 0), Double(g.rows - 1) - 1e-6)
        func value(_ s: Int, _ r: Int) -> Double { Double(views[index][s * setting.stride + r]) }
        let (s, r) = (Int(sample), Int(row))
        let (u, v) = (sample - Double(s), row - Double(r))
        sum +=
          fall * fall
          * ((1 - u) * ((1 - v) * value(s, r) + v * value(s, r + 1))
            + u * ((1 - v) * value(s + 1, r) + v * value(s + 1, r + 1)))
        weights += fall * fall
      }
      total += sum / weights * .pi / Double(setting.half)
    }
    return total
  }

  /// Columns of 6 mm share no weights, so what is left is the rounding of 36 terms, of samples to 15 bits, of
  /// weights and of row coordinates, and the trace of 1e-5 that rows beyond the detector keep. With 72 views
  /// in half a rotation columns move by 2.4 mm from one to the next at the most, and two share weights.
  @Test(arguments: [
    Setting(rows: 16, pitch: 1, spacing: 6, slices: 17),
    Setting(rows: 40, pitch: 0.7, spacing: 6, slices: 33),
    Setting(rows: 64, pitch: 1.2, spacing: 6, slices: 64),
    Setting(rows: 128, pitch: 1, spacing: 6, slices: 20),
    Setting(half: 73, rows: 64, pitch: 0.9, spacing: 6, slices: 21),
  ])
  func followsTheFormula(setting: Setting) {
    let views = setting.views { view, sample, row in
      sine(0.1 * Double(view) + 0.05 * Double(sample)) + 0.5 * cosine(0.3 * Double(row))
    }
    let limit = setting.half > 36 ? 1.5e-3 : 8e-4
    for table in KernelsTests.tables {
      let name = String(cString: table.pointee.name)
      let out = run(table.pointee, setting, views)
      for y in stride(from: 0, to: 13, by: 3) {
        for x in stride(from: 0, to: 20, by: 3) {
          for z in 0..<setting.slices {
            let value = out[(y * 20 + x) * (setting.slices + 3) + z]
            let expected = expected(setting, views, x: x, y: y, z: z) ?? 0
            #expect(abs(Double(value) - expected) < limit, "\(name): voxel \(x) \(y) \(z)")
          }
          for pad in setting.slices..<setting.slices + 3 {
            #expect(out[(y * 20 + x) * (setting.slices + 3) + pad] == 0)
          }
        }
      }
    }
  }

  /// Weights of fine columns are shared, and sum to one all the same; so do those of the nearest rows
  /// where a fast table leaves gaps between readings. They are of 8192, so a sum of some is off by 1/8192, and
  /// the mean of 36 by a sixth of that.
  @Test(arguments: [
    Setting(rows: 64, pitch: 1, spacing: 1.5, slices: 32),
    Setting(rows: 16, pitch: 1.5, spacing: 0.8, slices: 16),
    Setting(rows: 64, pitch: 1.9, spacing: 2.5, slices: 48),
    Setting(rows: 32, pitch: 2.3, spacing: 20, slices: 32),
  ])
  func weightsSumToOne(setting: Setting) {
    let views = setting.views { _, _, _ in 1 }
    for table in KernelsTests.tables {
      let out = run(table.pointee, setting, views)
      for y in 0..<13 {
        for x in 0..<20 {
          let inside = expected(setting, views, x: x, y: y, z: 0) != nil
          for z in 0..<setting.slices {
            let value = Double(out[(y * 20 + x) * (setting.slices + 3) + z])
            #expect(abs(value - (inside ? .pi : 0)) < 2e-4)
          }
        }
      }
    }
  }
}
