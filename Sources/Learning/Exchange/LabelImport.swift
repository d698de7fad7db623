import Anatomy
public import Support
import Training

/// Turns DICOM, NRRD and MetaImage labels into what `maskct generate --labels` reads.
///
/// Writes into the output folder:
/// - `labels/CASE.nii.gz`, one multi-label file per case;
/// - `scheme.yaml`, which structure each number is;
/// - `matched.csv`, which structure each name was taken for, to correct and run again (see `MatchTable`);
/// - `report.csv`, every structure with its volume, and what was left out and why;
/// - `images/CASE.nii.gz`, CT series in HU, if asked for or if there are no labels.
public struct LabelImport: Sendable {
  /// How it is done.
  public struct Settings: Equatable, Sendable {
    /// Converts CT series beside labels, too.
    public var images = false
    /// Voxel size in the plane where a grid has to be made from contours, mm.
    public var spacing = 1.0
    /// A table of names in place of `matched.csv` in the output folder.
    public var table: String?
    /// Replaces what an earlier run wrote.
    public var overwrite = false

    /// Creates the defaults.
    public init() {}
  }

  /// What happens while it runs.
  public enum Event: Equatable, Sendable {
    /// A step of installing the Python environment.
    case installing(String)
    /// So many files were looked at.
    case found(files: Int)
    /// A case or an image is written, or was left out for the reason given.
    case done(name: String, failure: MaskCTError?, count: Int, total: Int)
    /// Something about a case that a user should know.
    case note(String)
  }

  /// What was written.
  public struct Outcome: Equatable, Sendable {
    /// Cases in `labels`, and how many there were.
    public var cases = 0, allCases = 0
    /// Images in `images`, and how many there were.
    public var images = 0, allImages = 0
    /// Names that were matched, and those that were not.
    public var matched = 0, unmatched: [String] = []
    /// Structures in the scheme.
    public var structures: [String] = []
    /// Files that were left out.
    public var skipped = 0
  }

  private let input: String
  private let output: String
  private let settings: Settings

  /// Creates an import; nothing is read or written.
  ///
  /// - Parameters:
  ///   - input: a file, a folder or a zip.
  ///   - output: the folder to write into.
  public init(input: String, output: String, settings: Settings = Settings()) {
    self.input = absolute(input)
    self.output = absolute(output)
    self.settings = settings
  }

  /// Imports everything that can be; one bad file does not lose the others.
  ///
  /// - Throws: `MaskCTError` if there is nothing to import, no name is a known structure, or the output
  ///   folder holds an earlier import.
  public func run(report: @escaping (Event) -> Void = { _ in }) async throws -> Outcome {
    guard exists(input) else {
      throw MaskCTError(.input, path: input, "no such file or folder", remedy: "check the path")
    }
    let labels = output + "/labels"
    let images = output + "/images"
    if !settings.overwrite,
      let old = [labels, images].first(where: { !names(in: $0).isEmpty })
    {
      throw MaskCTError(
        .output, path: old, "holds an earlier import",
        remedy: "replace it with --overwrite, or name another folder")
    }
    let tablePath = settings.table.map { absolute($0) } ?? output + "/matched.csv"
    let earlier =
      settings.table != nil || exists(tablePath) ? try MatchTable(path: tablePath) : nil
    return try await ExchangeEnvironment.run(progress: { report(.installing($0)) }) { driver in
      let inventory = try await driver.request(ScanRequest(input: input)) {
        report(.found(files: $0.files))
      }
      guard !inventory.cases.isEmpty || !inventory.images.isEmpty else { throw nothing(inventory) }
      try createFolder(output)
      var rows = inventory.skipped.map { ReportRow(file: $0.file, note: $0.reason) }
      var outcome = Outcome()
      outcome.skipped = inventory.skipped.count
      if !inventory.cases.isEmpty {
        let matches = Matches(inventory: inventory, earlier: earlier)
        try AtomicFile.write(matches.table.text, to: output + "/matched.csv")
        outcome.matched = matches.table.rows.count { !$0.structure.isEmpty && $0.structure != "-" }
        outcome.unmatched = matches.table.rows.filter(\.structure.isEmpty).map(\.key.name)
        guard !matches.ids.isEmpty else {
          throw MaskCTError(
            .input, path: output + "/matched.csv",
            "none of \(matches.table.rows.count) names is a known structure",
            remedy:
              "fill in the column 'structure' ('maskct show structures' lists them) and run again"
          )
        }
        try write(matches.scheme(named: lastComponent(output)), to: output + "/scheme.yaml")
        try startFolder(labels)
        let converted = try await convert(
          inventory, matches: matches, driver: driver, report: report)
        rows += converted.rows
        outcome.structures = matches.structures
        outcome.allCases = inventory.cases.count
        outcome.cases = converted.written
      }
      if settings.images || inventory.cases.isEmpty, !inventory.images.isEmpty {
        try startFolder(images)
        let converted = try await convertImages(
          inventory.images, to: images, driver: driver, report: report)
        rows += converted.rows
        outcome.allImages = inventory.images.count
        outcome.images = converted.written
      }
      try AtomicFile.write(ReportRow.text(rows), to: output + "/report.csv")
      return outcome
    }
  }

  private func nothing(_ inventory: Inventory) -> MaskCTError {
    let first = inventory.skipped.first.map { "; \($0.file) \($0.reason)" } ?? ""
    return MaskCTError(
      .input, path: input,
      "holds no labels and no CT series among \(inventory.files) files\(first)",
      remedy: "give RTSTRUCT, DICOM-SEG, .nrrd, .mha or CT slices, or a folder or zip of them")
  }

  private func startFolder(_ path: String) throws {
    if settings.overwrite { try remove(path) }
    try createFolder(path)
  }

  private func write(_ scheme: String, to path: String) throws {
    try AtomicFile.write(scheme, to: path)
    _ = try LabelScheme.load(path)
  }

  private func convert(
    _ inventory: Inventory, matches: Matches, driver: Driver, report: (Event) -> Void
  ) async throws -> (rows: [ReportRow], written: Int) {
    var rows: [ReportRow] = []
    var wanted: [ConvertRequest.LabelMap] = []
    var byName: [String: Inventory.Case] = [:]
    for (index, item) in inventory.cases.enumerated() {
      byName[item.name] = item
      let ids = item.segments.compactMap { segment in
        matches.id(of: segment).map {
          ConvertRequest.Number(file: segment.file, number: segment.number, id: $0)
        }
      }
      for segment in item.segments where matches.id(of: segment) == nil {
        rows.append(
          ReportRow(
            caseName: item.name, file: item.files[segment.file], name: segment.name,
            note: matches.isLeftOut(segment) ? "left out by the table" : "no known structure"))
      }
      if ids.isEmpty {
        rows.append(
          ReportRow(caseName: item.name, file: item.files[0], note: "left out: no name was matched")
        )
        continue
      }
      wanted.append(
        ConvertRequest.LabelMap(
          index: index, name: item.name, output: output + "/labels/\(item.name).nii.gz", ids: ids))
    }
    var written = 0
    // A note that holds for a whole archive is one line, not one for each case.
    var repeats: [String: Int] = [:]
    try await driver.request(ConvertRequest(cases: wanted, spacing: settings.spacing)) { event in
      guard let item = byName[event.name] else { return }
      let failure = event.error.map {
        MaskCTError(.input, path: path(of: item.files[0]), $0, remedy: "the case is left out")
      }
      if let failure {
        rows.append(
          ReportRow(
            caseName: item.name, file: item.files[0], note: "left out: \(failure.problem)"))
      } else {
        written += 1
      }
      for note in event.notes ?? [] {
        rows.append(ReportRow(caseName: item.name, file: item.files[0], note: note))
        if repeats[note] == nil { report(.note("\(item.name): \(note)")) }
        repeats[note, default: -1] += 1
      }
      for part in event.segments ?? [] {
        guard
          let segment = item.segments.first(where: {
            $0.file == part.file && $0.number == part.number
          })
        else { continue }
        var notes = part.notes
        if part.hidden > 0 {
          notes.append("\(part.hidden) ml are hidden by smaller structures")
        }
        rows.append(
          ReportRow(
            caseName: item.name, file: item.files[segment.file], name: segment.name,
            structure: matches.structure(of: segment) ?? "", milliliters: part.ml,
            note: notes.joined(separator: "; ")))
      }
      report(.done(name: item.name, failure: failure, count: event.done, total: event.total))
    }
    for (note, count) in repeats.sorted(by: { $0.key < $1.key }) where count > 0 {
      report(.note("\(count) more \(count == 1 ? "case" : "cases") (see report.csv): \(note)"))
    }
    return (rows, written)
  }

  private func convertImages(
    _ images: [Inventory.Image], to folder: String, driver: Driver, report: (Event) -> Void
  ) async throws -> (rows: [ReportRow], written: Int) {
    var rows: [ReportRow] = []
    var written = 0
    try await ImageConversion.run(images, to: folder, driver: driver) {
      image, failure, notes, count in
      if failure == nil { written += 1 }
      for note in notes + (failure.map { ["left out: \($0)"] } ?? []) {
        rows.append(ReportRow(caseName: image.name, file: image.shown, note: note))
      }
      report(
        .done(
          name: image.name,
          failure: failure.map {
            MaskCTError(
              .input, path: path(of: image.shown), $0, remedy: "the image is left out")
          }, count: count, total: images.count))
    }
    return (rows, written)
  }

  /// The path of something below the input, as a user finds it again.
  private func path(of shown: String) -> String {
    isFolder(input) ? input + "/" + shown : input
  }
}

/// CT series as NIfTI in HU.
enum ImageConversion {
  /// Writes `FOLDER/NAME.nii.gz` for each image, with `suffix` after the name; `report` gets the reason why
  /// one could not be written.
  static func run(
    _ images: [Inventory.Image], to folder: String, suffix: String = "", driver: Driver,
    report: (_ image: Inventory.Image, _ failure: String?, _ notes: [String], _ count: Int) -> Void
  ) async throws {
    let wanted = images.map {
      ImagesRequest.Image(
        name: $0.name, uid: $0.uid, output: "\(folder)/\($0.name)\(suffix).nii.gz")
    }
    try await driver.request(ImagesRequest(images: wanted)) { event in
      guard let image = images.first(where: { $0.name == event.name }) else { return }
      report(image, event.error, event.notes ?? [], event.done)
    }
  }
}

/// Which structure and number each name of an inventory gets.
struct Matches {
  /// What was matched, for `matched.csv`, names in alphabetical order.
  let table: MatchTable
  /// The structures in use, in the catalog's order, numbered from 1.
  let structures: [String]
  /// The number of each.
  let ids: [String: UInt16]
  private let byKey: [MatchTable.Key: String]

  /// Matches every name: as an earlier table says, else as the matcher finds.
  init(inventory: Inventory, earlier: MatchTable?, matcher: StructureMatcher = .standard) {
    var told: [MatchTable.Key: String] = [:]
    for row in earlier?.rows ?? [] where !row.structure.isEmpty { told[row.key] = row.structure }
    var rows: [MatchTable.Key: MatchTable.Row] = [:]
    for item in inventory.cases {
      var seen: Set<MatchTable.Key> = []
      for segment in item.segments where seen.insert(segment.key).inserted {
        let found = matcher.structure(name: segment.name, code: segment.code, side: segment.side)
        let entry = told[segment.key]
        // What the matcher says anyway is not a correction, whoever wrote the table.
        let isFound = entry == nil || entry == found?.structure
        rows[
          segment.key,
          default: MatchTable.Row(
            key: segment.key, structure: entry ?? found?.structure ?? "",
            how: isFound ? found?.by.rawValue ?? "none" : "table", cases: 0)
        ].cases += 1
      }
    }
    table = MatchTable(
      rows: rows.values.sorted { ($0.key.name, $0.key.code) < ($1.key.name, $1.key.code) })
    byKey = rows.mapValues(\.structure)
    let used = Set(byKey.values)
    structures = StructureCatalog.standard.names.filter(used.contains)
    ids = Dictionary(
      uniqueKeysWithValues: structures.enumerated().map { ($1, UInt16($0 + 1)) })
  }

  func structure(of segment: Inventory.Segment) -> String? { byKey[segment.key] }

  func id(of segment: Inventory.Segment) -> UInt16? { structure(of: segment).flatMap { ids[$0] } }

  func isLeftOut(_ segment: Inventory.Segment) -> Bool { structure(of: segment) == "-" }

  /// The scheme file for `maskct generate --scheme`.
  func scheme(named name: String) -> String {
    // A plain YAML string, whatever the folder is called.
    let name = name.map { $0.isLetter || $0.isNumber || "_-".contains($0) ? $0 : "_" }
    var text = "# Written by maskct import; matched.csv says which names stand behind these.\n"
    text += "name: \"\(String(name))\"\ndescription: imported labels\nlabels:\n"
    for (index, structure) in structures.enumerated() { text += "  \(index + 1): \(structure)\n" }
    return text
  }
}

/// One line of `report.csv`.
struct ReportRow: Equatable {
  var caseName = ""
  var file = ""
  var name = ""
  var structure = ""
  var milliliters: Double?
  var note = ""

  static func text(_ rows: [ReportRow]) -> String {
    "case,file,name,structure,ml,note\n"
      + rows.map { row in
        CSV.line([
          row.caseName, row.file, row.name, row.structure, row.milliliters.map { "\($0)" } ?? "",
          row.note,
        ])
      }.joined()
  }
}
