internal import Acquisition
internal import Evaluation
internal import Reporting

/// Resolution along z: the slice sensitivity profile of a thin disc.
struct SliceSection {
  let bench: QualityBench

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "ssp", title: "Slice sensitivity profile",
      text: """
        A disc of 0.1 mm and 20 mm in diameter about the axis, slices every 0.1 mm, no noise. Limits are \
        those of IEC 61223-3-5: 0.5 mm below 1 mm, half of the thickness from 1 to 2 mm, 1 mm above.
        """)
    let pitches = bench.isQuick ? [1.0] : [0.5, 1, 1.5]
    let rows = bench.scanner.rowHeight
    let thicknesses = [1, 2.5, 5].filter { $0 >= rows }
    var done = 0
    for pitch in pitches {
      var curves: [MeasurementReport.Chart.Series] = []
      for thickness in thicknesses {
        let profile = try profile(thickness, pitch: pitch)
        let tolerance = thickness < 1 ? 0.5 : thickness <= 2 ? thickness / 2 : 1
        let name = "\(fixed(thickness, digits: 1)) mm, pitch \(fixed(pitch, digits: 1))"
        section.findings += [
          .init(
            "full width at half maximum, \(name)", profile.width(at: 0.5), unit: "mm",
            within: thickness - tolerance...thickness + tolerance, digits: 2),
          .init(
            "full width at a tenth, \(name)", profile.width(at: 0.1), unit: "mm", digits: 2),
        ]
        curves.append(
          .init(
            name: "\(fixed(thickness, digits: 1)) mm",
            points: zip(profile.heights, profile.values).map { [$0, $1] }))
        done += 1
        try progress(Double(done) / Double(pitches.count * thicknesses.count))
      }
      section.charts.append(
        .init(
          title: "Slice sensitivity, pitch \(fixed(pitch, digits: 1))", xTitle: "height, mm",
          yTitle: "signal over its greatest", series: curves))
    }
    return section
  }

  func profile(_ thickness: Double, pitch: Double) throws -> SliceSensitivity {
    let disc = AnalyticPhantom([
      .init(.cylinder(center: [0, 0], radius: 10, heights: -0.05...0.05), hu: 9000)
    ])
    let grid = bench.grid(
      width: 12, pixel: 1, slices: 2 * Int(10 * (thickness + 1.5)) + 1, spacing: 0.1)
    let ct = try bench.image(disc, onto: grid) {
      $0.sliceThickness = thickness
      $0.pitch = pitch
      $0.kvp = nil
      // The disc is wide; its middle is read at any resolution.
      $0.resolution = nil
    }
    let images = PixelImage.slices(of: ct)
    let heights = images.indices.map { 0.1 * (Double($0) - Double(images.count - 1) / 2) }
    return SliceSensitivity(
      heights: heights, signal: images.map { Moments($0.disc([0, 0], radius: 4)).mean },
      background: -1000)
  }
}
