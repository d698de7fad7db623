import Acquisition
import Painting
import Support
import Testing
import Volumes

@testable import CTScan

/// A protocol's `window`: the image with its values beyond it replaced, and nothing else.
@Suite struct ImageWindowTests {
  private let workers = Workers(count: 2)

  /// A square rod of 500 HU in a square of water, in air.
  private func body() -> Volume<Float> {
    var hu = Volume<Float>(
      grid: Grid(shape: [60, 60, 20], spacing: [2, 2, 2]), repeating: -1000)
    for y in 10..<50 {
      for x in 10..<50 {
        let isRod = (25..<35).contains(x) && (25..<35).contains(y)
        for z in 0..<20 { hu[x, y, z] = isRod ? 500 : 0 }
      }
    }
    return hu
  }

  /// With and without cone correction, as a whole and slab by slab, and without a scanner.
  @Test(arguments: ["rows16", "rows64"]) func windowReplacesWhatIsBeyond(scanner: String) throws {
    let scanner = try Scanner.load(scanner)
    let window = -160.0...240.0
    let plain = ScanProtocol(name: "plain")
    var windowed = plain
    windowed.window = window
    let grid = Grid(shape: [48, 48, 6], spacing: [2, 2, 2])
    let hu = body()
    let stream = RandomStream(seed: 4)
    for imaging in ScanProtocol.Imaging.allCases {
      func image(_ settings: ScanProtocol) throws -> Volume<Float> {
        var settings = settings
        settings.imaging = imaging
        return try CTSimulator(scanner: scanner, scanProtocol: settings).image(
          of: Body(grid: hu.grid, channels: [.attenuation: hu]), onto: grid, stream: stream,
          workers: workers
        ) { _ in }
      }
      let whole = try image(plain)
      #expect(whole.values.min()! < -500 && whole.values.max()! > 400)
      #expect(try image(windowed).values == whole.values.map { min(max($0, -160), 240) })
    }
    let simulator = try CTSimulator(scanner: scanner, scanProtocol: windowed)
    let source = try simulator.source(
      hu, reference: grid, noiseless: false, stream: stream, workers: workers)
    try simulator.reconstruction(of: source, onto: grid, workers: workers).reconstruct(onto: grid) {
      slab, _ in
      #expect(slab.values.min() == -160 && slab.values.max() == 240)
    }
  }
}
