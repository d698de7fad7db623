import Reconstruction
internal import Acquisition
internal import Evaluation
internal import Reporting
internal import Support

/// Noise in water: against dose, diameter and kernel.
struct NoiseSection {
  let bench: QualityBench

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "noise", title: "Noise",
      text: """
        Water of 20 and 32 cm, slices of 5 mm. Noise is the standard deviation over the middle 10 cm of \
        slices that share no reading; it falls with the square root of the mAs. Cone correction is left out: it changes \
        the variance by less than a percent, and most of its time would go into what lies between these slices.
        """)
    let doses: [Double] = bench.isQuick ? [50, 100, 200, 400] : [25, 50, 100, 200, 400, 800]
    let diameters = [200.0, 320].filter(bench.fitting)
    let published = PublishedScan.all.filter { bench.fitting($0.diameter) }
    let total =
      (doses.count + 1) * diameters.count + ReconstructionKernel.all.count + published.count
    var done = 0
    /// Of the two diameters, on the mean over doses.
    var overTheories: [Double] = []
    for diameter in diameters {
      let name = "\(fixed(diameter / 10, digits: 0)) cm"
      var points: [(x: Double, y: Double)] = []
      var expected: [(x: Double, y: Double)] = []
      var overTheory: [Double] = []
      for mas in doses {
        let noise = try noise(diameter, radius: 50) { $0.mas = mas }
        points.append((mas, noise.deviation))
        let theory = try theory(diameter, mas: mas, radius: 50)
        expected.append((mas, theory.squareRoot()))
        overTheory.append(noise.variance / theory)
        if mas == 200 {
          section.findings.append(
            .init(
              "noise, \(name), 200 mAs", noise.deviation,
              note: "not judged: held to the published scans below"))
        }
        done += 1
        try progress(Double(done) / Double(total))
      }
      let (law, theory) = (PowerLaw(points), PowerLaw(expected))
      section.findings.append(
        .init(
          "exponent of noise against mAs, \(name)", law.exponent, unit: "",
          within: 1.05 * theory.exponent...0.95 * theory.exponent, digits: 3,
          note: "5 % of theory: −0.5 for photons alone, with electronic noise "
            + fixed(theory.exponent, digits: 3).replacing("-", with: "−")))
      let mean = overTheory.reduce(0, +) / Double(overTheory.count)
      overTheories.append(mean)
      section.findings.append(
        .init(
          "variance against mAs over theory, largest deviation from its mean, \(name)",
          overTheory.map { abs($0 / mean - 1) * 100 }.max() ?? .nan, unit: "%", within: 0...5,
          note: "theory: photons and electronic noise behind the water"))
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
    if overTheories.count == 2 {
      section.findings.append(
        .init(
          "variance in 32 cm over that in 20 cm, measured over theory",
          overTheories[1] / overTheories[0], unit: "", within: 0.95...1.05, digits: 3,
          note: "theory: photons behind the water, with electronic noise; the mean over all mAs"))
    }
    for diameter in diameters {
      let wanted = diameter < 300 ? 5.0 : 12
      let reached = try noise(diameter, radius: 30) { $0.noiseIndex = wanted }
      section.findings.append(
        .init(
          "noise for a noise index of \(fixed(wanted, digits: 0)) HU, "
            + "\(fixed(diameter / 10, digits: 0)) cm", reached.deviation,
          within: 0.9 * wanted...1.1 * wanted, digits: 2, note: "10 %: the mAs are chosen for it"))
      done += 1
      try progress(Double(done) / Double(total))
    }
    try kernels(&section) {
      done += 1
      try progress(Double(done) / Double(total))
    }
    for scan in published {
      section.findings.append(
        .init(
          "noise over that published, \(scan.name), \(fixed(scan.mas, digits: 0)) mAs",
          try PublishedNoise(bench: bench).ratio(to: scan), unit: "", within: scan.limits,
          digits: 3,
          note: scan.figures))
      done += 1
      try progress(Double(done) / Double(total))
    }
    return section
  }

  /// Variances of the kernels against what the noise of the readings becomes.
  private func kernels(_ section: inout QualitySection, _ step: () throws -> Void) throws {
    for kernel in ReconstructionKernel.all {
      section.findings.append(
        .init(
          "variance of \(kernel.name), measured over theory", try measuredOverTheory(kernel),
          unit: "", within: 0.95...1.05, digits: 3,
          note: "theory: photons behind the water, through filter and interpolations"))
      try step()
    }
  }

  /// Variance over 8 cm in the middle of 20 cm of water, over what theory says.
  func measuredOverTheory(_ kernel: ReconstructionKernel) throws -> Double {
    let pixel = 0.4
    let measured = try noise(200, radius: 40, pixel: pixel) { $0.kernel = kernel.name }
    let theory = NoisePropagation(
      scanner: bench.scanner, pitch: bench.scanProtocol.pitch,
      kernel: kernel.limited(toVoxel: pixel), sliceThickness: 5
    ).noise(
      ofReadings: try theory(200, mas: bench.scanProtocol.mas, radius: 40),
      waterAttenuation: try waterAttenuation)
    return measured.variance / (theory * theory)
  }

  /// What HU are relative to.
  private var waterAttenuation: Double {
    get throws {
      try bench.usualKVp.map { try bench.scanner.response(kvp: $0).waterAttenuation }
        ?? Material.water.attenuation(at: bench.scanProtocol.energy)
    }
  }

  /// Variance of the line integrals that meet a disc about the middle of a cylinder of water, on the mean over its
  /// points and all directions: rays beside the middle are shorter.
  private func theory(_ diameter: Double, mas: Double, radius: Double) throws -> Double {
    let scanner = bench.scanner
    let water = Material.water.attenuation(at: bench.scanProtocol.energy)
    let response = try bench.usualKVp.map { try scanner.response(kvp: $0) }
    let stream = RandomStream(seed: 1)
    let noise =
      try response.map {
        try PhotonNoise(scanner: scanner, mas: mas, response: $0, stream: stream)
      } ?? PhotonNoise(scanner: scanner, mas: mas, waterAttenuation: water, stream: stream)
    let bowtie = scanner.bowtieWater
    var (sum, total) = (0.0, 0.0)
    for step in 0..<40 {
      let offset = radius * (Double(step) + 0.5) / 40
      let channel = Int(
        (scanner.centralChannel
          + arcsine(offset / scanner.sourceToIsocenter) / scanner.channelAngle).rounded())
      let chord = 2 * (diameter * diameter / 4 - offset * offset).squareRoot()
      let lost =
        response.map {
          let filter = Float(bowtie[channel])
          return Double(
            $0.photonLoss(water: Float(chord) + filter, bone: 0)
              - $0.photonLoss(water: filter, bone: 0))
        } ?? water * chord
      let photons = Double(noise.incident[channel]) * exponential(-lost)
      // So many points of a disc lie on a line at this offset.
      let weight = (radius * radius - offset * offset).squareRoot()
      let depth = chord + bowtie[channel]
      let gain =
        bench.scanProtocol.correctsHardening ?? true
        ? response?.correctionGain(behind: depth) ?? 1 : 1
      sum +=
        weight * gain * gain
        * PhotonNoise.variance(ofReading: photons, electronic: scanner.electronicNoise)
      total += weight
    }
    return sum / total
  }

  private func noise(
    _ diameter: Double, radius: Double, pixel: Double = 0.8,
    _ change: (inout ScanProtocol) -> Void
  ) throws -> Moments {
    let water = AnalyticPhantom([.init(.cylinder(center: [0, 0], radius: diameter / 2), hu: 0)])
    // The smaller the region, the more slices for the same precision.
    let slices = (bench.isQuick ? 6 : 12) * (radius < 40 ? 2 : 1)
    let grid = bench.grid(width: 2 * radius + 2, pixel: pixel, slices: slices, spacing: 6)
    let ct = try bench.image(
      water, onto: grid, noiseless: false, name: "noise \(diameter) \(radius) \(pixel)"
    ) {
      $0.sliceThickness = 5
      $0.correctsCone = false
      change(&$0)
    }
    return Moments(PixelImage.slices(of: ct).flatMap { $0.disc([0, 0], radius: radius) })
  }
}
