import Support
internal import Acquisition
internal import Evaluation
internal import Reporting

/// Low-contrast visibility: rods of 6 HU, like those of module 2 of the ACR phantom.
struct ContrastSection {
  let bench: QualityBench

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    let dose = try DoseIndex.volume(scanner: bench.scanner, scanProtocol: bench.scanProtocol)
    var section = QualitySection(
      id: "contrast", title: "Low contrast",
      text: """
        Rods of 25, 6, 5, 4, 3 and 2 mm, 6 HU above 20 cm of water, slices of 5 mm, the protocol's dose \
        (CTDIvol \(fixed(dose, digits: 1)) mGy, 32 cm). Contrast over noise is that of the ACR: \
        difference of the 25 mm rod and the water beside it over the standard deviation in that water.
        """)
    var solids = [AnalyticPhantom.Solid(.cylinder(center: [0, 0], radius: 100), hu: 0)]
    let large = SIMD2(0.0, 62.0)
    solids.append(.init(.cylinder(center: large, radius: 12.5), hu: 6, within: 0))
    for (index, diameter) in [6.0, 5, 4, 3, 2].enumerated() {
      let angle = Double.pi * (-0.05 - 0.225 * Double(index))
      for rod in 0..<4 {
        // Four a group, a diameter between them.
        let offset = SIMD2(Double(rod % 2) - 0.5, Double(rod / 2) - 0.5) * 2 * diameter
        solids.append(
          .init(
            .cylinder(
              center: SIMD2(cosine(angle), sine(angle)) * 60 + offset, radius: diameter / 2),
            hu: 6, within: 0))
      }
    }
    let grid = bench.grid(
      width: 200, pixel: 0.6, slices: bench.isQuick ? 6 : 12, spacing: 8)
    let ct = try bench.image(
      AnalyticPhantom(solids), onto: grid, noiseless: false, name: "contrast"
    ) { $0.sliceThickness = 5 }
    let images = PixelImage.slices(of: ct)
    // Means over slices of the figures of one slice: the limit is meant for one.
    let ratios = images.map { image in
      let beside = Moments(image.disc([30, 62], radius: 8))
      return (Moments(image.disc(large, radius: 10)).mean - beside.mean) / beside.deviation
    }
    section.findings = [
      .init(
        "contrast over noise, 25 mm rod", Moments(ratios).mean, unit: "", atLeast: 1, digits: 2,
        note: "ACR: above 1.0 for the adult abdomen"),
      .init(
        "contrast of the 25 mm rod",
        Moments(
          images.map {
            Moments($0.disc(large, radius: 10)).mean - Moments($0.disc([30, 62], radius: 8)).mean
          }
        ).mean, within: 5...7, digits: 2,
        note: "6 HU, and three standard errors of the slices' mean"),
    ]
    section.pictures = [
      MethodFigure(
        title: "Rods of 6 HU.", caption: "One slice of 5 mm, level 0, width 80 HU.",
        picture: QualityPicture.gray(images[images.count / 2], level: 0, width: 80))
    ]
    try progress(1)
    return section
  }
}
