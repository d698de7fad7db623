import Acquisition
import Reconstruction
import TestSupport
import Testing
import Volumes

/// A scan without noise through the whole chain: HU in, HU out.
struct Chain {
  static let rows16 = Scanner(
    name: "rows16", sourceToIsocenter: 541, sourceToDetector: 949, channels: 444, fanAngle: 54.9,
    rows: 16, rowHeight: 1.25, viewsPerRotation: 492)
  static let rows64 = Scanner(
    name: "rows64", sourceToIsocenter: 595, sourceToDetector: 1086, channels: 368, fanAngle: 49.95,
    rows: 64, rowHeight: 0.6, viewsPerRotation: 576)

  static func scan(
    _ hu: Volume<Float>, onto grid: Grid, scanner: Scanner, pitch: Double = 1,
    kernel: ReconstructionKernel = .standard, firstAngle: Double = 0.3,
    noise: QuantumNoise? = nil, thickness: Double? = nil
  ) throws -> Volume<Float> {
    let water = Water.attenuation(at: 70)
    let placement = try GantryPlacement(of: hu.grid, reference: grid)
    let body = AttenuationVolume(
      hu: hu, placement: placement, waterAttenuation: water, radius: scanner.fieldOfViewRadius,
      workers: Workers())
    let height = Double(grid.shape.z - 1) * grid.spacing.z
    let scan = HelicalScan(
      scanner: scanner, pitch: pitch, covering: 0...max(height, 0.1),
      radius: scanner.fieldOfViewRadius, firstAngle: firstAngle)
    let source = SimulatedScan(scan: scan, body: body, noise: noise, workers: Workers())
    return try HelicalReconstruction(
      source: source,
      settings: .init(
        kernel: kernel, sliceThickness: thickness ?? grid.spacing.z, waterAttenuation: water),
      workers: Workers()
    ).reconstruct(onto: grid)
  }
}

@Suite(.serialized) struct HelicalReconstructionTests {
  /// A long water cylinder of 320 mm, the scanned volume 40 mm longer at both ends.
  @Test(arguments: [(16, 0.9), (16, 1.375), (64, 0.6), (64, 1.0), (64, 1.4)])
  func waterReadsZeroEverywhere(rows: Int, pitch: Double) throws {
    let spacing = SIMD3(2.5, 2.5, 2.0)
    let grid = Grid(shape: [144, 144, 30], spacing: spacing)
    let wide = grid.padded(before: [0, 0, 20], after: [0, 0, 20])
    let first = wide.affine.translation
    let cylinder = Ellipsoid(center: [0, 0, 0], radii: [160, 160, 1e6], value: 1000)
    let hu = Ellipsoid.sampled(
      [cylinder], shape: wide.shape, spacing: spacing, first: first, background: -1000)
    let ct = try Chain.scan(
      hu, onto: grid, scanner: rows == 16 ? Chain.rows16 : Chain.rows64, pitch: pitch)
    var worst: (value: Float, at: SIMD3<Int>) = (0, [0, 0, 0])
    var sliceMeans: [Double] = []
    var rings = [(sum: Double, count: Int)](repeating: (0, 0), count: 15)
    for z in 0..<30 {
      var (sum, count) = (0.0, 0)
      for y in 0..<144 {
        for x in 0..<144 {
          let (px, py) = ((Double(x) - 71.5) * 2.5, (Double(y) - 71.5) * 2.5)
          let radius = (px * px + py * py).squareRoot()
          guard radius < 150 else { continue }
          let value = ct[x, y, z]
          rings[Int(radius / 10)].sum += Double(value)
          rings[Int(radius / 10)].count += 1
          // The last four voxels before the edge ring where the voxelised edge runs along an axis.
          guard radius < 145 else { continue }
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
    #expect(abs(sliceMeans.reduce(0, +) / 30) < 1, "\(sliceMeans)")
  }

  /// A small sphere far from the axis and a smaller one elsewhere must come back where they were:
  /// centroid within 0.1 voxel on all axes, which a flip of any axis would break.
  @Test(arguments: [16, 64]) func spheresComeBackAtTheirPlace(rows: Int) throws {
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
    let ct = try Chain.scan(hu, onto: grid, scanner: rows == 16 ? Chain.rows16 : Chain.rows64)
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
      spacing: [5, 5, 3], first: grid.padded(before: [0, 0, 8], after: [0, 0, 8]).affine.translation,
      background: -1000)
    let scanner = Chain.rows16
    let water = Water.attenuation(at: 70)
    let results = try [1, 3].map { threads in
      let workers = Workers(count: threads)
      let body = AttenuationVolume(
        hu: hu, placement: try GantryPlacement(of: hu.grid, reference: grid),
        waterAttenuation: water, radius: 240, workers: workers)
      let scan = HelicalScan(scanner: scanner, pitch: 1, covering: 0...21, radius: 200)
      let noise = QuantumNoise(
        scanner: scanner, mas: 100, waterAttenuation: water, stream: RandomStream(seed: 5))
      return try HelicalReconstruction(
        source: SimulatedScan(scan: scan, body: body, noise: noise, workers: workers),
        settings: .init(kernel: .standard, sliceThickness: 3, waterAttenuation: water),
        workers: workers
      ).reconstruct(onto: grid)
    }
    #expect(results[0] == results[1])
  }
}
