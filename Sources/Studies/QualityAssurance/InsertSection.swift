internal import Acquisition
internal import Evaluation
internal import Reporting

/// Inserts like those of module 1 of the ACR phantom (Gammex 464): HU of bone, acrylic, polyethylene and air.
struct InsertSection {
  let bench: QualityBench

  /// Inserts of 25 mm, 65 mm off the axis of a cylinder of 20 cm; HU at 70 keV in the middle of the ranges that
  /// the ACR accepts (CT Accreditation Phantom instructions, 2022).
  static let inserts: [(name: String, center: SIMD2<Double>, hu: Double)] = [
    ("bone", [-46, 46], 910), ("acrylic", [46, -46], 122), ("polyethylene", [46, 46], -95),
    ("air", [-46, -46], -1000),
  ]

  /// Radius of the regions, mm.
  static let region = 9.0

  /// The phantom.
  static let phantom = AnalyticPhantom(
    [.init(.cylinder(center: [0, 0], radius: 100), hu: 0)]
      + inserts.map { .init(.cylinder(center: $0.center, radius: 12.5), hu: $0.hu, within: 0) })

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "inserts", title: "Inserts (ACR 464, module 1)",
      text: """
        Rods of 25 mm in 20 cm of water, 65 mm off the axis. The nominal HU of a voltage is the mean \
        attenuation of the material over the spectrum that passes bow-tie, phantom and rod, relative to \
        water's, by Beer's law along the rays through the rod. For what is like water that \
        is its HU at the effective energy, where water attenuates as it does the beam behind 177 mm of \
        water; bone lies above it, because its attenuation falls more steeply with energy.
        """)
    let voltages: [Double?] = bench.isQuick ? [nil, 120] : [nil, 80, 100, 120, 140]
    for (index, kvp) in voltages.enumerated() {
      let grid = bench.grid(width: 230, pixel: 0.9, slices: 3, spacing: 5)
      let ct = try bench.image(Self.phantom, onto: grid) {
        $0.kvp = kvp
        $0.sliceThickness = 5
      }
      let image = PixelImage(ct, slice: 1)
      let beam: String
      var energy = BasisMaterials.referenceEnergy
      if let kvp {
        energy = try EffectiveEnergy.of(scanner: bench.scanner, kvp: kvp, water: 177)
        beam = "\(fixed(kvp, digits: 0)) kVp (\(fixed(energy, digits: 1)) keV)"
      } else {
        beam = "one energy"
      }
      for (index, insert) in Self.inserts.enumerated() {
        let single = EffectiveEnergy.hu(of: insert.hu, at: energy)
        let nominal =
          try kvp.map {
            try EffectiveEnergy.hu(
              ofRod: index + 1, in: Self.phantom, reach: Self.region, scanner: bench.scanner,
              kvp: $0)
          } ?? single
        func text(_ value: Double) -> String {
          fixed(value, digits: 1).replacing("-", with: "−")
        }
        section.findings.append(
          .init(
            "\(insert.name), \(beam)",
            Moments(image.disc(insert.center, radius: Self.region)).mean,
            within: nominal - 5...nominal + 5,
            note: "nominal \(text(nominal)) HU"
              + (kvp == nil ? "" : "; at the effective energy alone \(text(single)) HU")))
      }
      section.findings.append(
        .init(
          "water between them, \(beam)", Moments(image.disc([0, 0], radius: 12)).mean,
          within: -2...2))
      section.pictures.append(
        MethodFigure(
          title: beam + ".", caption: "Level 0, width 100 HU.",
          picture: QualityPicture.gray(image, level: 0, width: 100)))
      try progress(Double(index + 1) / Double(voltages.count))
    }
    return section
  }
}
