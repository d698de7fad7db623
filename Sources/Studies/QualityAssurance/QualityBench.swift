public import Acquisition
internal import CTScan
public import Support
import Volumes

/// The scanner under test, and how phantoms are put through it.
public struct QualityBench: Sendable {
  /// The scanner under test.
  public private(set) var scanner: Scanner
  /// The protocol whose dose, pitch and kernel hold where a measurement does not vary them.
  public let scanProtocol: ScanProtocol
  /// Fewer voltages, pitches and slices: a look, not an acceptance test.
  public let isQuick: Bool
  /// Of noise and start angles.
  public let seed: UInt64
  /// Threads.
  public let workers: Workers

  /// Prepares a bench.
  ///
  /// - Throws: `MaskCTError` for a protocol that cannot be run.
  public init(
    scanner: Scanner, scanProtocol: ScanProtocol, isQuick: Bool, seed: UInt64 = 1,
    workers: Workers
  ) throws(MaskCTError) {
    // Refuses a bad protocol before any scan, and takes its rows and its bow-tie filter.
    self.scanner = try CTSimulator(scanner: scanner, scanProtocol: scanProtocol).scanner
    self.scanProtocol = scanProtocol
    self.isQuick = isQuick
    self.seed = seed
    self.workers = workers
  }

  /// The protocol's beam: its voltage, or one energy.
  var usualKVp: Double? { scanProtocol.kvp }

  /// The bench with a focal spot of 1 mm and elements that count over nine tenths of their width and height, where the scanner
  /// states neither: what XCIST takes for a scanner that it knows nothing else of.
  ///
  /// Without them every reading is that of one thin ray. In bodies of voxels nothing is finer than a voxel, but
  /// solids have edges of any fineness, and thin rays fold them to shades that no detector reads.
  var withFiniteElements: QualityBench {
    var bench = self
    if scanner.focalSpot == nil && scanner.detectorAperture == nil {
      (bench.scanner.focalSpot, bench.scanner.detectorAperture) = (1, 0.9)
    }
    return bench
  }

  /// The image of a phantom.
  ///
  /// - Parameters:
  ///   - grid: axes along the phantom's; its in-plane centre is the axis of rotation.
  ///   - change: what differs from the protocol.
  func image(
    _ phantom: some ScannedPhantom, onto grid: Grid, noiseless: Bool = true, name: String = "",
    _ change: (inout ScanProtocol) -> Void = { _ in }
  ) throws -> Volume<Float> {
    var settings = scanProtocol
    change(&settings)
    let stream = RandomStream(seed: seed).split(name)
    return try CTSimulator(scanner: scanner, scanProtocol: settings).scan(
      phantom, onto: grid, noiseless: noiseless, stream: stream, workers: workers)
  }

  /// A grid about the middle of the gantry: square pixels, and heights about 0.
  func grid(
    width: Double, pixel: Double, slices: Int, spacing: Double, height: Double = 0
  ) -> Grid {
    let count = max(1, Int((width / pixel).rounded()))
    return Grid(
      shape: [count, count, slices], spacing: [pixel, pixel, spacing], center: [0, 0, height])
  }

  /// Whether the scanner sees a phantom of this diameter (mm) whole, with air around it.
  func fitting(_ diameter: Double) -> Bool { scanner.fieldOfViewRadius > diameter / 2 + 5 }
}
