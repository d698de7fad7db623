import Support
import TestSupport
import Testing
import Volumes
@testable import Acquisition

@Suite struct VoxelObjectTests {
  private let scanner = Scanner(
    name: "test", sourceToIsocenter: 570, sourceToDetector: 1040, channels: 180,
    fanAngle: 2 * arcsine(200.0 / 570) * 180 / .pi, rows: 16, rowHeight: 1.2, viewsPerRotation: 60)

  /// An oblique body, so that every slice differs, five slabs high.
  private let hu = Ellipsoid.sampled(
    [
      Ellipsoid(center: [0, 0, 0], radii: [150, 120, 1e6], value: 1000),
      Ellipsoid(center: [40, 20, 60], radii: [50, 30, 110], value: 400),
      Ellipsoid(center: [-50, -20, -90], radii: [30, 50, 70], value: -700),
    ], shape: [64, 56, 300], spacing: [5, 5, 1], first: [-157.5, -137.5, -149.5], background: -1000)

  private var placement: GantryPlacement {
    GantryPlacement(first: [-157.5, -137.5, -149.5], spacing: [5, 5, 1])
  }
  private var scan: HelicalScan {
    HelicalScan(scanner: scanner, pitch: 1, covering: -140...140, radius: 150)
  }

  private func attenuation(_ hu: Float) -> Float { max(0, (hu + 1000) * 2e-5) }

  private func readings(_ body: any ScannedObject, batch: Int) -> [Float] {
    let source = SimulatedScan(scan: scan, body: body, noise: nil, workers: Workers())
    var lines = [Float](repeating: 0, count: scan.viewCount * scanner.viewStride)
    lines.withUnsafeMutableBufferPointer { lines in
      for first in stride(from: 0, to: scan.viewCount, by: batch) {
        let views = first..<min(first + batch, scan.viewCount)
        let part = lines[first * scanner.viewStride..<views.upperBound * scanner.viewStride]
        source.read(
          views,
          into: Readings(
            views: views.count, of: scanner, in: UnsafeMutableBufferPointer(rebasing: part)))
      }
    }
    return lines
  }

  private func object<Number: HounsfieldNumber>(_ hu: Volume<Number>) -> VoxelObject<Number> {
    VoxelObject(
      hu: hu, placement: placement, radius: 190, workers: Workers(), quantity: attenuation)
  }

  @Test func slabsAreTheWholeBody() throws {
    let layout = SlabLayout(
      slices: 300, first: -149.5, spacing: 1, reach: scanner.axialReach(radius: 190))
    #expect(Set((0..<scan.viewCount).map { layout.slab(at: scan.height(ofView: $0)) }).count > 2)
    let whole = readings(
      AttenuationVolume(
        hu: hu, placement: placement, radius: 190, workers: Workers(), quantity: attenuation),
      batch: scan.viewCount)
    let slabs = readings(object(hu), batch: 64)
    // Heights are told in float32 slices from a slab's beginning, not the body's: 2e-5 of a slice, between
    // slices that differ by up to 1700 HU over a few mm of a ray.
    let worst = zip(whole, slabs).map { abs($0 - $1) }.max()!
    #expect(whole.max()! > 5)
    #expect(worst < 5e-5, "\(worst)")
  }

  /// Which slab a view is projected through depends on the view alone.
  @Test func readingsDoNotDependOnHowTheyAreAskedFor() {
    #expect(readings(object(hu), batch: 64) == readings(object(hu), batch: 7))
  }

  @Test func integersAreTheSameBody() {
    let integers = hu.map { Int16($0.rounded()) }
    #expect(
      readings(object(integers), batch: 64) == readings(object(integers.map(Float.init)), batch: 64)
    )
  }

  /// Contrast medium is taken away voxel by voxel before anything else.
  @Test func contrastIsTakenAway() {
    var contrast = Volume<Float>(grid: hu.grid, repeating: 0)
    for index in contrast.values.indices { contrast.values[index] = Float(index % 97) }
    var without = hu
    for index in without.values.indices { without.values[index] -= contrast.values[index] }
    let object = VoxelObject(
      hu: hu, without: contrast, placement: placement, radius: 190, workers: Workers(),
      quantity: attenuation)
    #expect(readings(object, batch: 64) == readings(self.object(without), batch: 64))
    #expect(readings(object, batch: 64) != readings(self.object(hu), batch: 64))
  }

  /// No view sees a slice that its slab does not hold, wherever it is and however thin slices are.
  @Test(arguments: [0.4, 1.0, 3.0, 30.0]) func slabsHoldAllThatViewsSee(spacing: Double) {
    let (slices, reach) = (257, 27.3)
    let layout = SlabLayout(slices: slices, first: -50, spacing: spacing, reach: reach)
    for height in stride(from: -150, through: Double(slices) * spacing + 50, by: 0.7) {
      let slab = layout.slab(at: height)
      let low = Int(((height - reach + 50) / spacing).rounded(.down))
      let high = Int(((height + reach + 50) / spacing).rounded(.up))
      #expect(!slab.isEmpty && slab.lowerBound >= 0 && slab.upperBound <= slices)
      #expect(slab.lowerBound <= max(0, min(low, slices - 1)))
      #expect(slab.upperBound > min(slices - 1, max(high, 0)))
    }
  }
}
