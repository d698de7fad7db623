import Acquisition
import Reconstruction
import Volumes

/// Workload W1: 256³ voxels of 1.5 mm, 736 channels x 64 rows, 720 views a rotation, pitch 1, eleven
/// rotations; forward projection, noise, reconstruction onto the same grid, each timed.
///
/// `swift run -c release --package-path Benchmarks w1`
@main
struct W1 {
  static func main() throws {
    let scanner = Scanner(
      name: "W1", sourceToIsocenter: 570, sourceToDetector: 1040, channels: 736,
      fanAngle: 2 * arcsine(200.0 / 570) * 180 / .pi, channelOffset: 0, rows: 64, rowHeight: 0.6,
      viewsPerRotation: 720)
    let workers = Workers()
    let hu = body()
    let grid = hu.grid
    let clock = ContinuousClock()
    let placement = try GantryPlacement(of: grid, reference: grid)
    var attenuation: AttenuationVolume!
    report(
      "layout",
      clock.measure {
        attenuation = AttenuationVolume(
          hu: hu, placement: placement, waterAttenuation: 0.02, radius: 200, workers: workers)
      })
    // Eleven rotations centred on the volume.
    let scan = HelicalScan(
      scanner: scanner, pitch: 1, covering: 30...352, radius: 100)
    let rays = Double(scan.viewCount) * 736 * 64
    print("\(scan.viewCount) views")
    var lines = [Float](repeating: 0, count: 128 * scanner.viewStride)
    for noisy in [false, true] {
      let noise =
        noisy
        ? QuantumNoise(
          scanner: scanner, mas: 200, waterAttenuation: 0.02, stream: RandomStream(seed: 1)) : nil
      let source = SimulatedScan(scan: scan, body: attenuation, noise: noise, workers: workers)
      let time = clock.measure {
        lines.withUnsafeMutableBufferPointer { buffer in
          for first in stride(from: 0, to: scan.viewCount, by: 128) {
            source.read(first..<min(scan.viewCount, first + 128), into: buffer)
          }
        }
      }
      report(noisy ? "forward and noise" : "forward", time, rays / 1e6, "M rays")
    }
    let source = SimulatedScan(scan: scan, body: attenuation, noise: nil, workers: workers)
    let time = try clock.measure {
      _ = try HelicalReconstruction(
        source: source,
        settings: .init(kernel: .standard, sliceThickness: 1.5, waterAttenuation: 0.02),
        workers: workers
      ).reconstruct(onto: grid)
    }
    report("forward and reconstruction", time)
  }

  static func report(_ what: String, _ time: Duration, _ work: Double = 0, _ unit: String = "") {
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    let rate = work > 0 ? ", \(Int(work / seconds)) \(unit)/s" : ""
    print("\(what): \((seconds * 100).rounded() / 100) s\(rate)")
  }

  static func body() -> Volume<Float> {
    let grid = Grid(shape: [256, 256, 256], spacing: [1.5, 1.5, 1.5])
    var volume = Volume<Float>(grid: grid, repeating: -1000)
    for y in 0..<256 {
      for x in 0..<256 {
        for z in 0..<256 {
          let p = (SIMD3(Double(x), Double(y), Double(z)) - 127.5) * 1.5 / [170, 125, 175]
          let q =
            (SIMD3(abs(Double(x) - 127.5), Double(y), Double(z)) - [53, 127.5, 140]) * 1.5 / [
              50, 70, 90,
            ]
          if (p * p).sum() < 1 { volume[x, y, z] = (q * q).sum() < 1 ? -750 : 0 }
        }
      }
    }
    return volume
  }
}
