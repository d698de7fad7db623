internal import Acquisition
internal import Evaluation
internal import Reconstruction
internal import Reporting
internal import Volumes

/// Noise in water: against dose, diameter and kernel.
struct NoiseSection {
  let bench: QualityBench

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "noise", title: "Noise",
      text: """
        Water of 20 and 32 cm, slices of 5 mm. Noise is the standard deviation over the middle 10 cm of \
        slices that share no reading; it falls with the square root of the mAs.
        """)
    let doses: [Double] = bench.isQuick ? [50, 100, 200, 400] : [25, 50, 100, 200, 400, 800]
    let diameters = [200.0, 320].filter(bench.fitting)
    let total = doses.count * diameters.count + ReconstructionKernel.all.count
    var done = 0
    var centres: [Double: Double] = [:]
    for diameter in diameters {
      let name = "\(fixed(diameter / 10, digits: 0)) cm"
      var points: [(x: Double, y: Double)] = []
      for mas in doses {
        let noise = try noise(diameter, radius: 50) { $0.mas = mas }
        points.append((mas, noise.deviation))
        if mas == 200 {
          section.findings.append(
            .init(
              "noise, \(name), 200 mAs", noise.deviation,
              note: "not judged: no published value for just this protocol is at hand"))
          centres[diameter] = try self.noise(diameter, radius: 15) { $0.mas = mas }.variance
        }
        done += 1
        try progress(Double(done) / Double(total))
      }
      let law = PowerLaw(points)
      section.findings.append(
        .init(
          "exponent of noise against mAs, \(name)", law.exponent, unit: "",
          within: -0.525 ... -0.475, digits: 3, note: "5 % of -0.5"))
      let worst = points.map { $0.y * $0.y * $0.x }
      let mean = worst.reduce(0, +) / Double(worst.count)
      section.findings.append(
        .init(
          "variance times mAs, largest deviation from its mean, \(name)",
          worst.map { abs($0 / mean - 1) * 100 }.max() ?? .nan, unit: "%", within: 0...5,
          note: "electronic noise adds at low dose"))
      section.charts.append(
        .init(
          title: "Noise, \(name)", xTitle: "mAs", yTitle: "standard deviation, HU",
          series: [
            .init(name: "measured", points: points.map { [$0.x, $0.y] }),
            .init(
              name: "mAs to the power of -0.5",
              points: [doses[0], doses[doses.count - 1]].map {
                let middle = points[points.count / 2]
                return [$0, middle.y * (middle.x / $0).squareRoot()]
              }, isReference: true),
          ], isLogarithmic: true))
    }
    if let small = centres[200], let large = centres[320] {
      let ratio = large / small / (try theory(320) / theory(200))
      section.findings.append(
        .init(
          "variance in 32 cm over that in 20 cm, measured over theory", ratio, unit: "",
          within: 0.95...1.05, digits: 3,
          note: "theory: quanta behind the middle of the water, with electronic noise"))
    }
    try kernels(&section) {
      done += 1
      try progress(Double(done) / Double(total))
    }
    return section
  }

  /// Variances of the kernels relative to that of `standard`: as the squares of ramp times window.
  private func kernels(_ section: inout QualitySection, _ step: () throws -> Void) throws {
    var variances: [String: Double] = [:]
    for kernel in ReconstructionKernel.all {
      variances[kernel.name] = try noise(200, radius: 40, pixel: 0.4) { $0.kernel = kernel.name }
        .variance
      try step()
    }
    func power(_ kernel: ReconstructionKernel) -> Double {
      (0..<2000).reduce(0.0) {
        let f = kernel.cutoff * (Double($1) + 0.5) / 2000
        let value = f * kernel.window(f)
        return $0 + value * value * kernel.cutoff / 2000
      }
    }
    for kernel in ReconstructionKernel.all where kernel != .standard {
      let measured = variances[kernel.name]! / variances["standard"]!
      section.findings.append(
        .init(
          "variance of \(kernel.name) over standard, measured over theory",
          measured / (power(kernel) / power(.standard)), unit: "", within: 0.95...1.05, digits: 3,
          note: "theory: the integral of (f W(f))², without the interpolations of rebinning"))
    }
  }

  /// Variance of the line integral through the middle of a cylinder of water.
  private func theory(_ diameter: Double) throws -> Double {
    let energy = bench.scanProtocol.energy
    let water = Material.water.attenuation(at: energy)
    let incident: Double
    let lost: Double
    if let kvp = bench.usualKVp {
      let response = try bench.scanner.response(kvp: kvp)
      incident = Double(
        try QuantumNoise(
          scanner: bench.scanner, mas: 200, response: response, stream: RandomStream(seed: 1)
        ).incident[bench.scanner.channels / 2])
      lost = Double(response.lostQuanta(water: Float(diameter), bone: 0))
    } else {
      incident = Double(
        QuantumNoise(
          scanner: bench.scanner, mas: 200, waterAttenuation: water, stream: RandomStream(seed: 1)
        ).incident[bench.scanner.channels / 2])
      lost = water * diameter
    }
    let quanta = incident * exponential(-lost)
    let electronic = bench.scanner.electronicNoise / quanta
    return 1 / quanta + electronic * electronic
  }

  private func noise(
    _ diameter: Double, radius: Double, pixel: Double = 0.8,
    _ change: (inout ScanProtocol) -> Void
  ) throws -> Moments {
    let water = AnalyticPhantom([.init(.cylinder(center: [0, 0], radius: diameter / 2), hu: 0)])
    // The smaller the region, the more slices for the same precision.
    let slices = (bench.isQuick ? 6 : 12) * (radius < 30 ? 6 : 1)
    let grid = bench.grid(width: 2 * radius + 2, pixel: pixel, slices: slices, spacing: 8)
    let ct = try bench.image(
      water, onto: grid, noiseless: false, name: "noise \(diameter) \(radius) \(pixel)"
    ) {
      $0.sliceThickness = 5
      change(&$0)
    }
    return Moments(PixelImage.slices(of: ct).flatMap { $0.disc([0, 0], radius: radius) })
  }
}
