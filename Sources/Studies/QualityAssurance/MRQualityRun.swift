internal import Evaluation
public import MRScan
internal import Painting
internal import Reporting
public import Support
internal import Tissues
internal import Volumes

/// The measurements of an MR protocol with phantoms, against what physics says.
public struct MRQualityRun: Sendable {
  private let scanProtocol: MRProtocol
  private let seed: UInt64
  private let workers: Workers

  /// A run with a protocol.
  public init(scanProtocol: MRProtocol, seed: UInt64 = 1, workers: Workers) {
    self.scanProtocol = scanProtocol
    self.seed = seed
    self.workers = workers
  }

  /// The names of all sections, in the order in which they are measured.
  public static let sections = ["contrast", "noise", "resolution", "slice", "fat"]

  /// Scans the phantoms and measures.
  ///
  /// - Parameter progress: told the number of sections done and the next one's title; what it throws stops the run.
  /// - Throws: `MaskCTError` for a protocol that cannot be run.
  public func run(progress: (Double, String) throws -> Void = { _, _ in }) throws -> QualityResult {
    let parts: [(String, () throws -> QualitySection)] = [
      ("contrast", contrast), ("noise", noise), ("resolution", resolution), ("slice", slice),
      ("fat", fat),
    ]
    var sections: [QualitySection] = []
    for (index, part) in parts.enumerated() {
      try progress(Double(index), part.0)
      sections.append(try part.1())
    }
    try progress(Double(parts.count), "")
    return QualityResult(mr: scanProtocol, sections: sections)
  }

  // MARK: - Bench

  /// The protocol with one coil and even fields, changed.
  private func plain(_ change: (inout MRProtocol) -> Void = { _ in }) -> MRProtocol {
    var own = scanProtocol
    (own.coils, own.normalization, own.transmitVariation) = (1, nil, nil)
    (own.respiration, own.sliceSpacing) = (nil, nil)
    change(&own)
    return own
  }

  private func scan(
    _ own: MRProtocol, _ grid: Grid, noiseless: Bool = true,
    _ parts: (SIMD3<Double>) -> [(part: Double, tissue: MagneticTissue)]
  ) throws -> Volume<Float> {
    let scanner = try MRScanner(scanProtocol: own)
    return try scanner.scan(
      TissuePhantom.body(grid, channels: scanner.channels, parts: parts), onto: grid,
      noiseless: noiseless, stream: RandomStream(seed: seed), workers: workers)
  }

  private var water: MagneticTissue {
    MagneticTissue(
      protonDensity: 1, fatFraction: 0, t1: .init(low: 900, high: 900),
      t2: .init(low: 90, high: 90),
      t2Star: .init(low: 90, high: 90), susceptibility: -9)
  }

  private var oil: MagneticTissue {
    var tissue = water
    tissue.fatFraction = 1
    return tissue
  }

  private func grid(_ size: Int, _ spacing: Double, slices: Int = 3) -> Grid {
    Grid(
      shape: [size, size, slices], spacing: [spacing, spacing, scanProtocol.sliceThickness])
  }

  // MARK: - Sections

  /// Grey values of even blocks of tissue against the signal equations.
  private func contrast() throws -> QualitySection {
    var section = QualitySection(
      id: "contrast", title: "Contrast",
      text: """
        Even blocks of tissue from the table, without noise or shading: the grey value against the signal \
        equation of its water and its fat, relative to pure water in equilibrium.
        """)
    let own = plain { $0.contrastAgent = nil }
    let step = own.voxel.max()! / 2
    // The edges of the block ring into its middle: a mean over a whole period, two acquired voxels each way, cancels it.
    let middle = 22..<26
    for name in [
      "subcutaneous_fat", "cancellous_bone", "cerebrospinal_fluid", "gallbladder", "muscle",
      "liver",
      "spleen", "kidney", "pancreas", "brain", "parotid_gland",
    ] {
      let tissue = try MagneticTissueTable.standard.prior(tissue: name).mean
      let image = try scan(own, grid(48, step)) { _ in [(1, tissue)] }
      let sum = middle.reduce(0.0) { sum, x in
        middle.reduce(sum) { $0 + Double(image[x, $1, 1]) }
      }
      let measured = sum / Double(middle.count * middle.count) / Double(MRScanner.gain)
      let expected = own.brightness(of: tissue)
      section.findings.append(
        .init(
          name.replacing("_", with: " "), measured, unit: "",
          within: expected * 0.97 - 0.002...expected * 1.03 + 0.002, digits: 4,
          note: "3 % of the signal equation, \(fixed(expected, digits: 4))"))
    }
    return section
  }

  /// Noise in air and its distribution, and how it follows the protocol.
  private func noise() throws -> QualitySection {
    var section = QualitySection(
      id: "noise", title: "Noise",
      text: """
        Air with one coil: its mean over the standard deviation of the real part is sqrt(pi / 2), as Rice's \
        distribution has it. Water: the noise with four averages, four times the bandwidth and half the slice, \
        relative to the protocol's.
        """)
    // Lines that are left out leave their noise out, too.
    let own = plain { $0.partialFourier = nil }
    let grid = grid(64, own.voxel.max()! / 2)
    let sigma = try MRScanner(scanProtocol: own).noise(extent: grid.extent) * Double(MRScanner.gain)
    let air = try scan(own, grid, noiseless: false) { _ in [] }
    let mean = air.values.reduce(0) { $0 + Double($1) } / Double(air.values.count)
    section.findings.append(
      .init(
        "mean of air over sigma", mean / sigma, unit: "", within: 1.228...1.278, digits: 3,
        note: "sqrt(pi / 2) = 1.253, 2 %"))
    func deviation(_ change: (inout MRProtocol) -> Void) throws -> Double {
      let own = plain {
        change(&$0)
        $0.noise = 0.1
        $0.fatSuppression = nil
        $0.partialFourier = nil
      }
      let noisy = try scan(own, grid, noiseless: false) { _ in [(1, water)] }
      let clean = try scan(own, grid) { _ in [(1, water)] }
      let sum = zip(noisy.values, clean.values).reduce(0) {
        $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
      }
      return (sum / Double(grid.count)).squareRoot()
    }
    let one = try deviation { _ in }
    let cases: [(String, Double, (inout MRProtocol) -> Void)] = [
      ("four averages", 0.5, { $0.averages = 4 * ($0.averages ?? 1) }),
      ("four times the bandwidth", 2, { $0.bandwidth *= 4 }),
      ("half the slice", 2, { $0.sliceThickness /= 2 }),
    ]
    for (name, factor, change) in cases {
      // Half a partition is also one more of them, over which all is acquired again.
      let expected = name == "half the slice" && own.dimensions == 3 ? 2.0.squareRoot() : factor
      section.findings.append(
        .init(
          "noise with \(name)", try deviation(change) / one, unit: "",
          within: 0.95 * expected...1.05 * expected, digits: 3, note: "5 %"))
    }
    return section
  }

  /// An edge: its ringing and its width.
  private func resolution() throws -> QualitySection {
    var section = QualitySection(
      id: "resolution", title: "Resolution",
      text: """
        The edge of a block of water along the readout, without partial Fourier: it rings by 9 % of its height, \
        and rises from 9 to 91 % of it within an acquired voxel.
        """)
    // A spin echo of the same matrix: what the train does to edges along the phase encoding is another matter.
    let own = plain {
      $0.partialFourier = nil
      $0.fatSuppression = nil
    }
    let pixel = own.voxel[0] / 8
    let isX = own.readout != .frontBack
    let grid = grid(256, pixel)
    let half = 9.0 * own.voxel[0]
    let image = try scan(own, grid) {
      abs(isX ? $0.x : $0.y) < half + pixel / 2 && abs(isX ? $0.y : $0.x) < half * 1.2
        ? [(1, water)] : []
    }
    let line = (0..<256).map { Double(isX ? image[$0, 128, 1] : image[128, $0, 1]) }
    let level = line[116..<140].reduce(0, +) / 24
    let overshoot = 100 * (line.max()! / level - 1)
    section.findings.append(
      .init(
        "overshoot", overshoot, unit: "%", within: 7...11,
        note: "9 % of a single edge; the other edges move it by 1 %"))
    section.charts.append(
      .init(
        title: "An edge along the readout", xTitle: "acquired voxels", yTitle: "of its height",
        series: [
          .init(
            name: own.name,
            points: (0..<128).map {
              [(Double($0) - 127.5) * pixel / own.voxel[0], line[$0] / level]
            })
        ]))
    return section
  }

  /// The profile of a slice.
  private func slice() throws -> QualitySection {
    var section = QualitySection(
      id: "slice", title: "Slices",
      text: "A thin sheet of water through closely spaced slices: the full width at half maximum.")
    let own = plain()
    let step = own.sliceThickness / 24
    let grid = Grid(
      shape: [24, 24, 97], spacing: [own.voxel.max()!, own.voxel.max()!, step])
    var fine = own
    fine.sliceSpacing = step
    let image = try scan(fine, grid) { abs($0.z) < 0.6 * step ? [(1, water)] : [] }
    let line = (0..<97).map { Double(image[12, 12, $0]) }
    let half = line.max()! / 2
    let (first, last) = (
      line.firstIndex { $0 >= half } ?? 0, line.lastIndex { $0 >= half } ?? 0
    )
    var width = 0.0
    if first > 0, last < 96 {
      let low = Double(first) - (line[first] - half) / (line[first] - line[first - 1])
      let high = Double(last) + (line[last] - half) / (line[last] - line[last + 1])
      width = (high - low) * step
    }
    // A partition's sinc is 1.21 partitions wide at half its maximum.
    let expected = own.sliceThickness * (own.dimensions == 3 ? 1.18 : 1)
    section.findings.append(
      .init(
        "full width at half maximum", width, unit: "mm", within: 0.94 * expected...1.06 * expected,
        digits: 2))
    return section
  }

  /// Fat: where it lands, and how phases add.
  private func fat() throws -> QualitySection {
    var section = QualitySection(
      id: "fat", title: "Fat",
      text: """
        A spot of oil without suppression: its main peak lands off its place by its frequency over the bandwidth \
        per voxel. An even mixture of water and oil against both by themselves.
        """)
    let own = plain { $0.fatSuppression = nil }
    let pixel = own.voxel[0] / 4
    let isX = own.readout != .frontBack
    let image = try scan(own, grid(128, pixel)) {
      let r = ($0.x * $0.x + $0.y * $0.y) / (2 * own.voxel[0] * own.voxel[0] * 4)
      return r < 10 ? [(exponential(-r), oil)] : []
    }
    var (sum, moment) = (0.0, 0.0)
    for i in 0..<128 {
      let value = Double(isX ? image[i, 64, 1] : image[64, i, 1])
      sum += value
      moment += value * (Double(i) - 63.5)
    }
    let shift = moment / sum * pixel / own.voxel[0]
    let hertz = -3.025 * 42.577 * own.fieldStrength
    section.findings.append(
      .init(
        "shift of a spot of oil", shift, unit: "voxels",
        within: own.sequence == .spinEcho || own.sequence == .turboSpinEcho
          ? hertz / own.bandwidth - 0.05...hertz / own.bandwidth + 0.05 : nil,
        digits: 2,
        note: "mean of the spectrum over the bandwidth, \(fixed(hertz / own.bandwidth, digits: 2))")
    )
    for fraction in [0.25, 0.5] {
      let mixed = try scan(own, grid(32, own.voxel.max()!)) { _ in
        [(1 - fraction, water), (fraction, oil)]
      }
      let alone = try scan(own, grid(32, own.voxel.max()!)) { _ in [(1 - fraction, water)] }
      let ratio = Double(mixed[16, 16, 1] / max(1e-6, alone[16, 16, 1]))
      section.findings.append(
        .init(
          "\(fixed(100 * fraction, digits: 0)) % of oil: signal over that of the water", ratio,
          unit: "", digits: 3,
          note: "below 1 where water and fat are opposed"))
    }
    return section
  }
}
