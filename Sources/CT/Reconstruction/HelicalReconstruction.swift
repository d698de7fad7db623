public import Acquisition
internal import Kernels
public import Support
public import Volumes

/// Weighted filtered back-projection of a helical scan onto any grid.
///
/// Stierstorfer, Rauscher, Boese, Bruder, Schaller, Flohr, *Weighted FBP: a simple approximate 3D FBP
/// algorithm for multislice spiral CT with good dose usage for arbitrary pitch*, Phys. Med. Biol. 49,
/// 2004. Work streams through a window of views: slices are made in slabs of about one table feed, and
/// parallel views that no later slab needs are dropped, so memory does not grow with the scan.
public struct HelicalReconstruction: Sendable {
  /// What to reconstruct with.
  public struct Settings: Equatable, Sendable {
    /// The window of the ramp filter.
    public var kernel: ReconstructionKernel
    /// Width of the box that readings are averaged with along z, mm.
    public var sliceThickness: Double
    /// Voxel size in the plane up to whose limit frequencies are kept, mm; `nil` for that of the image,
    /// which then holds no frequency that it cannot show.
    public var resolution: Double?
    /// Q: place on the detector, from its middle (0) to its edge (1), up to which rows count in full.
    public var plateau: Double = 0.6
    /// Side of the squares of columns that share the weights of rows, mm; what weights change by over 6 mm is not seen
    /// in images.
    var sharedExtent = 6.0
    /// Columns further from the axis are left at -1000 HU, mm; `nil` for those that the scanner does not see.
    var radius: Double?
    /// Whether the shading of the cone angle is taken out afterwards; see `ConeCorrection`.
    public var correctsCone = false
    /// Least and greatest value of the image, HU; all where this is missing.
    public var window: ClosedRange<Double>?
    /// mu of water, 1/mm: HU = 1000 (mu - mu_water) / mu_water.
    public var waterAttenuation: Double

    /// Creates settings; see the properties for units.
    public init(
      kernel: ReconstructionKernel, sliceThickness: Double, resolution: Double? = nil,
      waterAttenuation: Double
    ) {
      self.kernel = kernel
      self.sliceThickness = sliceThickness
      self.resolution = resolution
      self.waterAttenuation = waterAttenuation
    }
  }

  private let source: any ViewSource
  private let settings: Settings
  private let workers: Workers

  /// Prepares the reconstruction of the readings of `source`.
  public init(source: any ViewSource, settings: Settings, workers: Workers) {
    self.source = source
    self.settings = settings
    self.workers = workers
  }

  /// Reconstructs HU on `grid`.
  ///
  /// Columns that the scanner does not see from all sides are -1000 HU.
  ///
  /// - Parameters:
  ///   - reference: the grid that the scan was planned for: its in-plane centre is the axis of rotation and its
  ///     first slice is at height 0 of the gantry frame; `nil` for `grid` itself.
  ///   - progress: called after every slab with the fraction that is done.
  /// - Throws: `MaskCTError` for slices that the scan does not cover, or axes that are not parallel; whatever
  ///   the source throws, and `progress`, so that a caller can stop between slabs.
  public func reconstruct(
    onto grid: Grid, reference: Grid? = nil, progress: (Double) throws -> Void = { _ in }
  ) throws -> Volume<Float> {
    guard settings.correctsCone else {
      return try uncorrected(onto: grid, reference: reference, progress: progress)
        .clamped(to: settings.window)
    }
    let placement = try GantryPlacement(of: grid, reference: reference ?? grid)
    let pixel = ConeCorrection.pixel(forVoxel: max(placement.spacing.x, placement.spacing.y))
    let readings = try CoarseReadings(
      of: source, voxel: pixel, sliceThickness: settings.sliceThickness, workers: workers)
    // By time: the correction takes about a third.
    let share = 0.65
    var image = try HelicalReconstruction(
      source: readings.recording, settings: settings, workers: workers
    ).uncorrected(onto: grid, reference: reference) { try progress(share * $0) }
    let scanner = source.scan.scanner
    try ConeCorrection(readings: readings, pixel: pixel, settings: settings, workers: workers)
      .correct(
        &image, placement: placement,
        radius: scanner.fieldOfViewRadius - 2 * scanner.sourceToIsocenter * scanner.channelAngle
      ) { try progress(share + (1 - share) * $0) }
    return image.clamped(to: settings.window)
  }

  /// Reconstructs without cone correction; see `reconstruct(onto:reference:progress:)`.
  private func uncorrected(
    onto grid: Grid, reference: Grid?, progress: (Double) throws -> Void
  ) throws -> Volume<Float> {
    try workers.reserve(4 * grid.count, for: "the image, \(grid),")
    var image = Volume<Float>(grid: grid, repeating: 0)
    try reconstructSlabs(onto: grid, reference: reference) { slab, first in
      image.replace(slicesFrom: first, by: slab, workers: workers)
      try progress(Double(first + slab.grid.shape.z) / Double(grid.shape.z))
    }
    return image
  }

  /// Reconstructs HU on `grid` and hands them out slab by slab, so that an image of any height takes no more
  /// memory than a slab. With cone correction, which needs the whole image, there is one slab.
  ///
  /// - Parameters:
  ///   - reference: as for `reconstruct(onto:reference:progress:)`.
  ///   - progress: called with the fraction that is done.
  ///   - receive: takes slices of `grid`, from the first to the last, with the index of the first of them.
  /// - Throws: as `reconstruct(onto:reference:progress:)`, and what `receive` throws.
  public func reconstruct(
    onto grid: Grid, reference: Grid? = nil, progress: (Double) throws -> Void = { _ in },
    receive: (_ slab: Volume<Float>, _ first: Int) throws -> Void
  ) throws {
    if settings.correctsCone {
      try receive(reconstruct(onto: grid, reference: reference, progress: progress), 0)
    } else {
      try reconstructSlabs(onto: grid, reference: reference) { slab, first in
        try receive(slab.clamped(to: settings.window), first)
        try progress(Double(first + slab.grid.shape.z) / Double(grid.shape.z))
      }
    }
  }

  private func reconstructSlabs(
    onto grid: Grid, reference: Grid?,
    receive: (_ slab: Volume<Float>, _ first: Int) throws -> Void
  ) throws {
    let placement = try GantryPlacement(of: grid, reference: reference ?? grid)
    try checkCoverage(of: grid, placement: placement)
    let scan = source.scan
    let (shape, spacing) = (grid.shape, placement.spacing)
    let voxel = max(spacing.x, spacing.y)
    let kernel = settings.kernel.limited(toVoxel: min(voxel, settings.resolution ?? voxel))
    var window = ParallelWindow(
      source: source, kernel: kernel, sliceThickness: settings.sliceThickness,
      plateau: settings.plateau, workers: workers)

    let scanner = scan.scanner
    let radius = min(
      scanner.fieldOfViewRadius - 2 * window.rebinning.step,
      Self.corner(of: grid, placement: placement), settings.radius ?? .infinity)
    let geometry = mct_backprojection(
      views_per_half: Int32(scanner.viewsPerRotation / 2), samples: Int32(window.rebinning.samples),
      rows: Int32(scanner.rows), row_stride: window.packedStride,
      sample_step: window.rebinning.step, source_to_isocenter: scanner.sourceToIsocenter,
      row_height: scanner.rowHeight, feed: scan.feed, first_angle: scan.firstAngle,
      first_z: scan.firstHeight, plateau: settings.plateau, first_x: placement.first.x,
      first_y: placement.first.y, spacing_x: spacing.x, spacing_y: spacing.y, radius: radius,
      shared_extent: settings.sharedExtent)
    // A parallel view's rays see slices within `reach` of its source's height. Up to pitch 1 one side or the other sees
    // every slice; above it slices may lie between two readings and take the nearest rows.
    let gaps = scan.pitch > 1 ? 1.25 : 1.02
    let reach =
      scanner.collimation / 2 * gaps * (1 + radius / scanner.sourceToIsocenter)
      + scan.feed * arcsine(radius / scanner.sourceToIsocenter) / (2 * .pi)

    let perWater = Float(1000 / settings.waterAttenuation)
    let slab = Self.slab(
      spacing: spacing.z, reach: reach, feed: scan.feed,
      bytesPerFeed: scanner.viewsPerRotation * window.viewBytes)
    let tile = 32
    let tilesAcross = (shape.x + tile - 1) / tile
    let tileCount = tilesAcross * ((shape.y + tile - 1) / tile)
    try workers.reserve(
      window.byteCount(heights: Double(slab) * spacing.z + 2 * reach)
        + 8 * slab * shape.x * shape.y, for: "the window of views")
    for first in stride(from: 0, to: shape.z, by: slab) {
      let slices = min(slab, shape.z - first)
      let low = placement.first.z + Double(first) * spacing.z
      let high = placement.first.z + Double(first + slices - 1) * spacing.z
      let views = try window.advance(heights: (low - reach)...(high + reach))
      let part = grid.padded(before: [0, 0, -first], after: [0, 0, first + slices - shape.z])
      let values = [Float](unsafeUninitializedCapacity: part.count) { output, count in
        count = part.count
        nonisolated(unsafe) let target = output.baseAddress!
        nonisolated(unsafe) let packed = views.views
        let firstView = Int64(views.first)
        workers.forEach(tileCount) { index in
          let (x, y) = (index % tilesAcross * tile, index / tilesAcross * tile)
          let (width, end) = (min(tile, shape.x - x), min(shape.y, y + tile))
          let rows = (y..<end).map { target + ($0 * shape.x + x) * slices }
          for row in rows { row.initialize(repeating: 0, count: width * slices) }
          withUnsafePointer(to: geometry) { geometry in
            kernels.backproject(
              geometry, packed, firstView, Int32(packed.count), Int32(x), Int32(x + width),
              Int32(y), Int32(end), low, spacing.z, Int32(slices), Int32(shape.x), slices, target)
          }
          // Here and not for the whole slab: the tile is in cache.
          for row in rows {
            for i in 0..<width * slices { row[i] = row[i] * perWater - 1000 }
          }
        }
      }
      try receive(Volume(grid: part, values: values), first)
    }
  }

  /// Slices that are made together.
  ///
  /// Views are read once a slab, and those at its ends fill few lanes, so the highest is the fastest. Its views
  /// have to fit into the window's memory, and the kernel takes at most 64 a direction. The window holds all views of a
  /// single slice in any case: a wide detector may take half as much again for more of them.
  private static func slab(
    spacing: Double, reach: Double, feed: Double, bytesPerFeed: Int
  ) -> Int {
    let limit = max(512.0 * 1024 * 1024, 1.5 * 2 * reach / feed * Double(bytesPerFeed))
    return [64, 48, 32, 16, 8, 4, 2].first { slices in
      let feeds = (Double(slices) * spacing + 2 * reach) / feed
      return 2 * feeds < 63 && feeds * Double(bytesPerFeed) <= limit
    } ?? 1
  }

  /// Distance of a grid's in-plane centre from the axis of rotation, mm; 0 below a micrometre.
  private static func offset(of grid: Grid, placement: GantryPlacement) -> Double {
    let centre = placement.first + SIMD3<Double>(grid.shape &- 1) * placement.spacing * 0.5
    let distance = (centre.x * centre.x + centre.y * centre.y).squareRoot()
    return distance < 1e-3 ? 0 : distance
  }

  /// Distance of a grid's farthest corner from the axis of rotation, mm: no column exceeds it, and a grid inside another has
  /// no greater one.
  private static func corner(of grid: Grid, placement: GantryPlacement) -> Double {
    var half = SIMD3<Double>(grid.shape) * placement.spacing * 0.5
    if offset(of: grid, placement: placement) > 0 {
      let centre = placement.first + SIMD3<Double>(grid.shape &- 1) * placement.spacing * 0.5
      half += SIMD3(abs(centre.x), abs(centre.y), 0)
    }
    return (half.x * half.x + half.y * half.y).squareRoot()
  }

  /// Refuses slices that are not seen from all sides out to the corners of the grid.
  private func checkCoverage(of grid: Grid, placement: GantryPlacement) throws {
    let scan = source.scan
    let radius = min(
      scan.scanner.fieldOfViewRadius, Self.corner(of: grid, placement: placement),
      settings.radius ?? .infinity)
    let first = placement.first.z
    let last = first + Double(grid.shape.z - 1) * placement.spacing.z
    // Heights are counted in whole views.
    let view = scan.feed / Double(scan.scanner.viewsPerRotation)
    guard let covered = scan.coveredHeights(radius: radius) else {
      throw MaskCTError(
        .input, "the scan is too short: it sees no slice from all sides",
        remedy: "scan at least a rotation before and after the slices")
    }
    guard first >= covered.lowerBound - view, last <= covered.upperBound + view else {
      func text(_ low: Double, _ high: Double) -> String {
        "\((low * 10).rounded() / 10) to \((high * 10).rounded() / 10) mm"
      }
      throw MaskCTError(
        .input,
        "the scan covers heights of \(text(covered.lowerBound, covered.upperBound)), and the slices "
          + "lie at \(text(first, last))",
        remedy: "ask for fewer slices, or for a grid inside")
    }
  }
}
