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
      series == nil && !input.hasSuffix(".nii.gz") && !input.hasSuffix(".nii")
      && (isFolder(input + "/imagesTr") || !exists(input))
    if isDataset {
      let dataset = try NNUNetDataset.find(input)
      structures = Self.numbered(try dataset.description().structures)
      cases = dataset.cases.map { name in
        let folder = output + "/" + name
        return ExportCase(
          name: name, labels: dataset.label(of: name), output: folder + "/labels" + format.suffix,
          image: dataset.image(of: name), imagesOutput: folder + "/ct",
          acquisition: Self.acquisition(record: dataset.rawFolder + "/records/\(name).json"))
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
          name: $0.name, labels: $0.paths[0], output: "\(output)/\($0.name)\(format.suffix)")
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
        let answer = try await driver.request("scan", [.init("input", .string(series))])
        try Self.pair(&cases, with: Inventory(json: answer).images, in: series)
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

  /// Structures in the order of a dataset, numbered from 1.
  static func numbered(_ structures: [String]) -> [UInt16: String] {
    Dictionary(uniqueKeysWithValues: structures.enumerated().map { (UInt16($0 + 1), $1) })
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

  /// How a case was scanned, from its record; empty where there is none.
  private static func acquisition(record: String) -> JSON {
    guard let json = try? JSON(contentsOf: record), let scan = json["scanProtocol"] else {
      return .object([])
    }
    var members: [JSON.Member] = []
    func add(_ name: String, _ value: JSON?) {
      if let value, value != .null { members.append(.init(name, value)) }
    }
    add("kvp", scan["kvp"])
    // With a noise index the mAs follow the body, and the protocol's own do not count.
    if scan["noise_index"] ?? .null == .null { add("mas", scan["mas"]) }
    add("pitch", scan["pitch"])
    add("kernel", scan["kernel"])
    add("slice_thickness_mm", scan["slice_thickness"])
    add("rotation_s", scan["rotation_time"])
    add("scanner", json["scanner"]?["name"])
    return .object(members)
  }

  /// Writes cases; `report` is told of each.
  static func write(
    _ cases: [ExportCase], structures: [UInt16: String], format: LabelFormat, algorithm: String,
    version: String, driver: Driver,
    report: (_ name: String, _ failure: MaskCTError?, _ count: Int) -> Void
  ) async throws {
    let described = structures.sorted { $0.key < $1.key }.map { id, name -> JSON in
      let code = StructureCode.of(name)
      return .pairs([
        "id": .integer(Int(id)), "name": .string(name), "code": .string(code.code),
        "meaning": .string(code.meaning), "side": .string(code.side),
        "color": .array(code.color.map { .integer($0) }),
      ])
    }
    _ = try await driver.request(
      "export",
      [
        .init("format", .string(format.rawValue)), .init("structures", .array(described)),
        .init("algorithm", .string(algorithm)), .init("version", .string(version)),
        .init("description", .string("Segmentation by \(algorithm)")),
        .init("cases", .array(cases.map(\.json))),
      ]
    ) { event in
      guard event["event"]?.text == "exported", let name = event["name"]?.text,
        let item = cases.first(where: { $0.name == name })
      else { return }
      let failure = event["error"]?.text.map {
        MaskCTError(.input, path: item.labels, $0, remedy: "the case is left out")
      }
      report(name, failure, event["done"]?.int ?? 0)
    }
  }
}

/// One label map to write, with its image if that is to be written, too.
struct ExportCase: Equatable, Sendable {
  var name: String
  /// The label map, NIfTI.
  var labels: String
  /// Where it goes.
  var output: String
  /// The UID of the series to reference.
  var series: String?
  /// An image to write as a series, which the labels then reference, and its folder.
  var image: String?
  var imagesOutput: String?
  /// kVp, mAs and so on of that image.
  var acquisition: JSON = .object([])

  var json: JSON {
    var members: [JSON.Member] = [
      .init("name", .string(name)), .init("labels", .string(absolute(labels))),
      .init("output", .string(output)), .init("acquisition", acquisition),
    ]
    if let series { members.append(.init("series", .string(series))) }
    if let image, let imagesOutput {
      members.append(.init("image", .string(absolute(image))))
      members.append(.init("images_output", .string(imagesOutput)))
    }
    return .object(members)
  }
}
