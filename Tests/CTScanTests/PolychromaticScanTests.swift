import Acquisition
import CTScan
import Support
import TestSupport
import Testing
import Volumes

/// Water of 200 mm with rods of bone at both sides, scanned at three tube voltages.
@Suite(.serialized) struct PolychromaticScanTests {
  private let grid = Grid(shape: [112, 112, 6], spacing: [2, 2, 2])

  private func image(kvp: Double?, bone: Double, mas: Double? = nil) throws -> Volume<Float> {
    let wide = grid.padded(before: [0, 0, 20], after: [0, 0, 20]).resampled(spacing: [1, 1, 2])
    let hu = Ellipsoid.sampled(
      [
        Ellipsoid(center: [0, 0, 0], radii: [100, 100, 1e6], value: 1000),
        Ellipsoid(center: [55, 0, 0], radii: [14, 14, 1e6], value: bone),
        Ellipsoid(center: [-55, 0, 0], radii: [14, 14, 1e6], value: bone),
      ], shape: wide.shape, spacing: wide.spacing, first: wide.affine.translation,
      background: -1000)
    return try CTSimulator(
      scanner: Scanner.load("rows16").halved,
      scanProtocol: ScanProtocol(name: "test", mas: mas ?? 200, kvp: kvp)
    ).scan(
      hu, onto: grid, noiseless: mas == nil, stream: RandomStream(seed: 2), workers: Workers())
  }

  private func values(_ ct: Volume<Float>, _ x: Double, _ y: Double, _ radius: Double) -> [Double] {
    var values: [Double] = []
    for j in 0..<112 {
      for i in 0..<112 {
        let (dx, dy) = ((Double(i) - 55.5) * 2 - x, (Double(j) - 55.5) * 2 - y)
        if dx * dx + dy * dy < radius * radius { values.append(Double(ct[i, j, 3])) }
      }
    }
    return values
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The correction is exact for water, whatever voltage and bow-tie: as flat as a scan of one energy.
  @Test(arguments: [70.0, 150]) func waterIsFlat(kvp: Double) throws {
    let ct = try image(kvp: kvp, bone: 0)
    for radius in [10.0, 30, 60, 85] { #expect(abs(mean(values(ct, 0, 0, radius))) < 1) }
    #expect(values(ct, 0, 0, 85).allSatisfy { abs($0) < 5 })
  }

  /// Bone reads the higher the lower the voltage, and darkens the water between two bones; one energy
  /// does neither.
  @Test func boneHardensTheBeam() throws {
    var bones: [Double] = []
    for kvp in [80.0, 120, 140] {
      let ct = try image(kvp: kvp, bone: 900)
      bones.append(mean(values(ct, 55, 0, 8)))
      let between = mean(values(ct, 0, 0, 12))
      #expect((-60 ... -3).contains(between), "\(between) HU at \(kvp) kVp")
    }
    #expect(bones[0] > bones[1] + 100 && bones[1] > bones[2] + 20, "\(bones)")
    // The volume's HU are those of 70 keV, about the effective energy of 120 kVp.
    #expect(abs(bones[1] - 900) < 90)
    let single = try image(kvp: nil, bone: 900)
    #expect(abs(mean(values(single, 0, 0, 12))) < 2)
    #expect(abs(mean(values(single, 55, 0, 8)) - 900) < 3)
  }

  /// Iodine is brighter the lower the voltage, as Beer's law has it; without a map of it the same HU are soft tissue,
  /// which reads the same at all voltages.
  @Test func iodineFollowsTheVoltage() throws {
    let hu = 10 * BasisMaterials.iodineHU
    let wide = grid.padded(before: [0, 0, 20], after: [0, 0, 20]).resampled(spacing: [1, 1, 2])
    func rods(_ value: Double, background: Float, water: Double) -> Volume<Float> {
      Ellipsoid.sampled(
        [
          Ellipsoid(center: [0, 0, 0], radii: [100, 100, 1e6], value: water),
          Ellipsoid(center: [55, 0, 0], radii: [14, 14, 1e6], value: value),
        ], shape: wide.shape, spacing: wide.spacing, first: wide.affine.translation,
        background: background)
    }
    let body = rods(hu, background: -1000, water: 1000)
    let contrast = rods(hu, background: 0, water: 0)
    for (kvp, least, most) in [(80.0, 400.0, 445.0), (120, 255, 285), (140, 220, 245)] {
      let simulator = try CTSimulator(
        scanner: Scanner.load("rows16").halved, scanProtocol: ScanProtocol(name: "test", kvp: kvp))
      func rod(_ contrast: Volume<Float>?) throws -> Double {
        mean(
          values(
            try simulator.scan(
              body, contrast: contrast, onto: grid, noiseless: true, stream: RandomStream(seed: 2),
              workers: Workers()), 55, 0, 8))
      }
      let read = try rod(contrast)
      #expect((least...most).contains(read), "\(read) HU at \(kvp) kVp")
      // The same as solids, without voxels: rods of voxels are a little larger or smaller than they should be.
      let solids = AnalyticPhantom([
        .init(.cylinder(center: [0, 0], radius: 100), hu: 0),
        .init(.cylinder(center: [55, 0], radius: 14), hu: hu, within: 0, contrast: hu),
      ])
      let exact = try simulator.scan(
        solids, onto: grid, noiseless: true, stream: RandomStream(seed: 2), workers: Workers())
      #expect(abs(read - mean(values(exact, 55, 0, 8))) < 1.5, "\(read) HU at \(kvp) kVp")
      if kvp == 120 { #expect(abs(try rod(nil) / hu - 1) < 0.1) }
    }
  }

  /// One energy needs no map: the HU say it all.
  @Test func oneEnergyKnowsNoIodine() throws {
    let body = Volume<Float>(grid: grid, repeating: 60)
    let contrast = Volume<Float>(grid: grid, repeating: 20)
    let simulator = try CTSimulator(
      scanner: Scanner.load("rows16").halved, scanProtocol: ScanProtocol(name: "test"))
    func image(_ contrast: Volume<Float>?) throws -> Volume<Float> {
      try simulator.scan(
        body, contrast: contrast, onto: grid, noiseless: true, stream: RandomStream(seed: 2),
        workers: Workers())
    }
    #expect(try image(contrast).values == image(nil).values)
  }

  /// Less dose and a lower voltage mean more noise; quarter the dose, twice the noise.
  @Test func noiseFollowsDoseAndVoltage() throws {
    func noise(_ kvp: Double, _ mas: Double) throws -> Double {
      let values = values(try image(kvp: kvp, bone: 0, mas: mas), 0, 0, 60)
      let mean = mean(values)
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
        .squareRoot()
    }
    let usual = try noise(120, 100)
    // 2800 voxels, correlated over a few: 4 % each.
    #expect(abs(try noise(120, 25) / usual - 2) < 0.2)
    #expect(try noise(80, 100) > 1.3 * usual)
    #expect(try noise(140, 100) < usual)
  }
}
