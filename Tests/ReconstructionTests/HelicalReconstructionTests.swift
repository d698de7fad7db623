import Acquisition
import CTScan
import Support
import TestSupport
import Testing
import Volumes

/// A phantom through the whole chain: HU in, HU out.
func scan(
  _ hu: Volume<Float>, onto grid: Grid, scanner: String, pitch: Double = 1, mas: Double? = nil,
  kernel: String = "standard", thickness: Double? = nil, correctsCone: Bool? = nil,
  workers: Workers = Workers()
) throws -> Volume<Float> {
  var scanProtocol = ScanProtocol(
    name: "test", mas: mas ?? 200, pitch: pitch, kernel: kernel, sliceThickness: thickness)
  scanProtocol.correctsCone = correctsCone
  let simulator = try CTSimulator(
    scanner: Scanner.load(scanner), scanProtocol: scanProtocol)
  return try simulator.scan(
    hu, onto: grid, noiseless: mas == nil, stream: RandomStream(seed: 11), workers: workers)
}

@Suite(.serialized) struct HelicalReconstructionTests {
  /// A long water cylinder of 320 mm, the scanned volume 40 mm longer at both ends.
  @Test(arguments: [
    ("rows16", 1.375), ("rows64", 0.6), ("rows64", 1.4),
  ])
  func waterReadsZeroEverywhere(scanner: String, pitch: Double) throws {
    let spacing = SIMD3(2.0, 2.0, 2.0)
    let grid = Grid(shape: [172, 172, 24], spacing: spacing)
    // Finer voxels in the plane than the image's: their staircase would ring inside the edge.
    let wide = grid.padded(before: [0, 0, 20], after: [0, 0, 20]).resampled(spacing: [1, 1, 2])
    let first = wide.affine.translation
    let cylinder = Ellipsoid(center: [0, 0, 0], radii: [160, 160, 1e6], value: 1000)
    let hu = Ellipsoid.sampled(
      [cylinder], shape: wide.shape, spacing: wide.spacing, first: first, background: -1000)
    let ct = try scan(hu, onto: grid, scanner: scanner, pitch: pitch)
    var worst: (value: Float, at: SIMD3<Int>) = (0, [0, 0, 0])
    var sliceMeans: [Double] = []
    var rings = [(sum: Double, count: Int)](repeating: (0, 0), count: 15)
    for z in 0..<24 {
      var (sum, count) = (0.0, 0)
      for y in 0..<172 {
        for x in 0..<172 {
          let (px, py) = ((Double(x) - 85.5) * 2, (Double(y) - 85.5) * 2)
          let radius = (px * px + py * py).squareRoot()
          guard radius < 150 else { continue }
          let value = ct[x, y, z]
          rings[Int(radius / 10)].sum += Double(value)
          rings[Int(radius / 10)].count += 1
          // Single voxels ring near the edge, where the voxelised edge runs along an axis.
          guard radius < 138 else { continue }
          sum += Double(value)
          count += 1
          if abs(value) > abs(worst.value) { worst = (value, [x, y, z]) }
        }
      }
      sliceMeans.append(sum / Double(count))
    }
    let profile = rings.map { $0.sum / Double($0.count) }
    // No cupping from centre to edge.
    #expect(profile.max()! - profile.min()! < 1, "\(profile)")
    #expect(abs(worst.value) < 5, "\(worst)")
    // No step or shading along z.
    #expect(sliceMeans.max()! - sliceMeans.min()! < 1, "\(sliceMeans)")
    #expect(abs(sliceMeans.reduce(0, +) / 24) < 1, "\(sliceMeans)")
  }

  /// Reconstructed for fine voxels, an image of coarse ones holds every fourth voxel of a fine image;
  /// without, it holds means.
  @Test func coarseImageOfAFineReconstructionIsSampled() throws {
    let body = Grid(shape: [140, 140, 60], spacing: [1, 1, 2])
    let hu = Ellipsoid.sampled(
      [
        Ellipsoid(center: [0, 0, 0], radii: [60, 50, 1e6], value: 1000),
        Ellipsoid(center: [20, 5, 0], radii: [9, 9, 1e6], value: 800),
      ], shape: body.shape, spacing: body.spacing, first: body.affine.translation,
      background: -1000)
    // Same centre, so that every coarse voxel's centre is that of a fine one.
    let coarse = Grid(shape: [35, 35, 4], spacing: [4, 4, 2])
    let fine = Grid(shape: [137, 137, 4], spacing: [1, 1, 2])
    func image(_ grid: Grid, resolution: Double?) throws -> Volume<Float> {
      try CTSimulator(
        scanner: Scanner.load("rows16"),
        scanProtocol: ScanProtocol(name: "test", resolution: resolution)
      ).scan(hu, onto: grid, noiseless: true, stream: RandomStream(seed: 4), workers: Workers())
    }
    let points = try image(coarse, resolution: 1)
    let means = try image(coarse, resolution: nil)
    let whole = try image(fine, resolution: nil)
    var (sampled, averaged) = (0.0, 0.0)
    for y in 0..<35 {
      for x in 0..<35 {
        let value = whole[4 * x, 4 * y, 2]
        sampled += Double((points[x, y, 2] - value) * (points[x, y, 2] - value))
        averaged += Double((means[x, y, 2] - value) * (means[x, y, 2] - value))
      }
    }
    // The scans differ by the few views that the wider image takes at both ends.
    #expect(
      sampled < 0.001 * averaged,
      "RMS \((sampled / 1225).squareRoot()) and \((averaged / 1225).squareRoot()) HU")
  }

  /// A small sphere far from the axis and a smaller one elsewhere must come back where they were:
  /// centroid within 0.1 voxel on all axes, which a flip of any axis would break.
  @Test(arguments: ["rows16", "rows64"]) func spheresComeBackAtTheirPlace(scanner: String) throws {
    let spacing = SIMD3(1.5, 1.5, 1.5)
    let grid = Grid(shape: [160, 140, 40], spacing: spacing)
    let wide = grid.padded(before: [0, 0, 20], after: [0, 0, 20])
    let spheres = [
      Ellipsoid(center: [80.4, 30.3, 10.7], radii: [6, 6, 6], value: 500),
      Ellipsoid(center: [-60.2, -50.8, -12.2], radii: [6, 6, 6], value: 500),
      Ellipsoid(center: [5.1, 70.6, -3.4], radii: [6, 6, 6], value: 500),
    ]
    let body = Ellipsoid(center: [0, 0, 0], radii: [115, 95, 1e6], value: 1000)
    let hu = Ellipsoid.sampled(
      [body] + spheres, shape: wide.shape, spacing: spacing, first: wide.affine.translation,
      background: -1000)
    let ct = try scan(hu, onto: grid, scanner: scanner)
    for sphere in spheres {
      let index = grid.affine.inverse.apply(sphere.center)
      var (mass, moment) = (0.0, SIMD3<Double>(0, 0, 0))
      for y in Int(index.y) - 8...Int(index.y) + 9 {
        for x in Int(index.x) - 8...Int(index.x) + 9 {
          for z in max(0, Int(index.z) - 8)...min(39, Int(index.z) + 9) {
            let value = Double(ct[x, y, z])
            guard value > 100 else { continue }
            mass += value
            moment += SIMD3(Double(x), Double(y), Double(z)) * value
          }
        }
      }
      let gap = moment / mass - index
      #expect(
        abs(gap.x) < 0.1 && abs(gap.y) < 0.1 && abs(gap.z) < 0.1,
        "sphere at \(index): off by \(gap), mass \(mass)")
    }
  }

  /// The same bytes on one thread and on many.
  @Test func doesNotDependOnThreads() throws {
    let grid = Grid(shape: [48, 48, 8], spacing: [5, 5, 3])
    let hu = Ellipsoid.sampled(
      [Ellipsoid(center: [10, 0, 0], radii: [80, 60, 1e6], value: 1000)], shape: [48, 48, 24],
      spacing: [5, 5, 3],
      first: grid.padded(before: [0, 0, 8], after: [0, 0, 8]).affine.translation,
      background: -1000)
    let results = try [1, 3].map {
      try scan(hu, onto: grid, scanner: "rows16", mas: 100, workers: Workers(count: $0))
    }
    #expect(results[0] == results[1])
  }

  /// A window of views never fits into 64 MiB: one line before it is asked for.
  @Test func aMemoryLimitIsHeld() throws {
    let grid = Grid(shape: [32, 32, 8], spacing: [5, 5, 3])
    let air = Volume<Float>(grid: grid, repeating: -1000)
    let error = #expect(throws: MaskCTError.self) {
      try scan(
        air, onto: grid, scanner: "rows64", mas: 100,
        workers: Workers(memory: MemoryLimit(bytes: 64 << 20)))
    }
    #expect(error?.description.contains("more than the memory limit of 64 MiB") == true)
  }

  /// Noise in a water cylinder: absolute value, and the laws sd ~ mAs^(-1/2) and thickness^(-1/2).
  @Test func noiseFollowsDoseAndThickness() throws {
    let wide = Grid(shape: [170, 170, 60], spacing: [2, 2, 2])
    let water = Ellipsoid.sampled(
      [Ellipsoid(center: [0, 0, 0], radii: [160, 160, 1e6], value: 1000)],
      shape: wide.shape, spacing: wide.spacing, first: wide.affine.translation, samples: 2,
      background: -1000)
    // Slices 6 mm apart share no reading to speak of; the middle of the phantom only.
    let grid = Grid(shape: [72, 72, 6], spacing: [0.8, 0.8, 8])
    func deviation(mas: Double, thickness: Double) throws -> Double {
      // `ConeCorrectionTests` shows that the correction leaves noise as it is.
      let ct = try scan(
        water, onto: grid, scanner: "rows64", mas: mas, thickness: thickness, correctsCone: false)
      let n = Double(ct.values.count)
      let mean = ct.values.reduce(0) { $0 + Double($1) } / n
      #expect(abs(mean) < 3, "water reads \(mean) HU")
      let variance = ct.values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n
      return variance.squareRoot()
    }
    let reference = try deviation(mas: 200, thickness: 5)
    let thick = try deviation(mas: 200, thickness: 10)
    let quarter = try deviation(mas: 50, thickness: 5)
    let thin = try deviation(mas: 200, thickness: 2.5)
    // About 1500 independent patches: 2 % of standard error in each deviation.
    #expect(abs(quarter / reference - 2) < 0.16, "\(reference) to \(quarter)")
    // A box of n rows at any height between them, interpolated linearly, has the variance (n - 1/3) / n^2:
    // n is 4.2 and 16.7 rows, which makes 1.94 of 2.
    #expect(abs(thin / thick - 1.94) < 0.16, "\(thick) to \(thin)")
    // An Aquilion shows 10 HU at 500 mAs and 8 mm (`PublishedScan.aquilion320`): 20 HU here.
    #expect((18...22).contains(reference), "32 cm: \(reference) HU")
  }
}
