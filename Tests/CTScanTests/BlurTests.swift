import Acquisition
import CTScan
import Painting
import Support
import Testing
import Volumes

/// Images without a scanner have the values, the resolution and the noise of scans.
@Suite(.serialized) struct BlurTests {
  private let workers = Workers(count: 2)

  /// A cylinder of water, 200 mm across, with a rod of 300 HU and 60 mm in its middle; a painted body of 1 mm.
  private func body() -> Body {
    let grid = Grid(shape: [220, 220, 60], spacing: [1, 1, 1])
    var hu = Volume<Float>(grid: grid, repeating: -1000)
    for y in 0..<220 {
      for x in 0..<220 {
        let (u, v) = (Double(x) - 109.5, Double(y) - 109.5)
        let r = (u * u + v * v).squareRoot()
        guard r < 100 else { continue }
        // Edges are a voxel wide, as those of painted bodies.
        let rod = min(1, max(0, 30.5 - r))
        for z in 0..<60 { hu[x, y, z] = Float(300 * rod) }
      }
    }
    return Body(grid: grid, channels: [.attenuation: hu])
  }

  private func image(
    _ imaging: ScanProtocol.Imaging?, kernel: String = "standard", mas: Double
  ) throws -> Volume<Float> {
    var settings = ScanProtocol(name: "test", mas: mas, kernel: kernel, sliceThickness: 3)
    settings.imaging = imaging
    let simulator = try CTSimulator(scanner: Scanner.load("rows64"), scanProtocol: settings)
    let grid = Grid(shape: [128, 128, 8], spacing: [0.8, 0.8, 3])
    return try simulator.image(
      of: body(), onto: grid, stream: RandomStream(seed: 2), workers: workers
    ) { _ in }
  }

  /// Mean and deviation within 18 mm of the axis, and in a ring of water, HU.
  private func figures(_ image: Volume<Float>) -> (
    rod: Double, water: Double, noise: Double, edge: Double
  ) {
    var (rod, squares, count) = (0.0, 0.0, 0.0)
    var (water, around) = (0.0, 0.0)
    var (inner, outer, ring) = (0.0, 0.0, 0.0)
    for y in 0..<128 {
      for x in 0..<128 {
        let (u, v) = ((Double(x) - 63.5) * 0.8, (Double(y) - 63.5) * 0.8)
        let r = (u * u + v * v).squareRoot()
        for z in 1..<7 {
          let value = Double(image[x, y, z])
          if r < 18 { (rod, squares, count) = (rod + value, squares + value * value, count + 1) }
          if r > 36, r < 46 { (water, around) = (water + value, around + 1) }
          // How far values at the edge lie from those of a step: the width of the blur.
          if r > 26, r < 34 {
            let step = r < 30 ? 300.0 : 0
            inner += abs(value - step)
            outer += 1
            ring += 1
          }
        }
      }
    }
    let mean = rod / count
    return (mean, water / around, (squares / count - mean * mean).squareRoot(), inner / ring)
  }

  @Test func valuesAndEdgesAreThoseOfAScan() throws {
    // So many mAs that noise does not count: below 2 HU.
    for kernel in ["smooth", "standard"] {
      let (scan, blur) = (
        figures(try image(nil, kernel: kernel, mas: 8000)),
        figures(try image(.blur, kernel: kernel, mas: 8000))
      )
      #expect(abs(scan.rod - blur.rod) < 3, "\(scan.rod) and \(blur.rod) HU")
      #expect(abs(scan.water - blur.water) < 3, "\(scan.water) and \(blur.water) HU")
      // A Gaussian stands for the window of the kernel: the area between edge and step agrees to a quarter.
      #expect(abs(scan.edge / blur.edge - 1) < 0.25, "\(kernel): \(scan.edge) and \(blur.edge) HU")
    }
  }

  /// As strong as that of a scan near the axis, but white: neighbours share nothing.
  @Test func noiseIsAsStrongButWhite() throws {
    let (scan, blur) = (try image(nil, mas: 60), try image(.blur, mas: 60))
    let (a, b) = (figures(scan).noise, figures(blur).noise)
    #expect(a > 5)
    #expect(abs(a / b - 1) < 0.15, "\(a) and \(b) HU")
    func correlation(_ image: Volume<Float>) -> Double {
      let mean = Float(figures(image).rod)
      var (product, square) = (0.0, 0.0)
      for y in 50..<78 {
        for x in 50..<77 {
          for z in 1..<7 {
            let (u, v) = (image[x, y, z] - mean, image[x + 1, y, z] - mean)
            (product, square) = (product + Double(u * v), square + Double(u * u))
          }
        }
      }
      return product / square
    }
    // 4500 pairs: a standard error of 0.015.
    #expect(abs(correlation(blur)) < 0.06)
    #expect(correlation(scan) > 0.2)
  }

  @Test func itIsTheSameForAnyNumberOfThreads() throws {
    var settings = ScanProtocol(name: "test", mas: 60)
    settings.imaging = .blur
    let simulator = try CTSimulator(scanner: Scanner.load("rows64"), scanProtocol: settings)
    let grid = Grid(shape: [48, 40, 4], spacing: [2, 2, 5])
    let body = body()
    let images = try [1, 3].map {
      try simulator.image(
        of: body, onto: grid, stream: RandomStream(seed: 2), workers: Workers(count: $0)
      ) { _ in }
    }
    #expect(images[0].values == images[1].values)
  }
}
