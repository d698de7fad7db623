public import FoundationEssentials
import Support

/// One dataset in nnU-Net's folders: its name and every path that belongs to it.
public struct NNUNetDataset: Equatable, Sendable {
  /// Number and name.
  public let name: DatasetName
  /// The folders that nnU-Net works in.
  public let folders: NNUNetFolders

  /// Creates a dataset; nothing is read or written.
  public init(name: DatasetName, folders: NNUNetFolders) {
    self.name = name
    self.folders = folders
  }

  /// Creates a dataset from the path of its folder of raw data; the folder need not exist.
  ///
  /// - Throws: `MaskCTError` if the last component is not the name of a dataset.
  public init(
    folder: String, environment: [String: String] = ProcessInfo.processInfo.environment,
    workingFolder: String = FileManager.default.currentDirectoryPath
  ) throws {
    self.init(
      name: try DatasetName(parsing: folder),
      folders: NNUNetFolders(
        raw: parent(absolute(folder, from: workingFolder)), environment: environment,
        workingFolder: workingFolder))
  }

  /// Finds a dataset as a user names it: `503`, `Dataset503_LiverVideo` or a path to its folder.
  ///
  /// A number is looked up in all three folders, as nnU-Net does, so that a trained model is found
  /// where its raw data is gone.
  ///
  /// - Throws: `MaskCTError` if no dataset, or more than one, has the number.
  public static func find(
    _ text: String, environment: [String: String] = ProcessInfo.processInfo.environment,
    workingFolder: String = FileManager.default.currentDirectoryPath
  ) throws -> NNUNetDataset {
    if text.contains("/") || isFolder(absolute(text, from: workingFolder)) {
      let dataset = try NNUNetDataset(
        folder: text, environment: environment, workingFolder: workingFolder)
      guard isFolder(dataset.rawFolder) else {
        throw MaskCTError(
          .input, path: text, "the dataset folder does not exist",
          remedy: "write it with 'maskct generate --output \(text)'")
      }
      return dataset
    }
    let folders = NNUNetFolders(environment: environment, workingFolder: workingFolder)
    let known = Set(
      [folders.raw, folders.preprocessed, folders.results].flatMap { names(in: $0) }
        .compactMap { try? DatasetName(parsing: $0) }
    ).sorted { $0.description < $1.description }
    if text.hasPrefix("Dataset") {
      let name = try DatasetName(parsing: text)
      if known.contains(name) { return NNUNetDataset(name: name, folders: folders) }
    } else if let id = Int(text) {
      let matches = known.filter { $0.id == id }
      if matches.count == 1 { return NNUNetDataset(name: matches[0], folders: folders) }
      if matches.count > 1 {
        throw MaskCTError(
          .usage,
          "\(matches.count) datasets have the number \(id): "
            + matches.map(\.description).joined(separator: ", "),
          remedy: "give the whole name")
      }
    } else {
      throw MaskCTError(
        .usage, "'\(text)' is not a dataset",
        remedy: "give a number, a name such as Dataset503_LiverVideo, or the path of its folder")
    }
    let list = known.isEmpty ? "none" : known.prefix(8).map(\.description).joined(separator: ", ")
    throw MaskCTError(
      .input, path: folders.raw, "there is no dataset \(text) (found: \(list))",
      remedy: "give the path of its folder, or set nnUNet_raw")
  }

  /// `nnUNet_raw/Dataset503_LiverVideo`.
  public var rawFolder: String { folders.raw + "/\(name)" }
  /// `nnUNet_preprocessed/Dataset503_LiverVideo`.
  public var preprocessedFolder: String { folders.preprocessed + "/\(name)" }
  /// `nnUNet_results/Dataset503_LiverVideo`.
  public var resultsFolder: String { folders.results + "/\(name)" }
  /// The folder of training images.
  public var imagesFolder: String { rawFolder + "/imagesTr" }
  /// The folder of training labels.
  public var labelsFolder: String { rawFolder + "/labelsTr" }
  /// The file that describes the dataset.
  public var descriptionFile: String { rawFolder + "/dataset.json" }

  /// `imagesTr/CASE_0000.nii.gz`, an image of a case.
  ///
  /// - Parameter channel: which of its images.
  public func image(of identifier: String, channel: Int = 0) -> String {
    imagesFolder + "/\(identifier)\(CaseFiles.suffix(ofChannel: channel)).nii.gz"
  }
  /// `labelsTr/CASE.nii.gz`, the label map of a case.
  public func label(of identifier: String) -> String { labelsFolder + "/\(identifier).nii.gz" }

  /// The cases that have both an image and a label map under nnU-Net's own names, sorted.
  public var cases: [String] {
    let images = Set(names(in: imagesFolder))
    return names(in: labelsFolder).compactMap { file in
      guard file.hasSuffix(".nii.gz"), !file.hasPrefix(".") else { return nil }
      let identifier = String(file.dropLast(".nii.gz".count))
      return images.contains(lastComponent(image(of: identifier))) ? identifier : nil
    }
  }

  /// Reads `dataset.json`.
  ///
  /// - Throws: `MaskCTError` if it is missing or damaged.
  public func description() throws -> DatasetDescription {
    try DatasetDescription(path: descriptionFile)
  }

  /// Writes `dataset.json` for the structures, numbered from 1 in their order, and the cases now present.
  ///
  /// - Parameter channels: what the images are; nnU-Net scales `CT` by figures of the whole dataset, and brings images of
  ///   any other name to mean 0 and standard deviation 1 each.
  /// - Throws: `MaskCTError` if a name is not allowed or the file cannot be written.
  public func writeDescription(
    structures: [String], channels: [String] = ["CT"], comment: String? = nil
  ) throws {
    let description = try DatasetDescription(
      structures: structures, channels: channels, cases: cases.count, comment: comment)
    try createFolder(rawFolder)
    try AtomicFile.write(description.json, to: descriptionFile)
  }
}
