import Volumes
internal import Acquisition
internal import Evaluation
internal import Reporting

/// Beam hardening between dense inserts, with and without the water correction.
struct HardeningSection {
  let bench: QualityBench

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "hardening", title: "Beam hardening",
      text: """
        20 cm of water with two rods of bone (28 mm, 900 HU at 70 keV) 11 cm apart, no noise. Water is \
        cupped without the correction and flat with it; bone hardens the beam beyond what the correction \
        knows, which leaves a dark band between the rods. Without the correction HU are scaled so that water far \
        from the rods reads 0.
        """)
    let rods = [
      AnalyticPhantom.Solid(.cylinder(center: [-55, 0], radius: 14), hu: 900, within: 0),
      .init(.cylinder(center: [55, 0], radius: 14), hu: 900, within: 0),
    ]
    let water = AnalyticPhantom.Solid(.cylinder(center: [0, 0], radius: 100), hu: 0)
    let kvp = bench.usualKVp ?? 120
    let grid = bench.grid(width: 230, pixel: 1, slices: 3, spacing: 5)
    let cases: [(name: String, kvp: Double?, corrected: Bool)] = [
      ("one energy", nil, true), ("\(fixed(kvp, digits: 0)) kVp, corrected", kvp, true),
      ("\(fixed(kvp, digits: 0)) kVp, uncorrected", kvp, false),
    ]
    var pictures: [Picture] = []
    var curves: [MeasurementReport.Chart.Series] = []
    for (index, item) in cases.enumerated() {
      func image(_ solids: [AnalyticPhantom.Solid]) throws -> PixelImage {
        let ct = try bench.image(AnalyticPhantom(solids), onto: grid) {
          $0.kvp = item.kvp
          $0.sliceThickness = 5
          $0.correctsHardening = item.corrected
        }
        return PixelImage(ct, slice: 1)
      }
      let plain = Uniformity([try image([water])], reach: 92, width: 4)
      var dense = try image([water] + rods)
      if !item.corrected {
        let far = Moments(dense.disc([0, 70], radius: 10) + dense.disc([0, -70], radius: 10)).mean
        for place in dense.values.indices {
          dense.values[place] = 1000 * (dense.values[place] - far) / (1000 + far)
        }
      }
      let between = Moments(dense.disc([0, 0], radius: 12)).mean
      let far = Moments(dense.disc([0, 70], radius: 10) + dense.disc([0, -70], radius: 10)).mean
      section.findings += [
        .init(
          "cupping of plain water, \(item.name)", plain.deviation,
          within: item.corrected ? -4...4 : nil),
        .init(
          "band between the rods, \(item.name)", between - far,
          within: item.kvp == nil ? -4...4 : nil,
          note: item.kvp == nil
            ? "" : "not judged: scanners without a correction for bone show such bands"),
      ]
      curves.append(
        .init(
          name: item.name,
          points: zip(plain.radii, plain.means).map { [$0, $1 - plain.middle] }))
      pictures.append(QualityPicture.gray(dense, level: 0, width: 150))
      try progress(Double(index + 1) / Double(cases.count))
    }
    section.charts = [
      .init(
        title: "Plain water, less its middle", xTitle: "radius, mm", yTitle: "HU", series: curves)
    ]
    section.pictures = [
      MethodFigure(
        title: "Rods of bone in water.",
        caption: cases.map(\.name).joined(separator: "; ") + "; level 0, width 150 HU.",
        picture: QualityPicture.row(pictures))
    ]
    return section
  }
}
