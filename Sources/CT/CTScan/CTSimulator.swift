public import Acquisition
public import Reconstruction
public import Support
public import Volumes

/// The whole scanner: HU volume in, CT volume out.
public struct CTSimulator: Sendable {
  /// The scanner, with the rows and the bow-tie filter of the protocol.
  public let scanner: Scanner
  /// How the scan is taken and reconstructed.
  public let scanProtocol: ScanProtocol
  let kernel: ReconstructionKernel
  /// What the detector makes of the spectrum; `nil` with one energy.
  private let response: PolychromaticResponse?

  /// Prepares a scanner with a protocol.
  ///
  /// - Throws: `MaskCTError` for a protocol that cannot be run.
  public init(scanner: Scanner, scanProtocol: ScanProtocol) throws(MaskCTError) {
    try scanProtocol.validate()
    kernel = try ReconstructionKernel(named: scanProtocol.kernel)
    let scanner = try scanProtocol.applied(to: scanner)
    self.scanner = scanner
    self.scanProtocol = scanProtocol
    response = try scanProtocol.kvp.map { kvp throws(MaskCTError) in
      try scanner.response(kvp: kvp)
    }
  }

  /// The attenuation of water that line integrals are counted in, 1/mm.
  public var waterAttenuation: Double {
    response?.waterAttenuation ?? Material.water.attenuation(at: scanProtocol.energy)
  }

  /// How far beyond the first and last slice the scanned body should go on, mm; where it ends before,
  /// its last slices are taken to go on unchanged.
  public var margin: Double { HelicalScan.requiredMargin(scanner: scanner) }

  /// Scans and reconstructs.
  ///
  /// - Parameters:
  ///   - hu: what is scanned, on any grid with axes parallel to `grid`.
  ///   - contrast: the part of `hu` that contrast medium makes, on the same grid; counts with a tube voltage only, as
  ///     iodine whose HU depend on it. `nil` for none.
  ///   - grid: what is reconstructed.
  ///   - planned: what the scan covers; its in-plane centre is the axis of rotation. `nil` for `grid`.
  ///   - stream: names the noise and the start angle; `noiseless` leaves the noise out.
  ///   - progress: called with the fraction done; what it throws stops the scan.
  /// - Returns: CT in HU on `grid`.
  /// - Throws: `MaskCTError` if the grids' axes are not parallel.
  public func scan<Number: HounsfieldNumber>(
    _ hu: Volume<Number>, contrast: Volume<Float>? = nil, onto grid: Grid, planned: Grid? = nil,
    noiseless: Bool = false, stream: RandomStream, workers: Workers,
    progress: (Double) throws -> Void = { _ in }
  ) throws -> Volume<Float> {
    try reconstruction(
      of: source(
        hu, contrast: contrast, reference: planned ?? grid, noiseless: noiseless, stream: stream,
        workers: workers),
      onto: grid, workers: workers
    ).reconstruct(onto: grid, reference: planned, progress: progress)
  }

  /// Scans a phantom of solids, whose line integrals are exact, and reconstructs it.
  ///
  /// - Parameters:
  ///   - phantom: in the patient frame of `grid`, whose axes are the phantom's.
  ///   - grid: as for volumes; so are the other parameters.
  /// - Returns: CT in HU on `grid`.
  public func scan(
    _ phantom: some ScannedPhantom, onto grid: Grid, noiseless: Bool = false,
    stream: RandomStream, workers: Workers, progress: (Double) throws -> Void = { _ in }
  ) throws -> Volume<Float> {
    try reconstruction(
      of: source(phantom, reference: grid, noiseless: noiseless, stream: stream, workers: workers),
      onto: grid, workers: workers
    ).reconstruct(onto: grid, progress: progress)
  }

  /// What brings the readings of such a scan back to CT on `grid`, as a whole or slab by slab.
  public func reconstruction(
    of source: any ViewSource, onto grid: Grid, workers: Workers
  ) -> HelicalReconstruction {
    var settings = HelicalReconstruction.Settings(
      kernel: kernel, sliceThickness: scanProtocol.sliceThickness ?? grid.spacing.z,
      resolution: scanProtocol.resolution,
      waterAttenuation: waterAttenuation)
    settings.correctsCone = correctsCone
    settings.window = scanProtocol.window
    return HelicalReconstruction(source: source, settings: settings, workers: workers)
  }

  /// Whether the shading of the cone angle is taken out of images.
  private var correctsCone: Bool { scanProtocol.correctsCone(of: scanner) }

  /// What the detector reads of the line integrals of such a scan: photons and, with a spectrum, its signal.
  ///
  /// Readings are relative to the mean tube current, as those of a scanner's reference channels are.
  ///
  /// - Parameter mas: of a scan whose mAs were chosen; `nil` for the protocol's.
  public func counts(
    of scan: HelicalScan, mas: Double? = nil, stream: RandomStream
  ) throws -> DetectorCounts {
    let mas = mas ?? scanProtocol.mas
    guard let response else {
      return DetectorCounts(
        noise: PhotonNoise(
          scanner: scan.scanner, mas: mas, waterAttenuation: waterAttenuation,
          stream: stream))
    }
    let noise = try PhotonNoise(
      scanner: scan.scanner, mas: mas, response: response, stream: stream)
    return DetectorCounts(
      noise: noise,
      beam: PolychromaticBeam(response: response, scanner: scan.scanner, noise: noise))
  }

  /// The readings of one rotation about the middle of a grid, for a picture of the sinogram.
  ///
  /// - Returns: line integrals of the detector's middle row, `[view][channel]`.
  /// - Throws: `MaskCTError` if the grids' axes are not parallel.
  public func sinogram(
    _ hu: Volume<Float>, contrast: Volume<Float>? = nil, about grid: Grid, stream: RandomStream,
    workers: Workers
  ) throws -> (channels: Int, lines: [Float]) {
    let source = try source(
      hu, contrast: contrast, reference: grid, noiseless: false, stream: stream, workers: workers)
    let scanner = source.scan.scanner
    let views = min(scanner.viewsPerRotation, source.scan.viewCount)
    let first = (source.scan.viewCount - views) / 2
    let readings = Readings(views: views, of: scanner)
    source.read(first..<first + views, into: readings)
    var lines: [Float] = []
    lines.reserveCapacity(views * scanner.channels)
    for view in 0..<views {
      for channel in 0..<scanner.channels {
        lines.append(readings[view: view, channel: channel][scanner.rows / 2])
      }
    }
    return (scanner.channels, lines)
  }

  /// The scanner at work on a body: readings without a reconstruction.
  ///
  /// - Parameters:
  ///   - reference: what the scan is to cover; its in-plane centre is the axis of rotation.
  ///   - stream: as for `scan(_:onto:noiseless:stream:workers:progress:)`.
  /// - Throws: `MaskCTError` if the grids' axes are not parallel.
  public func source<Number: HounsfieldNumber>(
    _ hu: Volume<Number>, contrast: Volume<Float>? = nil, reference grid: Grid, noiseless: Bool,
    stream: RandomStream, workers: Workers
  ) throws -> SimulatedScan {
    precondition(contrast.map { $0.grid.shape == hu.grid.shape } ?? true, "one grid for both")
    let scan = plan(grid, stream: stream)
    let placement = try GantryPlacement(of: hu.grid, reference: grid)
    /// Any quantity that follows from the HU of voxels.
    func object<Value: HounsfieldNumber>(
      _ hu: Volume<Value>, without contrast: Volume<Float>? = nil
    ) -> Object {
      { quantity in
        VoxelObject(
          hu: hu, without: contrast, placement: placement, radius: scan.scanner.fieldOfViewRadius,
          workers: workers, quantity: quantity)
      }
    }
    return try source(
      scan, onto: grid, noiseless: noiseless, stream: stream, workers: workers, body: object(hu),
      tissue: object(hu, without: contrast), contrast: contrast.map { object($0) })
  }

  /// The scanner at work on a phantom of solids; see `scan(_:onto:noiseless:stream:workers:progress:)`.
  public func source(
    _ phantom: some ScannedPhantom, reference grid: Grid, noiseless: Bool, stream: RandomStream,
    workers: Workers
  ) throws -> SimulatedScan {
    let placement = try GantryPlacement(of: grid, reference: grid)
    let inGantry = phantom.moved(by: placement.first - grid.affine.translation)
    func object(_ phantom: some ScannedPhantom) -> Object { { phantom.object(of: $0) } }
    return try source(
      plan(grid, stream: stream), onto: grid, noiseless: noiseless, stream: stream,
      workers: workers, body: object(inGantry), tissue: object(inGantry.withoutContrast),
      contrast: inGantry.contrastAlone.map(object))
  }

  /// Makes an object of a quantity that follows from HU.
  private typealias Object = (@escaping @Sendable (Float) -> Float) -> any ScannedObject

  /// The helix that covers a grid.
  func plan(_ grid: Grid, stream: RandomStream) -> HelicalScan {
    let voxel = max(grid.spacing.x, grid.spacing.y)
    let scanner = scanner.binned(forVoxel: min(voxel, scanProtocol.resolution ?? voxel))
    var start = stream.split("start angle")
    let margin =
      correctsCone ? ConeCorrection.margin(feed: scanProtocol.pitch * scanner.collimation) : 0
    return HelicalScan(
      scanner: scanner, pitch: scanProtocol.pitch,
      covering: -margin...(Double(grid.shape.z - 1) * grid.spacing.z + margin),
      radius: min(scanner.fieldOfViewRadius, cornerDistance(of: grid)),
      firstAngle: start.uniform(0...(2 * .pi)))
  }

  /// The beam on an object.
  ///
  /// - Parameters:
  ///   - body: the whole body, for one energy.
  ///   - tissue: the body without contrast medium, for a spectrum.
  ///   - contrast: the contrast medium alone, for a spectrum.
  private func source(
    _ scan: HelicalScan, onto grid: Grid, noiseless: Bool, stream: RandomStream, workers: Workers,
    body: Object, tissue: Object, contrast: Object?
  ) throws -> SimulatedScan {
    let scanner = scan.scanner
    let stream = stream.split("noise")
    guard let response else {
      let scale = Float(waterAttenuation / 1000)
      let body = body { max(0, ($0 + 1000) * scale) }
      let current = exposure.tubeCurrent(of: scan, onto: grid) {
        Scout.logAttenuation(scan, body: body, waterAttenuation: waterAttenuation, workers: workers)
      }
      var source = SimulatedScan(
        scan: scan, body: body,
        noise: noiseless
          ? nil
          : PhotonNoise(
            scanner: scanner, mas: current.mas, waterAttenuation: waterAttenuation, stream: stream
          ).modulated(by: current),
        waterAttenuation: waterAttenuation, workers: workers)
      source.tubeCurrent = current
      return source
    }
    let object = BasisObject(tissue: tissue, contrast: contrast)
    let current = exposure.tubeCurrent(of: scan, onto: grid) {
      Scout.logAttenuation(scan, body: object, response: response, workers: workers)
    }
    var source = SimulatedScan(
      scan: scan, body: object,
      beam: PolychromaticBeam(
        response: response, scanner: scanner,
        noise: noiseless
          ? nil
          : try PhotonNoise(
            scanner: scanner, mas: current.mas, response: response, stream: stream
          ).modulated(by: current),
        correctsHardening: scanProtocol.correctsHardening ?? true),
      workers: workers)
    source.tubeCurrent = current
    return source
  }

  /// Chooses the tube current.
  var exposure: ExposureControl {
    ExposureControl(
      scanProtocol: scanProtocol, kernel: kernel, response: response,
      waterAttenuation: waterAttenuation)
  }

  private func cornerDistance(of grid: Grid) -> Double {
    let half = SIMD3<Double>(grid.shape) * grid.spacing * 0.5
    return (half.x * half.x + half.y * half.y).squareRoot()
  }
}
