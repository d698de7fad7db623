internal import Reporting
internal import Support

/// All measurements of a scanner, one after the other.
public struct QualityRun: Sendable {
  private let bench: QualityBench

  /// A run on a bench.
  public init(_ bench: QualityBench) { self.bench = bench }

  /// The sections there are, in their order, by the names that `--sections` takes.
  public static let sections = [
    "water", "inserts", "iodine", "noise", "nps", "mtf", "ssp", "contrast", "helix", "head",
    "hardening", "projector",
  ]

  /// How long a section takes next to others: seconds of `rows128` on two cores.
  public static func cost(of section: String) -> Double {
    switch section {
    case "head": 180
    case "water": 158
    case "noise": 127
    case "helix": 48
    case "nps", "mtf": 33
    case "ssp": 25
    case "inserts", "iodine": 16
    default: 5
    }
  }

  /// Builds the phantoms, scans them and measures.
  ///
  /// - Parameters:
  ///   - names: of the sections wanted; they come in the order of `sections`.
  ///   - progress: called with the number of sections done and how far the next one is, and its title;
  ///     what it throws stops the run.
  public func run(
    _ names: [String] = sections, progress: (Double, String) throws -> Void = { _, _ in }
  ) throws -> QualityResult {
    typealias Part = (title: String, run: ((Double) throws -> Void) throws -> QualitySection)
    let parts: [Part] = Self.sections.filter(names.contains).map { name in
      switch name {
      case "water": ("water", WaterSection(bench: bench).run)
      case "inserts": ("inserts", InsertSection(bench: bench).run)
      case "iodine": ("contrast medium", IodineSection(bench: bench).run)
      case "noise": ("noise", NoiseSection(bench: bench).run)
      case "nps": ("noise power spectrum", NoiseSpectrumSection(bench: bench).run)
      case "mtf": ("resolution", ResolutionSection(bench: bench).run)
      case "ssp": ("slices", SliceSection(bench: bench).run)
      case "contrast": ("low contrast", ContrastSection(bench: bench).run)
      case "helix": ("artefacts", HelixSection(bench: bench).run)
      case "head": ("head phantom", HeadSection(bench: bench).run)
      case "hardening": ("beam hardening", HardeningSection(bench: bench).run)
      default: ("projector", ProjectorSection(bench: bench).run)
      }
    }
    var sections: [QualitySection] = []
    for (index, part) in parts.enumerated() {
      try progress(Double(index), part.title)
      sections.append(
        try part.run { try progress(Double(index) + min(1, $0) * 0.99, part.title) })
    }
    try progress(Double(parts.count), "")
    return QualityResult(bench: bench, sections: sections)
  }
}
