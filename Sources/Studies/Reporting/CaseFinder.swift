import Datasets
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
    if exists(path) {
      let images = path + "/imagesTr"
      let files = try CaseFiles(imagesAt: isFolder(images) ? images : path)
      let labels = try labels(beside: files)
      return files.names.map { found(files[$0]!, name: $0, labels: labels) }
    }
    let (folder, name) = split(path)
    for images in ["imagesTr", "imagesTs"] where isFolder("\(folder)/\(images)") {
      let files = try CaseFiles(at: "\(folder)/\(images)", mayBeEmpty: true)
      if let file = files[name] {
        return [found(file, name: name, labels: try labels(beside: files))]
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
    let files = try CaseFiles(imagesAt: path)
    guard let file = files.isSingle ? path : files[name] else {
      throw MaskCTError(
        .input, path: path, "has no file for case '\(name)'",
        remedy: "file names must be equal up to _0000 and .nii or .nii.gz")
    }
    return file
  }

  private static func found(_ file: String, name: String, labels: CaseFiles?) -> Files {
    Files(
      name: name, main: file, labels: labels?[name], dataset: DatasetDescription.file(for: file))
  }

  /// The folder `labels...` beside a folder `images...`, or beside that of a single image.
  private static func labels(beside images: CaseFiles) throws(MaskCTError) -> CaseFiles? {
    let folder = images.isSingle ? split(images.path).folder : images.path
    let (above, name) = split(folder)
    guard name.hasPrefix("images") else { return nil }
    let labels = "\(above)/labels\(name.dropFirst("images".count))"
    return isFolder(labels) ? try CaseFiles(at: labels, mayBeEmpty: true) : nil
  }

  /// Folder and last part of a path.
  private static func split(_ path: String) -> (folder: String, name: String) {
    var parts = path.split(separator: "/")
    guard let name = parts.popLast() else { return ("/", "") }
    let folder = parts.joined(separator: "/")
    return (path.hasPrefix("/") ? "/" + folder : folder.isEmpty ? "." : folder, String(name))
  }
}
