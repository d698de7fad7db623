internal import Acquisition
internal import Evaluation
internal import Reporting

/// Rods of dilute iodine in water: what contrast medium reads at every tube voltage.
struct IodineSection {
  let bench: QualityBench

  /// Rods of 25 mm, 65 mm off the axis of a cylinder of 20 cm; iodine in mg/mL.
  static let rods: [(center: SIMD2<Double>, iodine: Double)] = [
    ([-46, 46], 2), ([46, 46], 5), ([46, -46], 10), ([-46, -46], 15),
  ]

  /// Radius of the regions, mm.
  static let region = 9.0

  /// The phantom.
  static let phantom = AnalyticPhantom(
    [.init(.cylinder(center: [0, 0], radius: 100), hu: 0)]
      + rods.map { rod in
        let hu = rod.iodine * BasisMaterials.iodineHU
        return .init(.cylinder(center: rod.center, radius: 12.5), hu: hu, within: 0, contrast: hu)
      })

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "iodine", title: "Contrast medium",
      text: """
        Rods of 25 mm with 2, 5, 10 and 15 mg/mL of iodine in 20 cm of water, 65 mm off the axis, no noise. The \
        nominal HU of a voltage is the mean attenuation of iodine over the spectrum that passes bow-tie, phantom and \
        rod, relative to water's, by Beer's law along the rays through the rod.
        """)
    let voltages: [Double] = bench.isQuick ? [120] : [80, 100, 120, 140]
    var lines: [(kvp: Double, points: [SIMD2<Double>])] = []
    for (done, kvp) in voltages.enumerated() {
      let grid = bench.grid(width: 230, pixel: 0.9, slices: 3, spacing: 5)
      let ct = try bench.image(Self.phantom, onto: grid) {
        $0.kvp = kvp
        $0.sliceThickness = 5
      }
      let image = PixelImage(ct, slice: 1)
      let beam = "\(fixed(kvp, digits: 0)) kVp"
      var points: [SIMD2<Double>] = [[0, 0]]
      for (index, rod) in Self.rods.enumerated() {
        let nominal = try EffectiveEnergy.hu(
          ofRod: index + 1, in: Self.phantom, reach: Self.region, scanner: bench.scanner, kvp: kvp)
        let measured = Moments(image.disc(rod.center, radius: Self.region)).mean
        points.append([rod.iodine, measured])
        section.findings.append(
          .init(
            "\(fixed(rod.iodine, digits: 0)) mg/mL, \(beam)", measured,
            within: nominal - 5...nominal + 5, note: "nominal \(fixed(nominal, digits: 1)) HU"))
      }
      section.findings.append(
        .init(
          "HU of 1 mg/mL, \(beam)", (points[3].y - points[1].y) / (points[3].x - points[1].x),
          note: "from 2 to 10 mg/mL"))
      section.findings.append(
        .init(
          "water between them, \(beam)", Moments(image.disc([0, 0], radius: 12)).mean,
          note: "not judged: iodine hardens the beam more than the water it is taken for"))
      section.pictures.append(
        MethodFigure(
          title: beam + ".", caption: "Level 200, width 800 HU.",
          picture: QualityPicture.gray(image, level: 200, width: 800)))
      lines.append((kvp, points))
      try progress(Double(done + 1) / Double(voltages.count))
    }
    section.charts.append(
      .init(
        title: "HU against iodine", xTitle: "iodine, mg/mL", yTitle: "HU",
        series: lines.map {
          .init(name: "\(fixed($0.kvp, digits: 0)) kVp", points: $0.points)
        }))
    return section
  }
}
