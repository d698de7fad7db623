internal import Acquisition
internal import Evaluation
internal import FoundationEssentials
internal import MRScan
public import Reporting

/// What all measurements of a scanner showed.
public struct QualityResult: Sendable {
  /// What was measured.
  private enum Subject: Sendable {
    case ct(QualityBench)
    case mr(MRProtocol)
  }

  private let subject: Subject
  /// The parts in their order.
  public let sections: [QualitySection]

  init(bench: QualityBench, sections: [QualitySection]) {
    subject = .ct(bench)
    self.sections = sections
  }

  init(mr scanProtocol: MRProtocol, sections: [QualitySection]) {
    subject = .mr(scanProtocol)
    self.sections = sections
  }

  /// Figures with a limit: how many, and how many are outside.
  public var tally: (judged: Int, failed: Int) {
    let verdicts = sections.flatMap(\.findings).compactMap(\.passes)
    return (verdicts.count, verdicts.filter { !$0 }.count)
  }

  /// The figures outside their limits, `name: value (limit)`.
  public var failures: [String] {
    sections.flatMap { section in
      section.findings.filter { $0.passes == false }.map {
        let row = $0.row
        return "\(section.id): \(row.name): \(row.value) (\(row.limit))"
      }
    }
  }

  /// The page.
  ///
  /// - Parameter version: of MaskCT.
  public func report(version: String?) -> MeasurementReport {
    MeasurementReport(
      title: title, description: description,
      sections: sections.map { section in
        .init(
          id: section.id, title: section.title, text: section.text,
          rows: section.findings.map(\.row), charts: section.charts, pictures: section.pictures)
      },
      settings: settings, version: version)
  }

  private var title: String {
    switch subject {
    case .ct(let bench): "Scanner quality: \(bench.scanner.name), \(bench.scanProtocol.name)"
    case .mr(let own): "MR protocol: \(own.name)"
    }
  }

  private var description: String {
    switch subject {
    case .ct(let bench):
      """
      Phantoms of geometric solids whose line integrals are exact, scanned by the simulated scanner and \
      reconstructed. \(bench.isQuick
        ? "This is the quick look: fewer voltages, pitches and slices than in the full run. " : "")\
      A limit that is missed is shown as it is.
      """
    case .mr(let own):
      """
      \(own.description). Phantoms of water, oil and tissues, scanned by the simulated MR scanner with one coil. \
      A limit that is missed is shown as it is.
      """
    }
  }

  private var settings: [SettingsSection] {
    switch subject {
    case .ct(let bench): settings(of: bench)
    case .mr(let own): settings(of: own)
    }
  }

  private func settings(of own: MRProtocol) -> [SettingsSection] {
    func row(_ key: String, _ value: Double?, _ unit: String) -> SettingsSection.Row? {
      value.map { .init(key: key, value: "\(fixed($0, digits: 1)) \(unit)") }
    }
    return [
      SettingsSection(
        title: "Protocol \(own.name)",
        rows: [
          .init(key: "sequence", value: own.sequence.rawValue),
          row("field", own.fieldStrength, "T"), row("TR", own.tr, "ms"),
          row("TE", own.te, "ms"), row("TI", own.inversionTime, "ms"),
          row("flip angle", own.flipAngle, "degrees"),
          row("slice thickness", own.sliceThickness, "mm"),
          row("voxel, readout", own.voxel[0], "mm"), row("voxel, phase", own.voxel[1], "mm"),
          row("bandwidth", own.bandwidth, "Hz per voxel"),
        ].compactMap { $0 })
    ]
  }

  private func settings(of bench: QualityBench) -> [SettingsSection] {
    func row(_ key: String, _ value: Double, _ unit: String, digits: Int = 1)
      -> SettingsSection.Row
    {
      .init(key: key, value: "\(fixed(value, digits: digits)) \(unit)")
    }
    let (scanner, settings) = (bench.scanner, bench.scanProtocol)
    return [
      SettingsSection(
        title: "Scanner \(scanner.name)",
        rows: [
          row("source to isocentre", scanner.sourceToIsocenter, "mm"),
          row("source to detector", scanner.sourceToDetector, "mm"),
          row("channels", Double(scanner.channels), "", digits: 0),
          row("rows", Double(scanner.rows), "", digits: 0),
          row("row height", scanner.rowHeight, "mm", digits: 3),
          row("views a rotation", Double(scanner.viewsPerRotation), "", digits: 0),
          row("focal spot", scanner.focalSpot ?? 0, "mm", digits: 2),
          row("detector aperture", scanner.detectorAperture ?? 0, "of an element", digits: 2),
          row("scatter over primary", scanner.scatterToPrimary ?? 0, "", digits: 2),
        ]),
      SettingsSection(
        title: "Protocol \(settings.name)",
        rows: [
          row("dose", settings.mas, "mAs"), row("pitch", settings.pitch, "", digits: 2),
          .init(key: "kernel", value: settings.kernel),
          .init(
            key: "beam",
            value: settings.kvp.map { "\(fixed($0, digits: 0)) kVp" }
              ?? "\(fixed(settings.energy, digits: 0)) keV"),
        ]),
    ]
  }

  /// The JSON file's content.
  private struct Document: Encodable {
    struct Section: Encodable {
      let title: String
      let findings: [Item]
    }

    struct Item: Encodable {
      let finding: QualityFinding
      enum CodingKeys: String, CodingKey { case passes }

      func encode(to encoder: any Encoder) throws {
        try finding.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(finding.passes, forKey: .passes)
      }
    }

    let version: String?
    var scanner: Scanner?
    var scanProtocol: ScanProtocol?
    var quick: Bool?
    var mr: MRProtocol?
    let sections: [String: Section]

    enum CodingKeys: String, CodingKey {
      case version, scanner, quick, sections, mr
      case scanProtocol = "protocol"
    }
  }

  /// All figures with limits as JSON, by section; keys are sorted, equal results give equal bytes.
  ///
  /// - Parameter version: of MaskCT.
  public func json(version: String?) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    var document = Document(
      version: version,
      sections: Dictionary(
        uniqueKeysWithValues: sections.map { section in
          (
            section.id,
            .init(
              title: section.title, findings: section.findings.map(Document.Item.init(finding:)))
          )
        }))
    switch subject {
    case .ct(let bench):
      (document.scanner, document.scanProtocol) = (bench.scanner, bench.scanProtocol)
      document.quick = bench.isQuick
    case .mr(let own): document.mr = own
    }
    return Array(try encoder.encode(document)) + [UInt8(ascii: "\n")]
  }
}
