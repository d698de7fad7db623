import Anatomy
import Datasets
public import Support
import Training

/// Writes label maps, and whole datasets, in the formats that hospitals and viewers use.
///
/// - Label maps with the DICOM series on which they were made become DICOM-SEG or RTSTRUCT objects that
///   reference its slices; without one, `.seg.nrrd`.
/// - A dataset that MaskCT generated becomes one folder per case: the simulated CT as a DICOM series, marked as
///   simulated, with kVp, mAs, pitch, kernel and slice thickness in its header, and the labels on it.
///
/// Structures carry SNOMED CT codes and colours (`codes.yaml`).
public struct LabelExport: Sendable {
  /// What happens while it runs.
  public enum Event: Equatable, Sendable {
    /// A step of installing the Python environment.
    case installing(String)
    /// A case is written, or is left out for the reason given.
    case done(name: String, failure: MaskCTError?, count: Int, total: Int)
  }

  private let input: String
  private let output: String
  private let format: LabelFormat
  private let series: String?
  private let scheme: String?
  private let overwrite: Bool
  private let version: String

  /// Creates an export; nothing is read or written.
  ///
  /// - Parameters:
  ///   - input: an nnU-Net dataset (number, name or folder), a folder of label maps, or one.
  ///   - output: the folder to write into.
  ///   - series: a DICOM series, or a folder of several, on which the label maps were made.
  ///   - scheme: names the numbers of label maps, if they are no dataset's.
  ///   - version: the tool's version, for the objects' headers.
  public init(
    input: String, output: String, format: LabelFormat, series: String? = nil,
    scheme: String? = nil, overwrite: Bool = false, version: String
  ) {
    self.input = input
    self.output = absolute(output)
    self.format = format
    self.series = series.map { absolute($0) }
    self.scheme = scheme
    self.overwrite = overwrite
    self.version = version
  }

  /// Writes everything that can be.
  ///
  /// - Returns: how many of how many cases were written.
  /// - Throws: `MaskCTError` if the input is neither, output is there already, or the series is missing.
  public func run(report: @escaping (Event) -> Void = { _ in }) async throws -> (
    written: Int, total: Int
  ) {
    var cases: [ExportCase]
    let structures: [UInt16: String]
    let isDataset =
      series == nil && CaseFiles.stem(lastComponent(input)) == nil
      && (isFolder(input + "/imagesTr") || !exists(input))
    if isDataset {
      let dataset = try NNUNetDataset.find(input)
      structures = try dataset.description().names
      cases = try dataset.cases.map { name in
        let folder = output + "/" + name
        let record = dataset.rawFolder + "/records/\(name).json"
        // A patient's image must never get a header that says it is nobody's.
        guard let summary = CaseSummary(path: record) else {
          throw MaskCTError(
            .input, path: dataset.image(of: name),
            "is not a simulated image: 'maskct generate' left no record of it",
            remedy: "export label maps with --series, the DICOM series that they belong to")
        }
        guard summary.draw.ct != nil else {
          throw MaskCTError(
            .input, path: dataset.image(of: name),
            "is simulated MR, of which no DICOM series is written",
            remedy: "export the folder of its label maps by itself, to nrrd")
        }
        return ExportCase(
          name: name, labels: absolute(dataset.label(of: name)),
          output: folder + "/labels" + format.suffix, image: absolute(dataset.image(of: name)),
          imagesOutput: folder + "/ct", acquisition: Self.acquisition(summary))
      }
    } else {
      let source = try LabelSource(
        path: input,
        scheme: try scheme.map { name throws(MaskCTError) in try LabelScheme.load(name) })
      guard source.layout != .totalSegmentator, let scheme = source.scheme else {
        throw MaskCTError(
          .usage, path: input, "has one file per structure", remedy: "give multi-label files")
      }
      structures = scheme.structures
      cases = source.cases.map {
        ExportCase(
          name: $0.name, labels: absolute($0.paths[0]),
          output: "\(output)/\($0.name)\(format.suffix)")
      }
      if format.referencesSeries, series == nil {
        throw MaskCTError(
          .usage, "\(format.rawValue) references the images that the labels lie on",
          remedy: "name the DICOM series with --series, or write --format nrrd")
      }
    }
    guard format != .nifti else {
      throw MaskCTError(
        .usage, "label maps are NIfTI already", remedy: "choose dicom-seg, rtstruct or nrrd")
    }
    if !overwrite, let old = cases.map(\.output).first(where: exists) {
      throw MaskCTError(
        .output, path: old, "exists already", remedy: "use --overwrite, or name another folder")
    }
    for item in cases { try createFolder(parent(item.output)) }
    let prepared = cases
    var written = 0
    try await ExchangeEnvironment.run(progress: { report(.installing($0)) }) { driver in
      var cases = prepared
      if let series {
        let inventory = try await driver.request(ScanRequest(input: series))
        try Self.pair(&cases, with: inventory.images, in: series)
      }
      try await Self.write(
        cases, structures: structures, format: format, algorithm: "MaskCT", version: version,
        driver: driver
      ) { name, failure, count in
        if failure == nil { written += 1 }
        report(.done(name: name, failure: failure, count: count, total: prepared.count))
      }
    }
    return (written, cases.count)
  }

  /// Gives every case the series of its name, or the only one there is.
  private static func pair(
    _ cases: inout [ExportCase], with images: [Inventory.Image], in folder: String
  ) throws {
    let images = images.filter { !$0.uid.hasPrefix("volume-") }
    guard !images.isEmpty else {
      throw MaskCTError(
        .input, path: folder, "holds no CT series", remedy: "give a folder or zip of CT slices")
    }
    for index in cases.indices {
      let name = cases[index].name
      guard let image = images.count == 1 ? images[0] : images.first(where: { $0.name == name })
      else {
        throw MaskCTError(
          .input, path: folder, "none of its \(images.count) series is called '\(name)'",
          remedy: "name the label maps after the patients' IDs, as 'maskct import' does, or give "
            + "one series")
      }
      cases[index].series = image.uid
    }
  }

  /// How a case was scanned, from its record; `nil` where it has no CT.
  private static func acquisition(_ record: CaseSummary) -> ExportCase.Acquisition? {
    guard let scan = record.draw.ct else { return nil }
    let settings = scan.protocol
    return ExportCase.Acquisition(
      scanner: scan.scanner.name, kvp: settings.kvp,
      mas: settings.noiseIndex == nil ? settings.mas : nil, pitch: settings.pitch,
      kernel: settings.kernel, sliceThickness: settings.sliceThickness,
      rotationTime: settings.rotationTime)
  }

  /// Writes cases; `report` is called for each.
  static func write(
    _ cases: [ExportCase], structures: [UInt16: String], format: LabelFormat, algorithm: String,
    version: String, driver: Driver,
    report: (_ name: String, _ failure: MaskCTError?, _ count: Int) -> Void
  ) async throws {
    let described = structures.sorted { $0.key < $1.key }.map { id, name in
      let code = StructureCode.of(name)
      return ExportRequest.Structure(
        id: id, name: name, code: code.code, meaning: code.meaning, side: code.side,
        color: code.color)
    }
    try await driver.request(
      ExportRequest(
        format: format.rawValue, structures: described, algorithm: algorithm, version: version,
        description: "Segmentation by \(algorithm)", cases: cases)
    ) { event in
      guard let item = cases.first(where: { $0.name == event.name }) else { return }
      let failure = event.error.map {
        MaskCTError(.input, path: item.labels, $0, remedy: "the case is left out")
      }
      report(event.name, failure, event.done)
    }
  }
}
