import FoundationEssentials
public import Support
public import Volumes

/// A folder of label maps and the scheme that names their structures.
///
/// Four layouts are found by themselves:
/// - a folder of multi-label files, one a case: `FOLDER/label0001.nii.gz`;
/// - an nnU-Net dataset, or its `labelsTr`: `Dataset007_Liver/labelsTr/liver_3.nii.gz`;
/// - TotalSegmentator, a folder a case and a binary file a structure:
///   `FOLDER/s0001/segmentations/liver.nii.gz`;
/// - what `maskct import` wrote: `FOLDER/labels/case.nii.gz` with `FOLDER/scheme.yaml`.
public struct LabelSource: Sendable {
  /// How the files lie.
  public enum Layout: String, Sendable, Codable {
    /// One multi-label file a case.
    case files
    /// One multi-label file a case, in an nnU-Net dataset.
    case nnUNet = "nnunet"
    /// One folder a case, one binary file a structure.
    case totalSegmentator = "totalsegmentator"
  }

  /// One case: its name and its files.
  public struct Case: Equatable, Sendable {
    /// The name: the file's without `.nii.gz`, or the folder's.
    public let name: String
    /// One multi-label file, or the binary files of its structures.
    public let paths: [String]
    /// The mask of what its CT shows, if there is one.
    public let region: String?

    /// Creates a case of some files, for example of a few structures of a larger one.
    public init(name: String, paths: [String], region: String? = nil) {
      self.name = name
      self.paths = paths
      self.region = region
    }
  }

  /// The folder, as the user gave it.
  public let path: String
  /// The layout that was found.
  public let layout: Layout
  /// The scheme of multi-label files; binary files are named by themselves.
  public let scheme: LabelScheme?
  /// All cases, sorted by name.
  public let cases: [Case]
  /// The folder of region masks, as the user gave it.
  public let regions: String?
  /// Whether a map is put right that its header turns upside down (see `load`).
  public var correctsOrientation = true
  /// The only case, where it is no file.
  private var inMemory: (labels: LabelMap, frame: FileFrame)?

  /// Finds the cases of a folder, or takes a single file as one.
  ///
  /// - Parameter scheme: names the ids of multi-label files. An nnU-Net dataset can do without: its
  ///   `dataset.json` names them.
  /// - Parameter regions: a folder with a mask for every case, named as the case, of what its CT
  ///   shows: 0 where an image is to hold air only, as where published images were cut to a dose
  ///   region or a circle.
  /// - Throws: `MaskCTError` for a missing folder, one without label maps, two files of one name,
  ///   a missing scheme, and a case without its region mask.
  public init(path: String, scheme: LabelScheme? = nil, regions: String? = nil)
    throws(MaskCTError)
  {
    self.path = path
    self.regions = regions
    var cases: [Case]
    guard let kind = Self.kind(path) else {
      throw MaskCTError(
        .input, path: path, "no such folder of label maps", remedy: "check the path")
    }
    if kind == .file {
      guard let name = Self.caseName(path) else {
        throw MaskCTError(
          .input, path: path, "is not a NIfTI file",
          remedy: Self.importRemedy(path) ?? "give .nii or .nii.gz files")
      }
      layout = .files
      cases = [Case(name: Self.lastComponent(name), paths: [path])]
      self.scheme = scheme
    } else if Self.kind(path + "/labelsTr") == .folder || Self.lastComponent(path) == "labelsTr" {
      let isDataset = Self.kind(path + "/labelsTr") == .folder
      layout = .nnUNet
      cases = try Self.files(in: isDataset ? path + "/labelsTr" : path)
      let json = isDataset ? path + "/dataset.json" : path + "/../dataset.json"
      if scheme == nil, Self.kind(json) == .file {
        self.scheme = try LabelScheme(nnUNetDataset: json)
      } else {
        self.scheme = scheme
      }
    } else if Self.kind(path + "/labels") == .folder, Self.kind(path + "/scheme.yaml") == .file {
      layout = .files
      cases = try Self.files(in: path + "/labels")
      if let scheme {
        self.scheme = scheme
      } else {
        self.scheme = try LabelScheme.load(path + "/scheme.yaml")
      }
    } else {
      let folders = try Self.totalSegmentatorCases(in: path)
      layout = folders.isEmpty ? .files : .totalSegmentator
      cases = folders.isEmpty ? try Self.files(in: path) : folders
      self.scheme = scheme
    }
    self.cases = try cases.map { item throws(MaskCTError) in
      guard let regions else { return item }
      return try Case(
        name: item.name, paths: item.paths, region: Self.region(of: item, in: regions))
    }
    if cases.isEmpty {
      throw MaskCTError(
        .input, path: path, "holds no label maps",
        remedy: Self.importRemedy(path)
          ?? "give a folder of .nii.gz files, an nnU-Net dataset, or TotalSegmentator folders")
    }
    if self.scheme == nil, layout != .totalSegmentator {
      throw MaskCTError(
        .usage, path: path, "needs a label scheme to name its numbers",
        remedy:
          "choose one of \(LabelScheme.presets.names.joined(separator: ", ")), or give a YAML file"
      )
    }
  }

  /// A single label map that is in memory already.
  ///
  /// - Parameter name: what the case is called.
  /// - Parameter frame: how the map lies in the array or file that it came from.
  public init(labels: LabelMap, frame: FileFrame, name: String, scheme: LabelScheme) {
    path = VoxelArray.name
    layout = .files
    cases = [Case(name: name, paths: [VoxelArray.name])]
    regions = nil
    self.scheme = scheme
    inMemory = (labels, frame)
  }

  /// Reads a case.
  ///
  /// A map whose organs contradict its header (front and back exchanged, say, as in one published
  /// set) is mirrored so that the anatomy is right on the grid that the header states; a note of
  /// the map says so.
  ///
  /// - Throws: `MaskCTError` for unreadable files, an id that the scheme does not name, binary files
  ///   on different grids, a file named after no structure, and an empty map.
  public func load(_ item: Case, workers: Workers) throws -> AnatomicalMap {
    var map =
      layout == .totalSegmentator
      ? try loadBinary(item, workers: workers) : try loadLabels(item, workers: workers)
    map.region = try item.region.map { try loadRegion($0, of: map, workers: workers) }
    return correctsOrientation ? OrientationCheck.corrected(map, workers: workers) : map
  }

  private func loadRegion(_ path: String, of map: AnatomicalMap, workers: Workers) throws
    -> LabelMap
  {
    let region = try NIfTI.readLabelMap(path, workers: workers).labels
    guard region.grid.matches(map.labels.grid) else {
      throw MaskCTError(
        .input, path: path,
        "its grid (\(region.grid)) differs from that of the label map (\(map.labels.grid))",
        remedy: "resample it onto the grid of the label map")
    }
    guard region.values.contains(where: { $0 != 0 }) else {
      throw MaskCTError(
        .input, path: path, "is empty: an image would show nothing", remedy: "leave this case out")
    }
    return region
  }

  private func loadLabels(_ item: Case, workers: Workers) throws -> AnatomicalMap {
    let path = item.paths[0]
    let (labels, frame) = try inMemory ?? NIfTI.readLabelMap(path, workers: workers)
    let ids = LabelCensus(labels, workers: workers).entries.keys.sorted()
    guard !ids.isEmpty else { throw Self.empty(path) }
    let scheme = self.scheme!
    if let unknown = ids.first(where: { scheme.structures[$0] == nil }) {
      throw MaskCTError(
        .input, path: path, "holds label \(unknown), which scheme '\(scheme.name)' does not name",
        remedy: Self.remedy(for: ids, scheme: scheme, unknown: unknown))
    }
    return AnatomicalMap(
      name: item.name, labels: labels,
      structures: Dictionary(uniqueKeysWithValues: ids.map { ($0, scheme.structures[$0]!) }),
      frame: frame)
  }

  private static func remedy(for ids: [UInt16], scheme: LabelScheme, unknown: UInt16) -> String {
    // Schemes that name every id of the file; the smallest is the likeliest.
    let fitting = LabelScheme.presets.names.compactMap { try? LabelScheme.load($0) }
      .filter { preset in ids.allSatisfy { preset.structures[$0] != nil } }
      .min { $0.structures.count < $1.structures.count }
    let own = "add '\(unknown): STRUCTURE' to a copy of the scheme"
    return fitting.map { "try scheme '\($0.name)', or \(own)" } ?? own
  }

  private static func region(of item: Case, in folder: String) throws(MaskCTError) -> String {
    for suffix in [".nii.gz", ".nii"] {
      let path = "\(folder)/\(item.name)\(suffix)"
      if kind(path) == .file { return path }
    }
    throw MaskCTError(
      .input, path: folder, "holds no region mask for the label map '\(item.name)'",
      remedy: "add \(item.name).nii.gz there, or take the label map away")
  }

  private static func empty(_ path: String) -> MaskCTError {
    MaskCTError(
      .input, path: path, "is empty: no voxel carries a label", remedy: "leave this case out")
  }

  /// Ids of binary files: TotalSegmentator v2's, and numbers after it for other structures.
  private static let binaryIDs: [String: UInt16] = {
    var ids: [String: UInt16] = [:]
    for (id, structure) in (try? LabelScheme.load("totalsegmentator-v2"))?.structures ?? [:] {
      ids[structure] = id
    }
    var next: UInt16 = 1000
    for structure in StructureCatalog.standard.names where ids[structure] == nil {
      ids[structure] = next
      next += 1
    }
    return ids
  }()

  private func loadBinary(_ item: Case, workers: Workers) throws -> AnatomicalMap {
    var files: [(path: String, structure: String, id: UInt16)] = []
    for path in item.paths {
      let name = Self.lastComponent(Self.caseName(path) ?? path)
      let structure = try StructureCatalog.standard.structure(named: name, in: path)
      files.append((path, structure, Self.binaryIDs[structure]!))
    }
    files.sort { $0.id < $1.id }
    let (grid, frame, _) = try NIfTI.readHeader(files[0].path)
    for file in files.dropFirst() {
      let other = try NIfTI.readHeader(file.path).grid
      guard other.matches(grid) else {
        throw MaskCTError(
          .input, path: file.path,
          "its grid (\(other)) differs from that of \(Self.lastComponent(files[0].path)) (\(grid))",
          remedy: "resample it onto the grid of its siblings, or take it out")
      }
    }
    var merged = [UInt16](repeating: 0, count: grid.count)
    var structures: [UInt16: String] = [:]
    // Inflating is the work: as many files at once as there are threads, merged in order of ids.
    var start = 0
    while start < files.count {
      let batch = Array(files[start..<min(start + workers.count, files.count)])
      var masks = [Result<[UInt16], any Error>](repeating: .success([]), count: batch.count)
      masks.withUnsafeMutableBufferPointer { masks in
        nonisolated(unsafe) let masks = masks
        workers.forEach(batch.count) { index in
          masks[index] = Result {
            try NIfTI.readLabelMap(batch[index].path, workers: Workers(count: 1)).labels.values
          }
        }
      }
      for (file, mask) in zip(batch, masks) {
        let mask = try mask.get()
        var isPresent = false
        mask.withUnsafeBufferPointer { mask in
          merged.withUnsafeMutableBufferPointer { merged in
            for index in 0..<merged.count where mask[index] != 0 {
              merged[index] = file.id
              isPresent = true
            }
          }
        }
        if isPresent { structures[file.id] = file.structure }
      }
      start += batch.count
    }
    guard !structures.isEmpty else { throw Self.empty(Self.folder(of: files[0].path)) }
    return AnatomicalMap(
      name: item.name, labels: LabelMap(grid: grid, values: merged), structures: structures,
      frame: frame)
  }
}

// MARK: - Folders

extension LabelSource {
  fileprivate enum Kind { case file, folder }

  fileprivate static func kind(_ path: String) -> Kind? {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    return isFolder ? .folder : .file
  }

  /// The command that turns a file or folder of other formats into label maps; `nil` if there are none.
  fileprivate static func importRemedy(_ path: String) -> String? {
    holdsOtherFormats(path, depth: 4)
      ? "turn it into label maps with 'maskct import \(path) --output masks', then give 'masks'"
      : nil
  }

  /// Whether a file, or one of the first in a folder, is DICOM, NRRD, MetaImage or a zip.
  private static func holdsOtherFormats(_ path: String, depth: Int) -> Bool {
    if kind(path) == .folder {
      let names = (try? entries(of: path)) ?? []
      return depth > 0
        && names.prefix(50).contains { holdsOtherFormats("\(path)/\($0)", depth: depth - 1) }
    }
    let suffixes = [".dcm", ".ima", ".nrrd", ".nhdr", ".mha", ".mhd", ".zip"]
    if suffixes.contains(where: path.lowercased().hasSuffix) { return true }
    // DICOM files often have no suffix: a mark after 128 bytes shows what they are.
    let start = (try? ByteFile.read(path, first: 132)) ?? []
    return start.count == 132 && start.suffix(4).elementsEqual("DICM".utf8)
  }

  fileprivate static func lastComponent(_ path: String) -> String {
    String(path.split(separator: "/").last ?? Substring(path))
  }

  fileprivate static func folder(of path: String) -> String {
    String(path.dropLast(lastComponent(path).count + 1))
  }

  /// The path without `.nii` or `.nii.gz`, or `nil` for other files.
  fileprivate static func caseName(_ path: String) -> String? {
    for suffix in [".nii.gz", ".nii"] where path.lowercased().hasSuffix(suffix) {
      let name = String(path.dropLast(suffix.count))
      return name.isEmpty || name.hasSuffix("/") ? nil : name
    }
    return nil
  }

  fileprivate static func entries(of folder: String) throws(MaskCTError) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw MaskCTError(.input, path: folder, "cannot be read", remedy: "check its permissions")
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  fileprivate static func files(in folder: String) throws(MaskCTError) -> [Case] {
    var cases: [Case] = []
    for entry in try entries(of: folder) {
      guard let name = caseName(entry) else { continue }
      if let twin = cases.first(where: { $0.name == name }) {
        throw MaskCTError(
          .input, path: "\(folder)/\(entry)",
          "there is also \(lastComponent(twin.paths[0])): two files of one case",
          remedy: "keep one of them")
      }
      cases.append(Case(name: name, paths: ["\(folder)/\(entry)"]))
    }
    return cases.sorted { $0.name < $1.name }
  }

  fileprivate static func totalSegmentatorCases(in folder: String) throws(MaskCTError) -> [Case] {
    if kind(folder + "/segmentations") == .folder {
      let files = try files(in: folder + "/segmentations")
      return files.isEmpty ? [] : [Case(name: lastComponent(folder), paths: files.flatMap(\.paths))]
    }
    var cases: [Case] = []
    for entry in try entries(of: folder) {
      let inner = "\(folder)/\(entry)/segmentations"
      guard kind(inner) == .folder else { continue }
      let files = try files(in: inner)
      if !files.isEmpty { cases.append(Case(name: entry, paths: files.flatMap(\.paths))) }
    }
    return cases
  }
}
