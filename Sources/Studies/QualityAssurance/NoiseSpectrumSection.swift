import Volumes
internal import Acquisition
internal import Evaluation
internal import Reconstruction
internal import Reporting
internal import Support

/// The noise power spectrum of every kernel.
struct NoiseSpectrumSection {
  let bench: QualityBench
  /// Pixels of a region's side: 26 mm.
  private static let size = 64

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "nps", title: "Noise power spectrum",
      text: """
        20 cm of water at the protocol's dose, regions of 64 x 64 pixels of 0.4 mm within 10 cm of the \
        middle, slices that share no reading. The design curve is f W(f)² of the kernel, scaled to the \
        measured variance.
        """)
    var curves: [MeasurementReport.Chart.Series] = []
    var pictures: [Picture] = []
    let water = AnalyticPhantom([.init(.cylinder(center: [0, 0], radius: 100), hu: 0)])
    let grid = bench.grid(width: 102.4, pixel: 0.4, slices: bench.isQuick ? 6 : 16, spacing: 5)
    for (index, kernel) in ReconstructionKernel.all.enumerated() {
      let ct = try bench.image(water, onto: grid, noiseless: false, name: "nps") {
        $0.kernel = kernel.name
        $0.sliceThickness = 3
      }
      let images = PixelImage.slices(of: ct)
      let spectrum = NoisePowerSpectrum(images, size: Self.size)
      let variance = Moments(images.flatMap(\.values)).variance
      let limited = kernel.limited(toVoxel: grid.spacing.x)
      let design = Self.design(limited, variance: variance)
      section.findings += [
        .init(
          "integral over variance, \(kernel.name)", spectrum.integral / variance, unit: "",
          within: 0.97...1.03, digits: 3,
          note: "planes taken from the regions hold 3 of 4096 degrees of freedom"),
        .init(
          "peak, \(kernel.name)", spectrum.peak, unit: "lp/mm",
          within: 0.9 * design.peak...1.1 * design.peak, digits: 3,
          note: "10 % of the design's \(fixed(design.peak, digits: 3)): the top is flat"),
      ]
      curves += [
        .init(
          name: kernel.name,
          points: spectrum.radial.dropFirst().map { [$0.frequency, $0.power] }),
        .init(name: "\(kernel.name), design", points: design.curve, isReference: true),
      ]
      pictures.append(
        QualityPicture.gray(
          PixelImage(
            width: Self.size, height: Self.size, spacing: spectrum.step,
            values: spectrum.normalised), level: 0.5, width: 1, zoom: 3))
      try progress(Double(index + 1) / Double(ReconstructionKernel.all.count))
    }
    section.charts = [
      .init(
        title: "Radial noise power spectrum", xTitle: "lp/mm", yTitle: "HU² mm²", series: curves)
    ]
    section.pictures = [
      MethodFigure(
        title: "Noise power spectra.",
        caption: ReconstructionKernel.all.map(\.name).joined(separator: ", ")
          + "; frequency 0 in the middle, 1.25 lp/mm at the edge.",
        picture: QualityPicture.row(pictures))
    ]
    return section
  }

  /// `f W(f)²` with the variance as its integral over the plane, and where it is highest.
  private static func design(
    _ kernel: ReconstructionKernel, variance: Double
  ) -> (peak: Double, curve: [SIMD2<Double>]) {
    let step = kernel.cutoff / 200
    let curve = (0...200).map { index -> SIMD2<Double> in
      let f = Double(index) * step
      return [f, f * kernel.window(f) * kernel.window(f)]
    }
    let integral = curve.reduce(0) { $0 + 2 * .pi * $1.x * $1.y * step }
    let peak = curve.max { $0.y < $1.y }!.x
    return (peak, curve.map { [$0.x, $0.y * variance / integral] })
  }
}
