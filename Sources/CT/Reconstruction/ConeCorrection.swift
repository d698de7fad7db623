internal import Acquisition
internal import Support
internal import Volumes

/// Takes out of an image what the cone angle did to it.
///
/// Weighted filtered back-projection takes rays that rise through slices for rays in a slice's plane, and shades what
/// changes from slice to slice: the more, the wider the detector. Two measures tell how much, on voxels of 1.5 to 3 mm
/// and a row, from readings of which neighbouring channels and views are averaged.
///
/// 1. The middle rows alone, as few as the table feed allows (pitch 1.5), have a smaller cone angle. Their image `x`
///    and the image `y` of all rows, of the same readings, differ by what the outer rows did.
/// 2. What the middle rows did is found by scanning `x` again, with the middle rows and with the same rows of a
///    scanner ten times as large, which has a tenth of the cone angle. All that the two images have in common, blur,
///    sampling and helix, drops out of their difference:
///
///        correction = G (x - y + R_far A_far x - R_middle A_middle x)
///
/// A projects, R is weighted filtered back-projection, and G a Gaussian in the plane, because shading is smooth and
/// noise and edges are not: the image keeps its resolution, and its noise but for the lowest frequencies, which are
/// now those of the middle rows. Step 2 is one step of iterative weighted filtered back-projection (Sunnegårdh,
/// Danielsson, *Regularized iterative weighted filtered backprojection for helical cone-beam CT*, Med. Phys. 35,
/// 2008), with a scan from afar in place of the image itself.
package struct ConeCorrection {
  private let readings: CoarseReadings
  private let settings: HelicalReconstruction.Settings
  private let workers: Workers

  /// Voxel size in the plane, mm; not less than the channels of a detector that has no finer ones.
  private let pixel: Double
  /// Standard deviation of G, in voxels: streaks of the coarse scans, which are a voxel or two wide, are not put in.
  private static let smoothing = 2.0
  /// Pitch that the middle rows are chosen by: the largest without gaps.
  private static let pitch = 1.5
  /// Height of the middle rows at the isocentre up to which they need no second step, mm: their windmills, which are not
  /// quite the same from afar, would be more than what their cone angle does.
  private static let narrow = 20.0
  /// How much larger the scanner without a cone angle is.
  private static let far = 10.0
  /// Line integral from which on a ray has met the body: 2.5 mm of water.
  private static let object: Float = 0.05

  /// - Parameters:
  ///   - readings: of which the image was made; those that it needed are recorded.
  ///   - settings: what the image was made with.
  ///   - pixel: see `pixel(forVoxel:)`; that of the readings.
  init(
    readings: CoarseReadings, pixel: Double, settings: HelicalReconstruction.Settings,
    workers: Workers
  ) {
    self.readings = readings
    var settings = settings
    settings.correctsCone = false
    // What it reprojects must be whole; the corrected image is cut to the window.
    settings.window = nil
    self.settings = settings
    self.workers = workers
    let scanner = readings.scan.scanner
    self.pixel = max(pixel, scanner.sourceToIsocenter * scanner.channelAngle)
  }

  /// Size in the plane of the voxels that the correction of an image is found on, mm, by that of the image.
  ///
  /// One and a half times as large: beside small objects that end within a slice the cone angle shades a few
  /// millimetres. Not below 1.5 mm, for time, and not above 3 mm, where discs are
  /// still even.
  static func pixel(forVoxel voxel: Double) -> Double { min(max(1.5 * voxel, 1.5), 3) }

  /// How much further a scan has to go at both ends so that the outermost slices can be corrected, mm: coarse views
  /// begin later and end earlier.
  package static func margin(feed: Double) -> Double { feed / 28 }

  /// Corrects an image.
  ///
  /// - Parameters:
  ///   - placement: of the image in the gantry frame.
  ///   - radius: columns further from the axis were not reconstructed, mm.
  ///   - progress: called with the fraction that is done; what it throws stops the correction.
  /// - Throws: `MaskCTError` for a scan that is too short, or too little memory.
  func correct(
    _ image: inout Volume<Float>, placement: GantryPlacement, radius: Double,
    progress: (Double) throws -> Void
  ) throws {
    let slices = image.grid.shape.z
    let top = placement.first.z + Double(slices - 1) * placement.spacing.z
    let correction = try correction(heights: placement.first.z...top, progress: progress)
    // Some slices at a time: the correction on the image's grid would be another image.
    let some = 16
    for first in stride(from: 0, to: slices, by: some) {
      let count = min(some, slices - first)
      var place = placement.first
      place.z += Double(first) * placement.spacing.z
      let part = correction.resampled(
        to: .gantry(
          shape: [image.grid.shape.x, image.grid.shape.y, count], first: place,
          spacing: placement.spacing), workers: workers)
      image.add(part, slicesFrom: first, workers: workers) { x, y in
        let place =
          SIMD2(placement.first.x, placement.first.y)
          + SIMD2(Double(x), Double(y)) * SIMD2(placement.spacing.x, placement.spacing.y)
        return (place * place).sum() <= radius * radius
      }
    }
  }

  /// What is to be added to an image, in HU, on coarse voxels of the gantry frame.
  private func correction(
    heights: ClosedRange<Double>, progress: (Double) throws -> Void
  ) throws -> Volume<Float> {
    let frame = try frame(heights: heights)
    try workers.reserve(4 * (frame.wide.count + 4 * frame.close.count), for: "cone correction")
    let thickness = min(settings.sliceThickness, 2 * frame.step)
    let x = try image(of: frame.middle, on: frame.wide, frame, sliceThickness: thickness)
    try progress(0.25)
    var sum = x.resampled(to: frame.close, workers: workers)
    sum.add(
      try image(of: readings, on: frame.close, frame, sliceThickness: thickness), times: -1,
      workers: workers)
    try progress(0.5)
    if frame.again.scanner.collimation > Self.narrow {
      sum.add(try rescanned(x, by: frame.again, frame), times: -1, workers: workers)
      try progress(0.75)
      sum.add(
        try rescanned(x, by: frame.again.enlarged(Self.far), frame), times: 1, workers: workers)
    }
    let smooth = sum.gaussianFiltered(
      sigma: SIMD3(pixel, pixel, 0) * Self.smoothing, workers: workers)
    try progress(1)
    return smooth.averaged(heights: settings.sliceThickness - thickness, workers: workers)
  }

  /// Where and with which scans the correction is found.
  private struct Frame {
    /// The middle rows of the readings.
    let middle: MiddleRows
    /// The scan that an image is scanned again with: the middle rows, two in one.
    let again: HelicalScan
    /// The slices that are corrected, and as many more as rays through them meet.
    let close: Grid
    let wide: Grid
    /// From slice to slice, mm: a row.
    let step: Double
    /// Columns further from the axis hold air, mm.
    let radius: Double
  }

  private func frame(heights: ClosedRange<Double>) throws -> Frame {
    let (scan, scanner) = (readings.scan, readings.scan.scanner)
    // Even or odd as the detector, so that the middle stays where it is.
    let rows = min(
      scanner.rows,
      2 * Int((scan.feed / Self.pitch / scanner.rowHeight / 2).rounded(.up)) + scanner.rows % 2)
    let middle = MiddleRows(rows, of: readings)
    let radius = min(
      scanner.fieldOfViewRadius, readings.radius(ofObjectBeyond: Self.object) + 2 * pixel)
    guard let covered = scan.coveredHeights(radius: radius),
      let seen = middle.scan.coveredHeights(radius: radius), covered.overlaps(heights)
    else {
      throw MaskCTError(
        .input, "the scan is too short to correct the shading of its cone angle",
        remedy: "scan 4 mm more on both sides, or switch cone_correction off")
    }
    let inside = heights.clamped(to: covered)
    let step = scanner.rowHeight
    func count(_ height: Double) -> Int { max(0, Int(height / step + 1e-9)) }
    let columns = max(1, Int((2 * radius / pixel).rounded(.up)))
    let edge = -0.5 * Double(columns - 1) * pixel
    /// Slices from `below` under the image's first one to `above` over its last one.
    func grid(below: Int, above: Int) -> Grid {
      let slices = count(inside.upperBound - inside.lowerBound) + 1
      return .gantry(
        shape: [columns, columns, below + slices + above],
        first: [edge, edge, inside.lowerBound - Double(below) * step],
        spacing: [pixel, pixel, step])
    }
    let reach = middle.scan.scanner.axialReach(radius: radius) + scan.feed / 4
    // Two rows in one: voxels half as high as the rows that they are scanned with leave no trace.
    return Frame(
      middle: middle, again: middle.scan.reading(rows: (rows + 1) / 2, of: 2 * step).idealised,
      close: grid(below: 0, above: 0),
      wide: grid(
        below: count(min(reach, inside.lowerBound - seen.lowerBound)),
        above: count(min(reach, seen.upperBound - inside.upperBound))),
      step: step, radius: radius)
  }

  /// An image of readings.
  private func image(
    of source: any ViewSource, on grid: Grid, _ frame: Frame, sliceThickness: Double
  ) throws -> Volume<Float> {
    var settings = settings
    (settings.kernel, settings.resolution) = (.standard, nil)
    (settings.sliceThickness, settings.radius) = (sliceThickness, frame.radius)
    settings.sharedExtent = 4 * pixel
    return try HelicalReconstruction(source: source, settings: settings, workers: workers)
      .reconstruct(onto: grid, reference: .gantry)
  }

  /// The image of an image: scanned again and reconstructed. Above and below it, its last slices go on unchanged.
  private func rescanned(
    _ hu: Volume<Float>, by scan: HelicalScan, _ frame: Frame
  ) throws -> Volume<Float> {
    let scale = Float(settings.waterAttenuation / 1000)
    let body = VoxelObject(
      hu: hu, placement: try GantryPlacement(of: hu.grid, reference: .gantry),
      radius: scan.scanner.fieldOfViewRadius, workers: workers
    ) { ($0 + 1000) * scale }
    return try image(
      of: SimulatedScan(scan: scan, body: body, noise: nil, workers: workers), on: frame.close,
      frame, sliceThickness: scan.scanner.rowHeight)
  }
}

extension HelicalScan {
  /// The scan with thin rays and nothing but attenuation.
  fileprivate var idealised: HelicalScan {
    var scanner = scanner
    (scanner.focalSpot, scanner.detectorAperture) = (nil, nil)
    (scanner.crosstalk, scanner.scatterToPrimary) = (nil, nil)
    return with(scanner)
  }

  /// The scan by a larger scanner whose channels and rows are as wide at the isocentre: rays that are nearly parallel.
  fileprivate func enlarged(_ factor: Double) -> HelicalScan {
    var scanner = scanner
    scanner.sourceToIsocenter *= factor
    scanner.sourceToDetector *= factor
    scanner.fanAngle /= factor
    return with(scanner)
  }

  private func with(_ scanner: Scanner) -> HelicalScan {
    HelicalScan(
      scanner: scanner, pitch: pitch, firstAngle: firstAngle, firstHeight: firstHeight,
      viewCount: viewCount)
  }
}

extension Grid {
  /// The reference grid of images that are placed in the gantry frame itself.
  fileprivate static let gantry = Grid(shape: [1, 1, 1], affine: .identity)

  /// A grid in the gantry frame.
  fileprivate static func gantry(
    shape: SIMD3<Int>, first: SIMD3<Double>, spacing: SIMD3<Double>
  ) -> Grid {
    Grid(shape: shape, affine: Affine(columns: .diagonal(spacing), translation: first))
  }
}
