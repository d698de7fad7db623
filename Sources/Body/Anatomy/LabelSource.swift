import Datasets
import FoundationEssentials
public import Support
public import Volumes

/// A folder of label maps and the scheme that names their structures.
///
/// Four layouts are found by themselves:
/// - a folder of multi-label files, one per case: `FOLDER/label0001.nii.gz`;
/// - an nnU-Net dataset, or its `labelsTr`: `Dataset007_Liver/labelsTr/liver_3.nii.gz`;
/// - TotalSegmentator, a folder per case and a binary file per structure:
///   `FOLDER/s0001/segmentations/liver.nii.gz`;
/// - what `maskct import` wrote: `FOLDER/labels/case.nii.gz` with `FOLDER/scheme.yaml`.
public struct LabelSource: Sendable {
  /// How the files lie.
  public enum Layout: String, Sendable, Codable {
    /// One multi-label file per case.
    case files
    /// One multi-label file per case, in an nnU-Net dataset.
    case nnUNet = "nnunet"
    /// One folder per case, one binary file per structure.
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

    /// Every file that `load` opens for the case.
    public var files: [String] { paths + [region].compactMap(\.self) }

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
  /// What the numbers in multi-label files stand for, as the scheme or `dataset.json` that was read names
  /// them: `1=spleen,5=liver`. With the files of its cases it is all that a label map depends on.
  public var meaning: String {
    (scheme?.structures ?? [:]).sorted { $0.key < $1.key }
      .map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }

  /// The only case, if it is in memory and not a file.
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
      layout = .files
      cases = try Self.files(at: path)
      self.scheme = scheme
    } else if Self.kind(path + "/labelsTr") == .folder || Self.lastComponent(path) == "labelsTr" {
      let isDataset = Self.kind(path + "/labelsTr") == .folder
      layout = .nnUNet
      cases = try Self.files(at: isDataset ? path + "/labelsTr" : path)
      let json = isDataset ? path + "/dataset.json" : path + "/../dataset.json"
      if scheme == nil, Self.kind(json) == .file {
        self.scheme = try LabelScheme(nnUNetDataset: json)
      } else {
        self.scheme = scheme
      }
    } else if Self.kind(path + "/labels") == .folder, Self.kind(path + "/scheme.yaml") == .file {
      layout = .files
      cases = try Self.files(at: path + "/labels")
      if let scheme {
        self.scheme = scheme
      } else {
        self.scheme = try LabelScheme.load(path + "/scheme.yaml")
      }
    } else {
      let folders = try Self.totalSegmentatorCases(in: path)
      layout = folders.isEmpty ? .files : .totalSegmentator
      cases = folders.isEmpty ? try Self.files(at: path) : folders
      self.scheme = scheme
    }
    if let regions {
      let masks = try CaseFiles(at: regions, mayBeEmpty: true)
      cases = try cases.map { item throws(MaskCTError) in
        try Case(name: item.name, paths: item.paths, region: Self.region(of: item, in: masks))
      }
    }
    self.cases = cases
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
    var map = AnatomicalMap(name: item.name, labels: labels, structures: [:], frame: frame)
    let ids = map.census(workers: workers).entries.keys.sorted()
    guard !ids.isEmpty else { throw Self.empty(path) }
    let scheme = self.scheme!
    if let unknown = ids.first(where: { scheme.structures[$0] == nil }) {
      throw MaskCTError(
        .input, path: path, "holds label \(unknown), which scheme '\(scheme.name)' does not name",
        remedy: Self.remedy(for: ids, scheme: scheme, unknown: unknown))
    }
    map.structures = Dictionary(uniqueKeysWithValues: ids.map { ($0, scheme.structures[$0]!) })
    return map
  }

  private static func remedy(for ids: [UInt16], scheme: LabelScheme, unknown: UInt16) -> String {
    // Schemes that name every id of the file; the smallest is the likeliest.
    let fitting = LabelScheme.presets.names.compactMap { try? LabelScheme.load($0) }
      .filter { preset in ids.allSatisfy { preset.structures[$0] != nil } }
      .min { $0.structures.count < $1.structures.count }
    let own = "add '\(unknown): STRUCTURE' to a copy of the scheme"
    return fitting.map { "try scheme '\($0.name)', or \(own)" } ?? own
  }

  private static func region(of item: Case, in masks: CaseFiles) throws(MaskCTError) -> String {
    if let file = masks[item.name] { return file }
    throw MaskCTError(
      .input, path: masks.path, "holds no region mask for the label map '\(item.name)'",
      remedy: "add \(item.name).nii.gz there, or remove the label map")
  }

  static func empty(_ path: String) -> MaskCTError {
    MaskCTError(
      .input, path: path, "is empty: no voxel carries a label", remedy: "leave this case out")
  }
}
