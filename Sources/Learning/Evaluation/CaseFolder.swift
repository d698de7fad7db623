import FoundationEssentials
public import Support

/// The NIfTI files of a folder by case name.
public enum CaseFolder {
  /// The extensions of a volume, longest first.
  public static let extensions = [".nii.gz", ".nii"]

  /// The case that a file belongs to: its name without folder, extension and nnU-Net's channel suffix
  /// `_0000`.
  public static func name(ofFile path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    for suffix in extensions where name.lowercased().hasSuffix(suffix) {
      name.removeLast(suffix.count)
      break
    }
    if name.hasSuffix("_0000") && name.count > 5 { name.removeLast(5) }
    return name
  }

  /// The volumes of a folder, or the one file itself, by case name.
  ///
  /// Hidden files and files of other kinds are passed over.
  /// - Throws: `MaskCTError` (input) when the folder is missing, holds no volume, or holds two files of
  ///   one case.
  public static func files(at path: String) throws(MaskCTError) -> [String: String] {
    let manager = FileManager.default
    var isFolder = false
    guard manager.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw MaskCTError(.input, path: path, "does not exist", remedy: "check the path")
    }
    if !isFolder { return [name(ofFile: path): path] }
    let entries: [String]
    do {
      entries = try manager.contentsOfDirectory(atPath: path)
    } catch {
      throw MaskCTError(
        .input, path: path, "folder cannot be read", remedy: "check its permissions")
    }
    var files: [String: String] = [:]
    for entry in entries.sorted() where !entry.hasPrefix(".") {
      guard extensions.contains(where: { entry.lowercased().hasSuffix($0) }) else { continue }
      let file = (path.hasSuffix("/") ? path : path + "/") + entry
      let name = name(ofFile: entry)
      if let other = files[name] {
        throw MaskCTError(
          .input, path: other, "and \(file) are both case '\(name)'",
          remedy: "keep one file a case in the folder")
      }
      files[name] = file
    }
    guard !files.isEmpty else {
      throw MaskCTError(
        .input, path: path, "holds no .nii or .nii.gz file", remedy: "give a folder of volumes")
    }
    return files
  }
}
