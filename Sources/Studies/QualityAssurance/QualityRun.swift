internal import Configuration
internal import Reporting
public import Support

/// All measurements of a scanner, one after the other.
public struct QualityRun: Sendable {
  private let bench: QualityBench

  /// A run on a bench.
  public init(_ bench: QualityBench) { self.bench = bench }

  /// Measures one section; what `progress` throws stops it.
  private typealias Measure = (_ progress: (Double) throws -> Void) throws -> QualitySection

  /// A section as it is named, announced, timed and measured.
  private struct Part {
    /// What `--sections` takes.
    var name: String
    /// What progress shows.
    var title: String
    /// Seconds with `rows128` on two cores.
    var cost: Double
    /// The measurement on a bench.
    var measure: (QualityBench) -> Measure
  }

  private static var parts: [Part] {
    [
      Part(name: "water", title: "water", cost: 158) { WaterSection(bench: $0).run },
      Part(name: "inserts", title: "inserts", cost: 16) { InsertSection(bench: $0).run },
      Part(name: "iodine", title: "contrast medium", cost: 16) { IodineSection(bench: $0).run },
      Part(name: "noise", title: "noise", cost: 127) { NoiseSection(bench: $0).run },
      Part(name: "nps", title: "noise power spectrum", cost: 33) {
        NoiseSpectrumSection(bench: $0).run
      },
      Part(name: "mtf", title: "resolution", cost: 33) { ResolutionSection(bench: $0).run },
      Part(name: "ssp", title: "slices", cost: 25) { SliceSection(bench: $0).run },
      Part(name: "contrast", title: "low contrast", cost: 5) { ContrastSection(bench: $0).run },
      Part(name: "helix", title: "artefacts", cost: 48) { HelixSection(bench: $0).run },
      Part(name: "head", title: "head phantom", cost: 180) { HeadSection(bench: $0).run },
      Part(name: "hardening", title: "beam hardening", cost: 5) {
        HardeningSection(bench: $0).run
      },
      Part(name: "projector", title: "projector", cost: 5) { ProjectorSection(bench: $0).run },
    ]
  }

  /// The names of all sections, in the order in which they are measured.
  public static let sections = parts.map(\.name)

  /// How long each of the named sections takes, in the order in which they are measured: seconds with
  /// `rows128` on two cores.
  ///
  /// - Throws: `MaskCTError` (usage) for an unknown section, with the nearest name, and for none.
  public static func costs(of names: [String]) throws(MaskCTError) -> [Double] {
    try parts(named: names).map(\.cost)
  }

  private static func parts(named names: [String]) throws(MaskCTError) -> [Part] {
    let known = sections
    if let name = names.first(where: { !known.contains($0) }) {
      throw MaskCTError(
        .usage, "there is no section '\(name)'",
        remedy: NearMiss.remedy(
          for: name, among: known, otherwise: "choose from \(known.joined(separator: ", "))"))
    }
    guard !names.isEmpty else {
      throw MaskCTError(
        .usage, "no section is named", remedy: "choose from \(known.joined(separator: ", "))")
    }
    return parts.filter { names.contains($0.name) }
  }

  /// Builds the phantoms, scans them and measures.
  ///
  /// - Parameters:
  ///   - names: of the sections wanted; they come in the order of `sections`.
  ///   - progress: called with the number of sections done and how far the next one is, and its title;
  ///     what it throws stops the run.
  /// - Throws: `MaskCTError` (usage) for an unknown section, with the nearest name.
  public func run(
    _ names: [String] = sections, progress: (Double, String) throws -> Void = { _, _ in }
  ) throws -> QualityResult {
    let parts = try Self.parts(named: names)
    var sections: [QualitySection] = []
    for (index, part) in parts.enumerated() {
      try progress(Double(index), part.title)
      let measure = part.measure(bench)
      sections.append(
        try measure { try progress(Double(index) + min(1, $0) * 0.99, part.title) })
    }
    try progress(Double(parts.count), "")
    return QualityResult(bench: bench, sections: sections)
  }
}
