import Evaluation
import FoundationEssentials
public import Support

/// Finds the files that belong to what a user wants to see.
///
/// A path may be an image or a label map, a folder of them, an nnU-Net dataset (all of its training
/// cases), or a case of one: `Dataset503_Liver/CASE`. The labels of an image in a folder `images...` are
/// looked for in the folder `labels...` beside it, as nnU-Net has it (`imagesTr/CASE_0000.nii.gz` and
/// `labelsTr/CASE.nii.gz`).
public enum CaseFinder {
  /// The files of one case.
  public struct Files: Equatable, Sendable {
    /// The case's name.
    public var name: String
    /// The image or, where a label map is shown by itself, that.
    public var main: String
    /// The label map that belongs to the image, if one was found.
    public var labels: String?
    /// The `dataset.json` with the names of the labels, if there is one.
    public var dataset: String?
  }

  /// The cases that a path means, by name.
  ///
  /// - Throws: `MaskCTError` (input) when there is nothing of that name, or a folder without volumes.
  public static func cases(at path: String) throws(MaskCTError) -> [Files] {
    if isFolder(path) {
      let images = path + "/imagesTr"
      return try CaseFolder.files(at: isFolder(images) ? images : path).values.sorted().map(files)
    }
    if FileManager.default.fileExists(atPath: path) { return [files(of: path)] }
    let (folder, name) = split(path)
    for images in ["imagesTr", "imagesTs"] {
      for file in [name + "_0000", name] {
        for ending in CaseFolder.extensions {
          let candidate = "\(folder)/\(images)/\(file)\(ending)"
          if FileManager.default.fileExists(atPath: candidate) { return [files(of: candidate)] }
        }
      }
    }
    throw MaskCTError(
      .input, path: path, "does not exist",
      remedy: "give a volume, a folder of volumes, an nnU-Net dataset or DATASET/CASE")
  }

  /// The volume of a case in a folder, or the file itself; for predictions and labels given apart.
  ///
  /// - Throws: `MaskCTError` (input) when the folder has none for the case.
  public static func file(for name: String, in path: String) throws(MaskCTError) -> String {
    let files = try CaseFolder.files(at: path)
    if !isFolder(path) { return path }
    guard let file = files[name] else {
      throw MaskCTError(
        .input, path: path, "has no file for case '\(name)'",
        remedy: "file names must be equal up to _0000 and .nii or .nii.gz")
    }
    return file
  }

  private static func files(of path: String) -> Files {
    let name = CaseFolder.name(ofFile: path)
    let (folder, _) = split(path)
    let (above, last) = split(folder)
    var labels: String?
    if last.hasPrefix("images") {
      let siblings = "\(above)/labels\(last.dropFirst(6))"
      labels = CaseFolder.extensions.lazy.map { "\(siblings)/\(name)\($0)" }
        .first { FileManager.default.fileExists(atPath: $0) }
    }
    return Files(
      name: name, main: path, labels: labels, dataset: DatasetLabels.file(for: path))
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  /// Folder and last part of a path.
  private static func split(_ path: String) -> (folder: String, name: String) {
    var parts = path.split(separator: "/")
    guard let name = parts.popLast() else { return ("/", "") }
    let folder = parts.joined(separator: "/")
    return (path.hasPrefix("/") ? "/" + folder : folder.isEmpty ? "." : folder, String(name))
  }
}
