internal import Evaluation
internal import Reporting
internal import Volumes

/// All measurements of a scanner, one after the other.
public struct QualityRun: Sendable {
  private let bench: QualityBench

  /// A run on a bench.
  public init(_ bench: QualityBench) { self.bench = bench }

  /// Builds the phantoms, scans them and measures.
  ///
  /// - Parameter progress: called with the number of sections done and how far the next one is, and its title;
  ///   what it throws stops the run.
  public func run(
    progress: (Double, String) throws -> Void = { _, _ in }
  ) throws -> QualityResult {
    let parts: [(title: String, run: ((Double) throws -> Void) throws -> QualitySection)] = [
      ("water", WaterSection(bench: bench).run),
      ("inserts", InsertSection(bench: bench).run),
      ("noise", NoiseSection(bench: bench).run),
      ("noise power spectrum", NoiseSpectrumSection(bench: bench).run),
      ("resolution", ResolutionSection(bench: bench).run),
      ("slices", SliceSection(bench: bench).run),
      ("low contrast", ContrastSection(bench: bench).run),
      ("artefacts", HelixSection(bench: bench).run),
      ("beam hardening", HardeningSection(bench: bench).run),
      ("projector", ProjectorSection(bench: bench).run),
    ]
    var sections: [QualitySection] = []
    for (index, part) in parts.enumerated() {
      try progress(Double(index), part.title)
      sections.append(
        try part.run { try progress(Double(index) + min(1, $0) * 0.99, part.title) })
    }
    try progress(Double(parts.count), "")
    return QualityResult(bench: bench, sections: sections)
  }

  /// How many sections there are.
  public static let sectionCount = 10
}
