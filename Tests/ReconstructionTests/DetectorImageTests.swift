import Acquisition
import CTScan
import Support
import TestSupport
import Testing
import Volumes

/// What focal spot, aperture and scatter do to images.
@Suite(.serialized) struct DetectorImageTests {
  private func image(
    _ hu: Volume<Float>, onto grid: Grid, kernel: String, _ change: (inout Scanner) -> Void
  ) throws -> Volume<Float> {
    var scanner = try Scanner.load("rows16")
    change(&scanner)
    return try CTSimulator(
      scanner: scanner, scanProtocol: ScanProtocol(name: "test", kernel: kernel)
    ).scan(hu, onto: grid, noiseless: true, stream: RandomStream(seed: 5), workers: Workers())
  }

  /// The Fourier transform of a smooth rod about the axis, with blur over without, is the product of sincs:
  /// all else, the kernel included, is the same in both.
  ///
  /// The rod is a Gaussian of 0.5 mm, which holds next to nothing beyond the channels' Nyquist frequency (0.86
  /// lp/mm): the edges of a sharp rod would fold back there, more without the blur than with it. Directions are
  /// averaged, because rays along the voxels' axes see the spectral copies of the raster (3.33 lp/mm, next to
  /// twice the channels' 1.71), which fold back to 0.6 lp/mm there and nowhere else. At 50 HU above air the rod
  /// attenuates so little that the mean of photons is the mean of line integrals.
  @Test func blurOfAnImageIsTheProductOfSincs() throws {
    let wide = Grid(shape: [64, 64, 24], spacing: [0.3, 0.3, 2.5])
    let grid = Grid(shape: [64, 64, 1], spacing: [0.3, 0.3, 2.5])
    var rod = Volume<Float>(grid: wide, repeating: -1000)
    for y in 0..<64 {
      for x in 0..<64 {
        let (u, v) = ((Double(x) - 31.5) * 0.3, (Double(y) - 31.5) * 0.3)
        for z in 0..<24 { rod[x, y, z] += Float(50 * exponential(-(u * u + v * v) / 0.5)) }
      }
    }
    let thin = try image(rod, onto: grid, kernel: "sharp") { _ in }
    let real = try image(rod, onto: grid, kernel: "sharp") {
      $0.focalSpot = 1.2
      $0.detectorAperture = 0.9
    }
    func transform(_ ct: Volume<Float>, _ f: Double) -> Double {
      var sum = 0.0
      for direction in 0..<24 {
        let angle = Double.pi * Double(direction) / 24
        let wave = SIMD2(cosine(angle), sine(angle)) * (2 * .pi * f)
        for y in 0..<64 {
          for x in 0..<64 {
            let place = (SIMD2(Double(x), Double(y)) - 31.5) * 0.3
            sum += (Double(ct[x, y, 0]) + 1000) * cosine((wave * place).sum())
          }
        }
      }
      return sum
    }
    var scanner = try Scanner.load("rows16")
    scanner.focalSpot = 1.2
    scanner.detectorAperture = 0.9
    let blur = try #require(ApertureBlur(scanner: scanner))
    for f in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] {
      let ratio = transform(real, f) / transform(thin, f) * transform(thin, 0) / transform(real, 0)
      // Measured: 0.003 up to 0.4 lp/mm and 0.010 at 0.6, what is left of the folding.
      #expect(abs(ratio - blur.modulation(at: f)) < 0.02, "\(ratio) at \(f)")
    }
  }

  /// The same along z, about the axis: the blur of rows of 1.25 mm, and of the spot, on a rod whose attenuation is a
  /// Gaussian of 1.5 mm along z, which holds next to nothing beyond the rows' Nyquist frequency (0.4 lp/mm).
  @Test func blurOfAnImageAlongZIsTheProductOfSincs() throws {
    let grid = Grid(shape: [1, 1, 48], spacing: [1, 1, 0.5])
    let rod = Ellipsoid.sampled(
      [Ellipsoid(center: [0, 0, 0], radii: [12, 12, 1e6], value: 1)], shape: [40, 40, 96],
      spacing: [1, 1, 0.25], first: [-19.5, -19.5, -11.875], background: 0)
    var hu = rod
    for index in hu.values.indices {
      let height = (Double(index % 96) - 47.5) * 0.25
      hu.values[index] =
        -1000 + rod.values[index] * Float(50 * exponential(-height * height / 4.5))
    }
    let thin = try image(hu, onto: grid, kernel: "standard") { _ in }
    let real = try image(hu, onto: grid, kernel: "standard") {
      $0.focalSpot = 1.2
      $0.detectorAperture = 0.9
    }
    func transform(_ ct: Volume<Float>, _ f: Double) -> Double {
      ct.values.enumerated().reduce(0.0) {
        $0 + Double($1.element + 1000) * cosine(2 * .pi * f * (Double($1.offset) - 23.5) * 0.5)
      }
    }
    var scanner = try Scanner.load("rows16")
    scanner.focalSpot = 1.2
    scanner.detectorAperture = 0.9
    let blur = try #require(ApertureBlur(scanner: scanner))
    for f in [0.05, 0.1, 0.15, 0.2, 0.25] {
      let ratio = transform(real, f) / transform(thin, f) * transform(thin, 0) / transform(real, 0)
      // Measured: 0.0002 up to 0.1 lp/mm and 0.0027 at 0.25, where rows fold a little more without the blur.
      #expect(abs(ratio - blur.axialModulation(at: f)) < 0.006, "\(ratio) at \(f)")
    }
  }

  /// Scatter darkens the middle of water; its correction brings it back.
  @Test func scatterCupsAndItsCorrectionDoesNot() throws {
    let wide = Grid(shape: [170, 170, 30], spacing: [2, 2, 2])
    let grid = Grid(shape: [85, 85, 2], spacing: [4, 4, 2])
    let water = Ellipsoid.sampled(
      [Ellipsoid(center: [0, 0, 0], radii: [160, 160, 1e6], value: 1000)], shape: wide.shape,
      spacing: wide.spacing, first: wide.affine.translation, background: -1000)
    func rings(_ correction: Double) throws -> (middle: Double, edge: Double) {
      let ct = try image(water, onto: grid, kernel: "standard") {
        $0.scatterToPrimary = 0.1
        $0.scatterCorrection = correction
      }
      var (inner, outer) = ((sum: 0.0, count: 0), (sum: 0.0, count: 0))
      for y in 0..<85 {
        for x in 0..<85 {
          let (u, v) = (Double(x - 42) * 4, Double(y - 42) * 4)
          let radius = (u * u + v * v).squareRoot()
          if radius < 40 { inner = (inner.sum + Double(ct[x, y, 0]), inner.count + 1) }
          if (120..<140).contains(radius) {
            outer = (outer.sum + Double(ct[x, y, 0]), outer.count + 1)
          }
        }
      }
      return (inner.sum / Double(inner.count), outer.sum / Double(outer.count))
    }
    let raw = try rings(0)
    let corrected = try rings(1)
    // ln 1.1 of a line integral of 6.2 is 15 HU of a mean, more in the middle.
    #expect(raw.middle < -12 && raw.middle < raw.edge - 5, "\(raw)")
    #expect(
      abs(corrected.middle) < 1.5 && abs(corrected.middle - corrected.edge) < 1.5, "\(corrected)")
  }
}
