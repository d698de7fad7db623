internal import Acquisition
internal import Evaluation
internal import Reporting
internal import Volumes

/// What the cone angle and the helix do, against pitch: discs like Defrise's, and a dense ball.
struct HelixSection {
  let bench: QualityBench
  private static let thickness = 8.0
  private static let discs = 5
  private static let radius = 80.0

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "helix", title: "Cone and windmill artefacts",
      text: """
        Without noise, slices of two rows. Cone: five discs of water, 8 mm thick and 16 cm wide, in foam \
        of -900 HU with gaps of 8 mm, compared with the phantom 3 mm away from their faces. Windmill: a \
        ball of 3 cm and 1000 HU, 6 cm off the axis of 20 cm of water, compared with water 5 to 25 mm from \
        its surface. The limit of 5 HU is half of the noise of a routine scan.
        """)
    // What the ray of the outermost row rises on its way through a disc: from as much as a gap on, it sees both.
    let rise =
      Double(bench.scanner.rows) / 2 * bench.scanner.rowHeight / bench.scanner.sourceToIsocenter
      * 2 * Self.radius
    let note =
      rise < Self.thickness
      ? ""
      : "rays rise by up to \(fixed(rise, digits: 0)) mm in a disc, more than its gap; without cone "
        + "correction they are taken for rays in the plane"
    let pitches = bench.isQuick ? [0.5, 1, 1.5] : [0.5, 0.75, 1, 1.25, 1.5]
    var levels: [(pitch: Double, cone: Artefact, windmill: Artefact)] = []
    var (cones, windmills): ([Picture], [Picture]) = ([], [])
    for (index, pitch) in pitches.enumerated() {
      let cone = try cone(pitch)
      let windmill = try windmill(pitch)
      levels.append((pitch, cone.level, windmill.level))
      cones.append(cone.picture)
      windmills.append(windmill.picture)
      let name = "pitch \(fixed(pitch, digits: 2))"
      section.findings += [
        .init("discs, RMS, \(name)", cone.level.rms, within: 0...5, note: note),
        .init("discs, largest, \(name)", cone.level.largest),
        .init("ball, RMS, \(name)", windmill.level.rms, within: 0...5),
        .init("ball, largest, \(name)", windmill.level.largest),
      ]
      try progress(Double(index + 1) / Double(pitches.count))
    }
    section.charts = [
      .init(
        title: "Artefact level", xTitle: "pitch", yTitle: "RMS, HU",
        series: [
          .init(name: "discs", points: levels.map { [$0.pitch, $0.cone.rms] }),
          .init(name: "ball", points: levels.map { [$0.pitch, $0.windmill.rms] }),
        ])
    ]
    let order = "Pitch " + pitches.map { fixed($0, digits: 2) }.joined(separator: ", ")
    section.pictures = [
      MethodFigure(
        title: "Discs.", caption: "\(order); coronal, level -450, width 1200 HU.",
        picture: QualityPicture.row(cones)),
      MethodFigure(
        title: "Ball.", caption: "\(order); 2 mm beyond its pole, level 0, width 100 HU.",
        picture: QualityPicture.row(windmills)),
    ]
    return section
  }

  private var sliceThickness: Double { max(1, 2 * bench.scanner.rowHeight) }

  private func cone(_ pitch: Double) throws -> (level: Artefact, picture: Picture) {
    let extent = 2 * Self.thickness * Double(Self.discs)
    var solids = [
      AnalyticPhantom.Solid(
        .cylinder(center: [0, 0], radius: 90, heights: -extent...extent), hu: -900)
    ]
    let middles = (0..<Self.discs).map {
      2 * Self.thickness * (Double($0) - Double(Self.discs - 1) / 2)
    }
    for middle in middles {
      solids.append(
        .init(
          .cylinder(
            center: [0, 0], radius: Self.radius,
            heights: middle - Self.thickness / 2...middle + Self.thickness / 2),
          hu: 0, within: -900))
    }
    let phantom = AnalyticPhantom(solids)
    let grid = bench.grid(
      width: 190, pixel: 1.5, slices: Int(extent / sliceThickness), spacing: sliceThickness)
    let ct = try bench.image(phantom, onto: grid) {
      $0.pitch = pitch
      $0.sliceThickness = sliceThickness
    }
    var differences: [Double] = []
    for (slice, image) in PixelImage.slices(of: ct).enumerated() {
      let height = grid.affine.apply([0, 0, Double(slice)]).z
      let distance = middles.map { abs(abs(height - $0) - Self.thickness / 2) }.min()!
      guard distance > max(3, sliceThickness) - 1e-9 else { continue }
      let truth = phantom.value(at: [0, 0, height])
      differences += image.disc([0, 0], radius: 70).map { $0 - truth }
    }
    return (
      Artefact(differences),
      QualityPicture.gray(
        QualityPicture.coronal(ct), level: -450, width: 1200,
        rowZoom: max(1, Int((sliceThickness / 1.5).rounded())))
    )
  }

  private func windmill(_ pitch: Double) throws -> (level: Artefact, picture: Picture) {
    let (place, radius) = (SIMD3(60.0, 0, 0), 15.0)
    let phantom = AnalyticPhantom([
      .init(.cylinder(center: [0, 0], radius: 100), hu: 0),
      .init(.ellipsoid(center: place, radii: [radius, radius, radius]), hu: 1000, within: 0),
    ])
    let slices = 2 * Int(25 / sliceThickness) + 1
    let grid = bench.grid(width: 190, pixel: 1, slices: slices, spacing: sliceThickness)
    let ct = try bench.image(phantom, onto: grid) {
      $0.pitch = pitch
      $0.sliceThickness = sliceThickness
      $0.kvp = nil
    }
    let images = PixelImage.slices(of: ct)
    var differences: [Double] = []
    for (slice, image) in images.enumerated() {
      let height = grid.affine.apply([0, 0, Double(slice)]).z
      differences += image.values {
        let q = SIMD3($0.x, $0.y, height) - place
        let distance = (q * q).sum().squareRoot()
        return distance > radius + 5 && distance < radius + 25 && ($0 * $0).sum() < 92 * 92
      }
    }
    let pole = slices / 2 + Int(((radius + 2) / sliceThickness).rounded())
    return (Artefact(differences), QualityPicture.gray(images[pole], level: 0, width: 100))
  }
}
