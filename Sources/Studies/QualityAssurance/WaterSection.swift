internal import Acquisition
internal import Evaluation
internal import Reporting

/// Uniform water of 20 and 32 cm at all voltages and pitches, without noise: HU, flatness, air, steps along z.
struct WaterSection {
  let bench: QualityBench

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "water", title: "Uniform water",
      text: """
        Cylinders of water of 20 and 32 cm without noise, at one energy and at tube voltages with the \
        water correction. Uniformity is the largest difference of a ring of 5 mm from the middle, out to \
        95 % of the diameter; steps along z are differences between the means of slices over more than a \
        table feed.
        """)
    let diameters = [200.0, 320].filter(bench.fitting)
    var conditions: [(kvp: Double?, pitch: Double)] =
      [0.5, 1, 1.5].map { (bench.usualKVp, $0) }
    let voltages: [Double?] = bench.isQuick ? [nil, 120] : [nil, 70, 80, 100, 120, 140, 150]
    for kvp in voltages {
      for pitch in bench.isQuick ? [1] : [0.5, 1, 1.5]
      where !conditions.contains(where: { $0.kvp == kvp && $0.pitch == pitch }) {
        conditions.append((kvp, pitch))
      }
    }
    var done = 0
    for diameter in diameters {
      var curves: [MeasurementReport.Chart.Series] = []
      for condition in conditions {
        let measured = try measure(diameter, condition.kvp, condition.pitch)
        section.findings += measured.findings
        if condition.pitch == 1 {
          curves.append(
            .init(
              name: Self.name(condition.kvp),
              points: zip(measured.profile.radii, measured.profile.means).map { [$0, $1] }))
        }
        if condition.pitch == 1.5, condition.kvp == bench.usualKVp {
          section.pictures.append(measured.figure)
        }
        done += 1
        try progress(Double(done) / Double(conditions.count * diameters.count))
      }
      section.charts.append(
        .init(
          title: "Rings of water, \(fixed(diameter / 10, digits: 0)) cm, pitch 1",
          xTitle: "radius, mm", yTitle: "HU", series: curves))
    }
    return section
  }

  private static func name(_ kvp: Double?) -> String {
    kvp.map { "\(fixed($0, digits: 0)) kVp" } ?? "one energy"
  }

  private func measure(
    _ diameter: Double, _ kvp: Double?, _ pitch: Double
  ) throws -> (findings: [QualityFinding], profile: Uniformity, figure: MethodFigure) {
    let water = AnalyticPhantom([.init(.cylinder(center: [0, 0], radius: diameter / 2), hu: 0)])
    let slices = 16
    let step = max(1, 1.1 * pitch * bench.scanner.collimation / Double(slices))
    let grid = bench.grid(width: 1.2 * diameter, pixel: 2, slices: slices, spacing: step)
    let ct = try bench.image(water, onto: grid) {
      $0.kvp = kvp
      $0.pitch = pitch
      $0.sliceThickness = step
    }
    let images = PixelImage.slices(of: ct)
    let profile = Uniformity(images, reach: 0.95 * diameter / 2, width: 5)
    let within = 0.95 * diameter / 2
    let means = images.map { Moments($0.disc([0, 0], radius: within)).mean }
    let air = Moments(
      images[slices / 2].values {
        let radius = ($0 * $0).sum().squareRoot()
        return radius > 1.08 * diameter / 2 && radius < 1.18 * diameter / 2
      })
    let place =
      "\(fixed(diameter / 10, digits: 0)) cm, \(Self.name(kvp)), pitch \(fixed(pitch, digits: 1))"
    let steps = zip(means, means.dropFirst()).map { abs($1 - $0) }.max() ?? 0
    let middle = Moments(images.flatMap { $0.disc([0, 0], radius: 10) }).mean
    return (
      [
        .init("water, \(place)", middle, within: -2...2, digits: 2),
        .init("uniformity, \(place)", profile.deviation, within: -4...4, digits: 2),
        .init("air, \(place)", air.mean, within: -1003 ... -997),
        .init(
          "largest step between slices, \(place)", steps, within: 0...1, digits: 2,
          note: "a tenth of the noise of a routine scan"),
      ], profile,
      MethodFigure(
        title: place + ".", caption: "An axial slice and the coronal plane, level 0, width 40 HU.",
        picture: QualityPicture.row([
          QualityPicture.gray(images[slices / 2], level: 0, width: 40),
          QualityPicture.gray(
            QualityPicture.coronal(ct), level: 0, width: 40,
            rowZoom: max(1, images[0].height / slices)),
        ]))
    )
  }
}
