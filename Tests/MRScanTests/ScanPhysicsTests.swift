import Painting
import Support
import Testing
import Tissues
import Volumes

@testable import MRScan

/// What a scan does to a body, against what physics says.
@Suite struct ScanPhysicsTests {
  private let workers = Workers()
  private let stream = RandomStream(seed: 3)

  private func scanner(_ p: MRProtocol) throws -> MRScanner { try MRScanner(scanProtocol: p) }

  @Test("air is Rician: its mean is sigma sqrt(pi / 2)")
  func ricianBackground() throws {
    let p = Phantom.plain(.spinEcho, tr: 500, te: 10)
    let scanner = try scanner(p)
    let grid = Grid(shape: [96, 96, 4], spacing: [1, 1, 5])
    let body = Phantom.body(grid, for: scanner) { _ in [] }
    let image = try scanner.scan(body, onto: grid, stream: stream, workers: workers)
    let sigma = scanner.noise(extent: grid.extent) * Double(MRScanner.gain)
    let mean = image.values.reduce(0) { $0 + Double($1) } / Double(image.values.count)
    #expect(abs(mean / (sigma * (Double.pi / 2).squareRoot()) - 1) < 0.02, "\(mean) \(sigma)")
    // And its distribution: mean square 2 sigma^2, fourth moment 8 sigma^4.
    let square = image.values.reduce(0) { $0 + Double($1) * Double($1) } / Double(grid.count)
    let fourth = image.values.reduce(0) { $0 + power(Double($1), 4) } / Double(grid.count)
    #expect(abs(square / (2 * sigma * sigma) - 1) < 0.03)
    #expect(abs(fourth / (8 * power(sigma, 4)) - 1) < 0.08)
  }

  @Test("noise of several coils is noncentral chi: mean square 2 n sigma^2 in air")
  func coils() throws {
    var p = Phantom.plain(.spinEcho, tr: 500, te: 10)
    p.coils = 4
    let scanner = try scanner(p)
    let grid = Grid(shape: [64, 64, 4], spacing: [1, 1, 5])
    let body = Phantom.body(grid, for: scanner) { _ in [] }
    let image = try scanner.scan(body, onto: grid, stream: stream, workers: workers)
    let sigma = scanner.noise(extent: grid.extent) * Double(MRScanner.gain)
    let square = image.values.reduce(0) { $0 + Double($1) * Double($1) } / Double(grid.count)
    #expect(abs(square / (8 * sigma * sigma) - 1) < 0.03)
  }

  @Test("an edge rings by 9 % of its height")
  func gibbs() throws {
    var p = Phantom.plain(.spinEcho, tr: 5000, te: 10)
    p.voxel = [6, 6]
    let scanner = try scanner(p)
    let grid = Grid(shape: [200, 200, 3], spacing: [1, 1, 5])
    let water = Phantom.tissue(water: 1)
    let body = Phantom.body(grid, for: scanner) {
      abs($0.x) < 60 && abs($0.y) < 60 ? [(1, water)] : []
    }
    let image = try scanner.scan(
      body, onto: grid, noiseless: true, stream: stream, workers: workers)
    let line = (40..<160).map { image[$0, 100, 1] }
    // Over five periods of the ringing around the middle, where the other edges' wings cancel.
    let level = line[30..<90].reduce(0, +) / 60
    let overshoot = line.max()! / level - 1
    #expect(abs(overshoot - 0.09) < 0.01, "\(overshoot)")
  }

  @Test(
    "fat is shifted by its frequency over the bandwidth, every peak by its own",
    arguments: ["lr", "ap"])
  func fatShift(_ readout: String) throws {
    var p = Phantom.plain(.spinEcho, tr: 20_000, te: 0)
    p.readout = MRProtocol.Readout(rawValue: readout)
    (p.voxel, p.bandwidth, p.fieldStrength) = ([2, 2], 60, 3)
    let scanner = try scanner(p)
    let grid = Grid(shape: [96, 96, 3], spacing: [1, 1, 5])
    func bump(_ r: SIMD3<Double>, _ axis: Int, _ shift: Double) -> Double {
      var r = r
      r[axis] -= shift
      return exponential(-(r.x * r.x + r.y * r.y) / (2 * 5 * 5))
    }
    let fat = Phantom.tissue(fat: 1)
    let body = Phantom.body(grid, for: scanner) { [(bump($0, 0, 0), fat)] }
    let image = try scanner.scan(
      body, onto: grid, noiseless: true, stream: stream, workers: workers)
    let axis = readout == "lr" ? 0 : 1
    let full = 1 - exponential(-20_000 / 371.0)
    var worst = 0.0
    for x in 10..<86 {
      for y in 10..<86 {
        let r = grid.affine.apply([Double(x), Double(y), 1])
        var wanted = 0.0
        for (ppm, part) in [
          (-3.80, 0.088), (-3.40, 0.700), (-2.60, 0.120), (-1.94, 0.006), (-0.39, 0.039),
          (0.60, 0.047),
        ] {
          // Hz over Hz per voxel, times 2 mm.
          let shift = ppm * 42.577 * 3 / 60 * 2
          wanted += part * bump(r, axis, shift)
        }
        worst = max(worst, abs(Double(image[x, y, 1] / MRScanner.gain) / full - wanted))
      }
    }
    #expect(worst < 0.005, "\(worst)")
  }

  @Test("opposed over in phase follows the fat fraction", arguments: [0.0, 0.1, 0.25, 0.4, 0.6])
  func opposedPhase(_ fraction: Double) throws {
    var signals: [Double] = []
    let tissue = Phantom.tissue(
      water: 1 - fraction, fat: fraction, t1: 800, t2: 1e6, susceptibility: -9)
    let grid = Grid(shape: [32, 32, 3], spacing: [2, 2, 5])
    for te in [2.3, 4.6] {
      var p = Phantom.plain(.gradientEcho, tr: 5000, te: te)
      (p.flipAngle, p.voxel) = (90, [2, 2])
      p.bandwidth = 5000
      let scanner = try scanner(p)
      let body = Phantom.body(grid, for: scanner) { _ in [(1, tissue)] }
      let image = try scanner.scan(
        body, onto: grid, noiseless: true, stream: stream, workers: workers)
      signals.append(Double(image[16, 16, 1]))
    }
    func wanted(_ te: Double) -> Double {
      var (re, im) = (0.0, 0.0)
      for (ppm, part) in [
        (-3.80, 0.088), (-3.40, 0.700), (-2.60, 0.120), (-1.94, 0.006), (-0.39, 0.039),
        (0.60, 0.047),
      ] {
        let angle = 2 * .pi * ppm * 42.577 * 1.5 * te * 1e-3
        re += part * cosine(angle)
        im += part * sine(angle)
      }
      // Fat has its own T1 of 288 and T2* of 45 ms.
      let f = fraction * (1 - exponential(-5000 / 288.0)) * exponential(-te / 45)
      let w = (1 - fraction) * (1 - exponential(-5000 / 800.0))
      return ((w + f * re) * (w + f * re) + f * f * im * im).squareRoot()
    }
    let ratio = signals[0] / signals[1]
    #expect(abs(ratio - wanted(2.3) / wanted(4.6)) < 0.015, "\(ratio)")
    // A half of fat cancels half of water: no signal but that of the small peaks.
    if fraction == 0.4 { #expect(ratio < 0.55) }
  }

  @Test("Dixon tells water from fat", arguments: [MRProtocol.Image.water, .fat])
  func dixon(_ kind: MRProtocol.Image) throws {
    var p = Phantom.plain(.gradientEcho, tr: 100, te: 1.2)
    (p.secondTE, p.image, p.flipAngle, p.voxel) = (2.3, kind, 30, [2, 2])
    (p.bandwidth, p.fieldStrength) = (2000, 1.5)
    let scanner = try scanner(p)
    let grid = Grid(shape: [64, 32, 3], spacing: [2, 2, 5])
    let water = Phantom.tissue(water: 0.8, t2: 1e6)
    let fat = Phantom.tissue(fat: 0.9)
    let body = Phantom.body(grid, for: scanner) { $0.x < 0 ? [(1, water)] : [(1, fat)] }
    let image = try scanner.scan(
      body, onto: grid, noiseless: true, stream: stream, workers: workers)
    let (inWater, inFat) = (image[16, 16, 1], image[48, 16, 1])
    let (own, other) = kind == .water ? (inWater, inFat) : (inFat, inWater)
    #expect(other < 0.06 * own, "\(own) \(other)")
    if kind == .water {
      let wanted = 0.8 * p.signal(water.relaxation(at: 1.5, withAgent: false)) * 4000
      #expect(abs(Double(own) / wanted - 1) < 0.02)
    }
  }

  @Test("noise falls with the root of averages and of bandwidth, and with the volume of a voxel")
  func signalToNoise() throws {
    let grid = Grid(shape: [64, 64, 5], spacing: [1, 1, 6])
    let water = Phantom.tissue(water: 0.9)
    func noise(_ change: (inout MRProtocol) -> Void) throws -> Double {
      var p = Phantom.plain(.spinEcho, tr: 2000, te: 20)
      p.noise = 0.3
      change(&p)
      let scanner = try scanner(p)
      let body = Phantom.body(grid, for: scanner) { _ in [(1, water)] }
      let noisy = try scanner.scan(body, onto: grid, stream: stream, workers: workers)
      let clean = try scanner.scan(
        body, onto: grid, noiseless: true, stream: stream, workers: workers)
      var sum = 0.0
      for (a, b) in zip(noisy.values, clean.values) { sum += Double(a - b) * Double(a - b) }
      return (sum / Double(grid.count)).squareRoot()
    }
    let one = try noise { _ in }
    let cases: [(Double, (inout MRProtocol) -> Void)] = [
      (0.5, { $0.averages = 4 }), (2, { $0.bandwidth *= 4 }), (2, { $0.sliceThickness /= 2 }),
      (2, { $0.fieldStrength /= 2 }),
      // Twice the voxel along the phase: half the lines, so twice the volume and half the time.
      (0.5 * (2 as Double).squareRoot(), { $0.voxel[1] *= 2 }),
      // Along the readout at the same bandwidth per voxel.
      (0.5, { $0.voxel[0] *= 2 }),
    ]
    for (index, (factor, change)) in cases.enumerated() {
      let ratio = try noise(change) / one
      #expect(abs(ratio / factor - 1) < 0.05, "\(index): \(ratio), expected \(factor)")
    }
  }

  @Test("a slice is as thick as it says, at half its maximum")
  func sliceProfile() throws {
    for thickness in [3.0, 6] {
      var p = Phantom.plain(.spinEcho, tr: 5000, te: 10)
      p.sliceThickness = thickness
      let scanner = try scanner(p)
      let grid = Grid(shape: [24, 24, 121], spacing: [1, 1, 0.25])
      let water = Phantom.tissue(water: 1)
      let body = Phantom.body(grid, for: scanner) { abs($0.z) < 0.1 ? [(1, water)] : [] }
      let image = try scanner.scan(
        body, onto: grid, noiseless: true, stream: stream, workers: workers)
      let line = (0..<121).map { Double(image[12, 12, $0]) }
      let half = line.max()! / 2
      let first = line.firstIndex { $0 >= half }!
      let last = line.lastIndex { $0 >= half }!
      let low = Double(first) - (line[first] - half) / (line[first] - line[first - 1])
      let high = Double(last) + (line[last] - half) / (line[last] - line[last + 1])
      #expect(abs((high - low) * 0.25 / thickness - 1) < 0.03)
    }
  }

  @Test(
    "a voxel half filled with a tissue has half of its signal, not the signal of half-way times")
  func partialVolume() throws {
    var p = try MRProtocol.load("flair")
    (p.fatSuppression, p.transmitVariation, p.coils, p.normalization) = (nil, nil, 1, nil)
    let scanner = try scanner(p)
    let grid = Grid(shape: [48, 48, 3], spacing: [1, 1, 4])
    let brain = Phantom.tissue(water: 0.8, t1: 1300, t2: 85)
    let fluid = Phantom.tissue(water: 1, t1: 4300, t2: 1800)
    let body = Phantom.body(grid, for: scanner) { _ in [(0.5, brain), (0.5, fluid)] }
    let image = try scanner.scan(
      body, onto: grid, noiseless: true, stream: stream, workers: workers)
    func signal(_ tissue: MagneticTissue) -> Double {
      tissue.water * p.signal(tissue.relaxation(at: 3, withAgent: false))
    }
    let wanted = abs(0.5 * signal(brain) + 0.5 * signal(fluid)) * 4000
    #expect(abs(Double(image[24, 24, 1]) / wanted - 1) < 0.03)
  }

  @Test("lines left out of a spin echo are those of a real image")
  func partialFourier() throws {
    var p = Phantom.plain(.spinEcho, tr: 3000, te: 20)
    p.voxel = [2, 2]
    let grid = Grid(shape: [64, 64, 3], spacing: [1, 1, 5])
    let water = Phantom.tissue(water: 1)
    var images: [Volume<Float>] = []
    for part in [1, 0.6] {
      p.partialFourier = part
      let scanner = try scanner(p)
      let body = Phantom.body(grid, for: scanner) {
        $0.x * $0.x + 2 * ($0.y - 4) * ($0.y - 4) < 400 ? [(1, water)] : []
      }
      images.append(
        try scanner.scan(body, onto: grid, noiseless: true, stream: stream, workers: workers))
    }
    let worst = zip(images[0].values, images[1].values).map { abs($0 - $1) }.max()!
    #expect(worst < 0.02 * images[0].values.max()!)
  }

  @Test("a breath ghosts along the phase encoding, over the whole image and the air")
  func respiration() throws {
    var p = Phantom.plain(.spinEcho, tr: 900, te: 20)
    p.voxel = [2, 2]
    let grid = Grid(shape: [96, 96, 3], spacing: [1.5, 1.5, 5])
    let water = Phantom.tissue(water: 1)
    func air(_ amplitude: Double) throws -> (Float, Float) {
      p.respiration = .init(amplitude: amplitude, period: 4)
      let scanner = try scanner(p)
      let body = Phantom.body(grid, for: scanner) {
        $0.x * $0.x + $0.y * $0.y < 900 ? [(1, water)] : []
      }
      let image = try scanner.scan(
        body, onto: grid, noiseless: true, stream: stream, workers: workers)
      // Above and below the disc, and beside it.
      return (
        (70..<92).map { image[48, $0, 1] }.max()!, (75..<92).map { image[$0, 48, 1] }.max()!
      )
    }
    let (still, _) = try air(0)
    let (ghost, beside) = try air(8)
    #expect(ghost > 3 * still && ghost > 2 * beside, "\(still) \(ghost) \(beside)")
  }

  @Test("the field of a sphere is that of a dipole outside, and even inside")
  func staticField() {
    let grid = Grid(shape: [64, 64, 64], spacing: [5, 5, 5])
    var chi = Volume<Float>(grid: grid, repeating: 0.36)
    for y in 0..<64 {
      for x in 0..<64 {
        for z in 0..<64 {
          let r = grid.affine.apply([Double(x), Double(y), Double(z)])
          if (r * r).sum() < 40 * 40 { chi[x, y, z] = -9.05 }
        }
      }
    }
    let field = StaticField(susceptibility: chi, spacing: 5, workers: workers)
    // In the sphere the field is even; the shim takes its mean out.
    #expect(abs(field.at(32, 32, 32)) < 0.15)
    #expect(abs(field.at(35, 30, 33)) < 0.3)
    for distance in [60.0, 75] {
      let wanted = -9.41 / 3 * power(40 / distance, 3)
      let inside = Double(field.at(31.5, 31.5, 31.5))
      let axial = Double(field.at(31.5, 31.5, 31.5 + distance / 5)) - inside
      let across = Double(field.at(31.5 + distance / 5, 31.5, 31.5)) - inside
      #expect(abs(axial / (2 * wanted) - 1) < 0.15, "\(axial) \(2 * wanted)")
      #expect(abs(across / -wanted - 1) < 0.25, "\(across) \(-wanted)")
    }
  }

  @Test("the same bytes with any number of threads")
  func threads() throws {
    var p = try MRProtocol.load("t2-spir")
    p.respiration = .init(amplitude: 3, period: 4)
    let scanner = try MRScanner(scanProtocol: p, fields: .draw(stream))
    let grid = Grid(shape: [40, 36, 5], spacing: [2, 2, 7])
    let water = Phantom.tissue(water: 0.8)
    let body = Phantom.body(grid, for: scanner) { abs($0.x) < 30 ? [(1, water)] : [] }
    let one = try scanner.scan(body, onto: grid, stream: stream, workers: Workers(count: 1))
    #expect(try scanner.scan(body, onto: grid, stream: stream, workers: Workers(count: 3)) == one)
  }
}
