internal import Kernels
public import Support

/// The simulated scanner: projection along every ray, what the beam makes of the paths, and what the detector makes
/// of that.
public struct SimulatedScan: ViewSource {
  /// The geometry of the readings.
  public let scan: HelicalScan
  /// The tube current; `nil` where nobody has planned one.
  public var tubeCurrent: TubeCurrent?
  /// Attenuation in a beam of one energy, the density of water in a polychromatic one.
  private let body: any ScannedObject
  /// The other basis materials and the beam of a polychromatic scan.
  private let spectral:
    (bone: any ScannedObject, iodine: (any ScannedObject)?, beam: PolychromaticBeam)?
  private let blur: ApertureBlur?
  private let stages: [any DetectorStage]
  private let planesPerBlock: Int?
  private let workers: Workers

  /// Prepares a scan with a beam of one energy.
  ///
  /// - Parameters:
  ///   - body: attenuation of what is scanned, 1/mm.
  ///   - noise: photon and electronic noise; `nil` for a scan without noise.
  ///   - waterAttenuation: mu_water that scatter is relative to, 1/mm.
  ///   - planesPerBlock: planes between two axial resamplings of the projector of voxels; 1 is Joseph's
  ///     method to the letter, `nil` as many as `AttenuationVolume.planesPerBlock(of:)` says.
  public init(
    scan: HelicalScan, body: any ScannedObject, noise: PhotonNoise?,
    waterAttenuation: Double = 0.0193, planesPerBlock: Int? = nil, workers: Workers
  ) {
    self.scan = scan
    self.body = body
    spectral = nil
    blur = ApertureBlur(scanner: scan.scanner)
    stages = Self.stages(
      of: scan.scanner, waterAttenuation: waterAttenuation, noise: noise, hardening: nil)
    self.planesPerBlock = planesPerBlock
    self.workers = workers
  }

  /// Prepares a polychromatic scan.
  ///
  /// - Parameter object: the densities of what is scanned, g/cm³.
  public init(
    scan: HelicalScan, body object: BasisObject, beam: PolychromaticBeam,
    planesPerBlock: Int? = nil, workers: Workers
  ) {
    self.scan = scan
    body = object.water
    spectral = (object.bone, object.iodine, beam)
    blur = ApertureBlur(scanner: scan.scanner)
    stages = Self.stages(
      of: scan.scanner, waterAttenuation: beam.response.waterAttenuation, noise: beam.noise,
      hardening: beam.hardeningCorrection)
    self.planesPerBlock = planesPerBlock
    self.workers = workers
  }

  /// What happens to a view once the focal spot and the elements have averaged its rays, in this order.
  private static func stages(
    of scanner: Scanner, waterAttenuation: Double, noise: PhotonNoise?,
    hardening: HardeningCorrection?
  ) -> [any DetectorStage] {
    let scatter = Scatter(scanner: scanner, waterAttenuation: waterAttenuation)
    let stages: [(any DetectorStage)?] = [
      scatter,  // Scattered photons arrive on top of those that come straight,
      noise,  // both are counted,
      Crosstalk(scanner: scanner),  // and light leaks to the neighbours, noise and all.
      scatter.map(ScatterCorrection.init),  // Then the scatter is estimated and subtracted,
      hardening,  // and what is left becomes the water that it stands for.
    ]
    return stages.compactMap { $0 }
  }

  /// Projects and reads; see `ViewSource`.
  public func read(_ range: Range<Int>, into readings: Readings) {
    let heights = range.map(scan.height(ofView:))
    for section in body.sections(at: heights, scanner: scan.scanner) {
      let views = section.views
      /// The part of another material that the same views see: on the same grid it is cut where the body is.
      func part(_ object: any ScannedObject) -> any ScannedObject {
        let parts = object.sections(at: Array(heights[views]), scanner: scan.scanner)
        precondition(parts.count == 1, "all materials of a body are cut alike")
        return parts[0].object
      }
      read(
        from: range.lowerBound + views.lowerBound, of: section.object,
        bone: spectral.map { part($0.bone) }, iodine: spectral?.iodine.map(part),
        into: readings[views: views])
    }
  }

  /// Reads successive views that all see the same part of the body.
  private func read(
    from first: Int, of body: any ScannedObject, bone: (any ScannedObject)?,
    iodine: (any ScannedObject)?, into readings: Readings
  ) {
    let rays = blur?.subdivided(scan.scanner) ?? scan.scanner
    // Views together: they share the columns that a block of planes brings into cache. Up to 16, as long as every
    // thread has work.
    let group = min(16, max(4, readings.views / (2 * workers.count)))
    workers.forEachRange(readings.views, chunk: group) { part in
      let sources = part.map { index in
        SourcePosition(
          angle: scan.angle(ofView: first + index), height: scan.height(ofView: first + index))
      }
      let results = readings[views: part]
      func project(_ object: any ScannedObject, into memory: Readings? = nil) -> Readings {
        let paths = memory ?? Readings(views: part.count, of: rays)
        object.project(sources, scanner: rays, planesPerBlock: planesPerBlock, into: paths)
        return paths
      }
      // Without blur the rays of the signal are the readings, and nothing is copied.
      let memory = blur == nil ? results : nil
      let paths = bone.map { bone in
        (
          bone: project(bone, into: memory), water: project(body),
          iodine: iodine.map { project($0) }
        )
      }
      let attenuation = paths == nil ? project(body, into: memory) : nil
      for index in 0..<part.count {
        let number = first + part.lowerBound + index
        var view: DetectorView
        if let paths, let beam = spectral?.beam {
          view = beam.attenuate(
            view: number, water: paths.water[view: index], bone: paths.bone[view: index],
            iodine: paths.iodine?[view: index])
        } else {
          view = DetectorView(number: number, signal: attenuation![view: index], photons: nil)
        }
        if let blur { view = blur.averaged(view, of: scan.scanner, into: results[view: index]) }
        for stage in stages { stage.apply(to: view) }
      }
    }
  }
}

extension mct_detector {
  /// The kernel's view of a scanner's detector.
  init(_ scanner: Scanner) {
    self.init(
      channels: Int32(scanner.channels), rows: Int32(scanner.rows), row_stride: scanner.rowStride,
      source_to_isocenter: scanner.sourceToIsocenter,
      source_to_detector: scanner.sourceToDetector,
      channel_angle: scanner.channelAngle, central_channel: scanner.centralChannel,
      row_height: scanner.rowHeight * scanner.sourceToDetector / scanner.sourceToIsocenter)
  }
}
