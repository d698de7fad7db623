public import Acquisition
internal import Reconstruction
public import Support
public import Volumes

/// A body of voxels, a scanner and a helix, all of any size; W1 by default.
///
/// W1 is 256³ voxels of 1.5 mm, 736 channels x 64 rows of 0.6 mm at the isocentre, 720 views a rotation at
/// pitch 1, source 570 mm from the axis and 1040 mm from the detector.
public struct Workload: Sendable {
  /// Voxels a side in the plane, and slices.
  public var width = 256
  /// Slices of 1.5 mm.
  public var slices = 256
  /// Detector rows.
  public var rows = 64
  /// Views a rotation.
  public var views = 720

  /// W1.
  public init() {}

  /// mu of water, 1/mm.
  public static let water = 0.02

  /// The scanner, without the quarter offset and the bow-tie, as other programs know it.
  public var scanner: Scanner {
    Scanner(
      name: "W1", sourceToIsocenter: 570, sourceToDetector: 1040, channels: 736,
      fanAngle: 2 * arcsine(200.0 / 570) * 180 / .pi, channelOffset: 0, rows: rows, rowHeight: 0.6,
      viewsPerRotation: views, photonsPerMas: 0.6e6)
  }

  /// The grid of the body and of the image: 384 mm wide, slices of 1.5 mm.
  public var grid: Grid {
    let voxel = 384 / Double(width)
    return Grid(shape: [width, width, slices], spacing: [voxel, voxel, 1.5])
  }

  /// A helix that sees every slice from all sides.
  public var scan: HelicalScan {
    HelicalScan(
      scanner: scanner, pitch: 1, covering: 0...Double(slices - 1) * 1.5,
      radius: scanner.fieldOfViewRadius)
  }

  /// An ellipsoid of water, 340 mm wide and 250 mm high, with two lungs and a spine; HU.
  public var body: Volume<Int16> {
    let grid = grid
    let length = Double(slices) * 1.5
    var volume = Volume<Int16>(grid: grid, repeating: -1000)
    for y in 0..<width {
      for x in 0..<width {
        for z in 0..<slices {
          let place =
            SIMD3(Double(x), Double(y), Double(z)) * grid.spacing
            - SIMD3(191.25, 191.25, length / 2)
          let p = place / [170, 125, 0.46 * length]
          let q = (SIMD3(abs(place.x), place.y, place.z) - [80, 0, 0]) / [50, 70, 0.23 * length]
          let spine = SIMD2(place.x, place.y - 85)
          guard (p * p).sum() < 1 else { continue }
          volume[x, y, z] =
            (q * q).sum() < 1 ? -750 : (spine * spine).sum() < 400 ? 800 : 0
        }
      }
    }
    return volume
  }

  /// A quantity that follows from the body's HU, as the projector takes it: attenuation unless told otherwise.
  public func object(
    workers: Workers,
    quantity: @escaping @Sendable (Float) -> Float = {
      max(0, ($0 + 1000) * Float(Workload.water / 1000))
    }
  ) -> VoxelObject<Int16> {
    guard let placement = try? GantryPlacement(of: grid, reference: grid) else {
      preconditionFailure("a grid is parallel to itself")
    }
    return VoxelObject(
      hu: body, placement: placement,
      radius: scanner.fieldOfViewRadius, workers: workers, quantity: quantity)
  }

  /// Photons and electronic noise at 200 mAs.
  public var noise: PhotonNoise {
    PhotonNoise(
      scanner: scanner, mas: 200, waterAttenuation: Self.water, stream: RandomStream(seed: 1))
  }

  /// Reconstructs readings onto the grid, or onto one column of it; slabs are dropped as they come.
  public func reconstruct(_ source: any ViewSource, oneColumn: Bool = false, workers: Workers)
    throws
  {
    var target = grid
    if oneColumn { target = Grid(shape: [1, 1, slices], spacing: grid.spacing) }
    try HelicalReconstruction(
      source: source,
      settings: .init(
        kernel: .standard, sliceThickness: 1.5, resolution: 1.5, waterAttenuation: Self.water),
      workers: workers
    ).reconstruct(onto: target) { _, _ in }
  }

  /// Readings of a scan, the rays of all views.
  public var rays: Double { Double(scan.viewCount) * 736 * Double(rows) }

  /// What back-projection adds to voxels: one reading a view of a rotation for those inside the circle.
  public var updates: Double {
    let radius = scanner.fieldOfViewRadius
    let voxel = grid.spacing.x
    var columns = 0
    for y in 0..<width {
      for x in 0..<width {
        let place = (SIMD2(Double(x), Double(y)) - Double(width - 1) / 2) * voxel
        if (place * place).sum() < radius * radius { columns += 1 }
      }
    }
    return Double(columns * slices * views)
  }
}

/// Readings that were kept: one rotation, over and over, so that they fit into memory.
public struct RecordedScan: ViewSource {
  /// The geometry, that of the whole helix.
  public let scan: HelicalScan
  private let readings: Readings

  /// Reads the rotation about the middle of `source`.
  public init(_ source: SimulatedScan) {
    scan = source.scan
    let views = scan.scanner.viewsPerRotation
    let first = max(0, scan.viewCount / 2 - views / 2)
    readings = Readings(views: views, of: scan.scanner)
    source.read(first..<first + views, into: readings)
  }

  /// Copies views; see `ViewSource`.
  public func read(_ range: Range<Int>, into target: Readings) {
    for (slot, view) in range.enumerated() {
      let kept = readings[view: view % scan.scanner.viewsPerRotation]
      _ = target[view: slot].memory.update(fromContentsOf: kept.memory)
    }
  }
}

extension ViewSource {
  /// Asks for all views, a batch at a time, and drops them.
  public func readAll() throws {
    let batch = 128
    let readings = Readings(views: batch, of: scan.scanner)
    for first in stride(from: 0, to: scan.viewCount, by: batch) {
      let views = first..<min(scan.viewCount, first + batch)
      try read(views, into: readings[views: 0..<views.count])
    }
  }
}
