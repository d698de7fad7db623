import Volumes
import Support
import Reconstruction
internal import Acquisition
internal import Evaluation
internal import Reporting

/// Resolution in the plane: the modulation transfer function of every kernel, and bars to look at.
struct ResolutionSection {
  let bench: QualityBench

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "mtf", title: "Resolution in the plane",
      text: """
        A wire of 0.2 mm in air near the axis, pixels of 0.1 mm, no noise, the mean over half a table feed. \
        The design curve is the \
        kernel's window, at high pitch less what opposite rays cannot give beyond the channels' Nyquist \
        frequency, times the blur of focal spot and detector aperture, where the scanner states them.
        """)
    let steps = Double(ReconstructionKernel.all.count + 1)
    var curves: [MeasurementReport.Chart.Series] = []
    for (index, kernel) in ReconstructionKernel.all.enumerated() {
      let (measured, design) = try transfer(kernel)
      for part in [0.5, 0.1] {
        let expected = design.frequency(ofTransfer: part)
        section.findings.append(
          .init(
            "MTF \(Int(part * 100)) %, \(kernel.name)", measured.frequency(ofTransfer: part),
            unit: "lp/mm", within: 0.95 * expected...1.05 * expected, digits: 3,
            note: "5 % of the design's \(fixed(expected, digits: 3))"))
      }
      let differences = zip(measured.values, design.values).map { abs($0 - $1) }
      section.findings.append(
        .init(
          "largest difference from the design curve, \(kernel.name)",
          differences.max() ?? .nan, unit: "", within: 0...0.05, digits: 3))
      for (curve, name) in [(measured, kernel.name), (design, "\(kernel.name), design")] {
        curves.append(
          .init(
            name: name, points: zip(curve.frequencies, curve.values).map { [$0, $1] },
            isReference: name != kernel.name))
      }
      try progress(Double(index + 1) / steps)
    }
    section.charts = [
      .init(title: "MTF", xTitle: "lp/mm", yTitle: "transfer", series: curves)
    ]
    try bars(&section)
    try progress(1)
    return section
  }

  /// The kernel's curve as it is in images, and as it is meant.
  func transfer(
    _ kernel: ReconstructionKernel
  ) throws -> (measured: ModulationTransfer, design: ModulationTransfer) {
    let (place, diameter) = (SIMD2(4.3, 2.7), 0.2)
    let wire = AnalyticPhantom([
      .init(.cylinder(center: place, radius: diameter / 2), hu: 9000)
    ])
    // Far enough for the tails of the image, about a tenth of a per cent at 6 mm. What opposite rays give changes along z
    // with half the table feed, and the design is the mean over it.
    let slices = 8
    let grid = bench.grid(
      width: 26, pixel: 0.1, slices: slices,
      spacing: bench.scanProtocol.pitch * bench.scanner.collimation / 2 / Double(slices))
    let ct = try bench.image(wire, onto: grid) {
      $0.kernel = kernel.name
      $0.sliceThickness = 3
      $0.kvp = nil
    }
    let images = PixelImage.slices(of: ct)
    var mean = images[0]
    for index in mean.values.indices {
      mean.values[index] = images.reduce(0) { $0 + $1.values[index] } / Double(images.count)
    }
    let measured = ModulationTransfer(
      wire: mean, at: place, diameter: diameter, reach: 6, highest: 1.3)
    let blur = ApertureBlur(scanner: bench.scanner)
    return (
      measured,
      ModulationTransfer(
        frequencies: measured.frequencies,
        values: measured.frequencies.map {
          kernel.transfer($0, scanner: bench.scanner, pitch: bench.scanProtocol.pitch)
            * (blur?.modulation(at: $0) ?? 1)
        })
    )
  }

  /// Eight patterns of bars around the middle, like those of module 4 of the ACR phantom.
  private func bars(_ section: inout QualitySection) throws {
    let frequencies = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2]
    var solids = [AnalyticPhantom.Solid(.cylinder(center: [0, 0], radius: 100), hu: 0)]
    var patterns: [(frequency: Double, center: SIMD2<Double>, periods: Int)] = []
    for (index, f) in frequencies.enumerated() {
      let angle = 2 * Double.pi * (Double(index) + 0.5) / Double(frequencies.count)
      let center = SIMD2(cosine(angle), sine(angle)) * 55
      let periods = Int(15 * f)
      patterns.append((f, center, periods))
      for bar in 0..<periods {
        let left = center.x + (Double(bar) - Double(periods) / 2) / f
        solids.append(
          .init(
            .box(
              center: [left + 0.25 / f, center.y, 0], halfWidths: [0.25 / f, 7.5, 1e6]),
            hu: Self.contrast, within: 0))
      }
    }
    let grid = bench.grid(width: 150, pixel: 0.25, slices: 1, spacing: 3)
    var pictures: [Picture] = []
    var curves: [MeasurementReport.Chart.Series] = []
    for kernel in ReconstructionKernel.all {
      let ct = try bench.image(AnalyticPhantom(solids), onto: grid) {
        $0.kernel = kernel.name
        $0.sliceThickness = 3
        $0.kvp = nil
      }
      let image = PixelImage(ct, slice: 0)
      let modulations = patterns.map { Self.modulation(of: $0, in: image) }
      let seen = zip(frequencies, modulations).prefix { $0.1 >= 0.1 }.last?.0 ?? 0
      section.findings.append(
        .init(
          "finest bars at a modulation of 10 % and more, \(kernel.name)", seen * 10,
          unit: "lp/cm", digits: 0, note: "of 4, 5, 6, 7, 8, 9, 10 and 12"))
      curves.append(
        .init(name: kernel.name, points: zip(frequencies, modulations).map { [$0, $1] }))
      pictures.append(
        QualityPicture.gray(image, level: Self.contrast / 2, width: 1.4 * Self.contrast))
    }
    section.charts.append(
      .init(title: "Modulation of bars", xTitle: "lp/mm", yTitle: "transfer", series: curves))
    section.pictures = [
      MethodFigure(
        title: "Bars.",
        caption: "4 lp/cm right of the middle, then counter-clockwise to 12; "
          + ReconstructionKernel.all.map(\.name).joined(separator: ", ") + ".",
        picture: QualityPicture.row(pictures))
    ]
  }

  private static let contrast = 500.0

  /// The modulation of the inner periods: the outermost bars have a neighbour on one side only.
  private static func modulation(
    of pattern: (frequency: Double, center: SIMD2<Double>, periods: Int), in image: PixelImage
  ) -> Double {
    let half = Double(pattern.periods - 2) / pattern.frequency / 2
    var profile: [(place: Double, value: Double)] = []
    for y in 0..<image.height {
      for x in 0..<image.width {
        let place = image.place(x, y) - pattern.center
        guard abs(place.y) < 5, place.x >= -half, place.x < half else { continue }
        profile.append((place.x, image.values[y * image.width + x]))
      }
    }
    return BarModulation.measure(profile, frequency: pattern.frequency, contrast: contrast)
  }
}
