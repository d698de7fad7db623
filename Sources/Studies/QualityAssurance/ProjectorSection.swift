internal import Acquisition
internal import Evaluation
internal import Reporting
internal import Support
internal import Volumes

/// The projector of voxels against exact line integrals, on the workload that other projectors were timed on.
///
/// A trunk of ten ellipsoids in voxels of 1.5 mm, 736 channels and 64 rows, source to isocentre 570 mm. The error
/// is that of the voxels and of the interpolation between them.
struct ProjectorSection {
  let bench: QualityBench

  /// Trunk, lungs, spine, heart, liver and small balls.
  static let body = AnalyticPhantom([
    .init(.ellipsoid(center: [0, 0, 0], radii: [170, 125, 175]), hu: 0),
    .init(.ellipsoid(center: [-80, 0, 20], radii: [50, 70, 90]), hu: -750, within: 0),
    .init(.ellipsoid(center: [80, 0, 20], radii: [50, 70, 90]), hu: -750, within: 0),
    .init(.ellipsoid(center: [0, 80, 0], radii: [18, 18, 150]), hu: 1000, within: 0),
    .init(.ellipsoid(center: [10, -30, 10], radii: [35, 30, 40]), hu: 50, within: 0),
    .init(.ellipsoid(center: [-40, -20, -100], radii: [60, 50, 40]), hu: 30, within: 0),
    .init(.ellipsoid(center: [60, -60, -80], radii: [8, 8, 8]), hu: 1000, within: 0),
    .init(.ellipsoid(center: [-60, 60, -80], radii: [6, 6, 6]), hu: 1000, within: 0),
    .init(.ellipsoid(center: [40, 40, 120], radii: [10, 10, 10]), hu: -200, within: 0),
    .init(.ellipsoid(center: [-40, 40, 120], radii: [5, 5, 5]), hu: 500, within: 0),
  ])

  static let scanner = Scanner(
    name: "w1", sourceToIsocenter: 570, sourceToDetector: 1040, channels: 736,
    fanAngle: 2 * arcsine(200.0 / 570) * 180 / .pi, channelOffset: 0, rows: 64, rowHeight: 0.6,
    viewsPerRotation: 720)

  /// The larger of them without edges.
  static let smooth = SmoothEllipsoids(parts: [
    .init(center: [0, 0, 0], radii: [170, 125, 175], attenuation: 0.02),
    .init(center: [-80, 0, 20], radii: [50, 70, 90], attenuation: -0.005),
    .init(center: [80, 0, 20], radii: [50, 70, 90], attenuation: -0.005),
    .init(center: [0, 80, 0], radii: [24, 24, 150], attenuation: 0.02),
    .init(center: [10, -30, 10], radii: [35, 30, 40], attenuation: 0.005),
  ])

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "projector", title: "Forward projection",
      text: """
        Line integrals of voxels against the exact ones, relative RMS difference over the rays that meet \
        the body: 384 mm in voxels of 1.5 and 3 mm, 736 channels and 64 rows (not the scanner of this \
        report), views over all of the scan. Ten ellipsoids with sharp edges are in voxels what they fill \
        of each; linear interpolation of a voxel's width is of first order there: of the rays, a part that \
        falls with the voxel h grazes an edge and is off by the square root of h, which makes an RMS error \
        of h. Five ellipsoids that fade out, (1 - r²)³, show the second order of Joseph's method.
        """)
    var (sharp, smooth): ([(x: Double, y: Double)], [(x: Double, y: Double)]) = ([], [])
    for (index, voxel) in [3, 1.5].enumerated() {
      let size = "voxels of \(fixed(voxel, digits: 1)) mm"
      sharp.append((voxel, try Self.error(voxel: voxel, workers: bench.workers)))
      section.findings.append(
        .init(
          "relative RMS error, sharp edges, \(size)", 100 * sharp[index].y, unit: "%",
          within: voxel == 1.5 ? 0...0.33 : nil, digits: 3,
          note: voxel == 1.5 ? "Joseph in RTK 0.32 %, distance-driven in XCIST 0.45 %" : ""))
      try progress(Double(2 * index + 1) / 4)
      smooth.append((voxel, try Self.smoothError(voxel: voxel, workers: bench.workers)))
      section.findings.append(
        .init(
          "relative RMS error, no edges, \(size)", 100 * smooth[index].y, unit: "%", digits: 4))
      try progress(Double(2 * index + 2) / 4)
    }
    for (name, errors, order) in [("sharp edges", sharp, 1.0), ("no edges", smooth, 2)] {
      section.findings.append(
        .init(
          "exponent of the error against voxel size, \(name)", PowerLaw(errors).exponent, unit: "",
          within: order - 0.2...order + 0.2, digits: 2, note: "theory: \(fixed(order, digits: 0))"))
    }
    return section
  }

  /// |got - exact| / |exact| over the rays of some views, for the body with edges.
  static func error(voxel: Double, workers: Workers) throws -> Double {
    try error(
      grid(voxel), exact: AnalyticObject(body, waterAttenuation: water), workers: workers
    ) { body.voxelised(on: $0, samples: 4, workers: workers) }
  }

  /// The same for the one without.
  static func smoothError(voxel: Double, workers: Workers) throws -> Double {
    try error(grid(voxel), exact: smooth, workers: workers) {
      smooth.sampled(on: $0, waterAttenuation: water, workers: workers)
    }
  }

  private static let water = 0.02

  private static func grid(_ voxel: Double) -> Grid {
    let count = Int(384 / voxel)
    return Grid(shape: [count, count, count], spacing: [voxel, voxel, voxel])
  }

  private static func error(
    _ grid: Grid, exact: any ScannedObject, workers: Workers, voxels: (Grid) -> Volume<Float>
  ) throws -> Double {
    // The voxels, the eleven rotations and every 330th view that the errors of other projectors were
    // measured on.
    let rotations = 11
    let scan = HelicalScan(
      scanner: scanner, pitch: 1, firstAngle: 0,
      firstHeight: -0.5 * scanner.collimation
        * (Double(rotations) - 1 / Double(scanner.viewsPerRotation)),
      viewCount: rotations * scanner.viewsPerRotation)
    let object = AttenuationVolume(
      hu: voxels(grid),
      placement: GantryPlacement(first: grid.affine.translation, spacing: grid.spacing),
      waterAttenuation: water, radius: 250, workers: workers)
    let sources = [object, exact].map { (object: any ScannedObject) in
      SimulatedScan(scan: scan, body: object, noise: nil, workers: workers)
    }
    var (difference, norm) = (0.0, 0.0)
    for view in stride(from: 0, to: scan.viewCount, by: 330) {
      let readings = try sources.map { try $0.lineIntegrals(of: view..<view + 1) }
      for (got, known) in zip(readings[0], readings[1]) where known > 0 {
        difference += Double(got - known) * Double(got - known)
        norm += Double(known) * Double(known)
      }
    }
    return (difference / norm).squareRoot()
  }
}
