import Datasets
import FoundationEssentials
import Support

// How label maps lie in folders, and what their cases are called.
extension LabelSource {
  enum Kind { case file, folder }

  static func kind(_ path: String) -> Kind? {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    return isFolder ? .folder : .file
  }

  static func lastComponent(_ path: String) -> String {
    String(path.split(separator: "/").last ?? Substring(path))
  }

  static func folder(of path: String) -> String {
    String(path.dropLast(lastComponent(path).count + 1))
  }

  static func entries(of folder: String) throws(MaskCTError) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw MaskCTError(.input, path: folder, "cannot be read", remedy: "check its permissions")
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  /// One multi-label file a case: the volumes of a folder, or one file.
  static func files(at path: String) throws(MaskCTError) -> [Case] {
    if kind(path) == .file, CaseFiles.stem(lastComponent(path)) == nil,
      let remedy = importRemedy(path)
    {
      throw MaskCTError(.input, path: path, "is not a NIfTI file", remedy: remedy)
    }
    let files = try CaseFiles(at: path, mayBeEmpty: true)
    return files.names.map { Case(name: $0, paths: [files[$0]!]) }
  }

  static func totalSegmentatorCases(in folder: String) throws(MaskCTError) -> [Case] {
    if kind(folder + "/segmentations") == .folder {
      let files = try files(at: folder + "/segmentations")
      return files.isEmpty ? [] : [Case(name: lastComponent(folder), paths: files.flatMap(\.paths))]
    }
    var cases: [Case] = []
    for entry in try entries(of: folder) {
      let inner = "\(folder)/\(entry)/segmentations"
      guard kind(inner) == .folder else { continue }
      let files = try files(at: inner)
      if !files.isEmpty { cases.append(Case(name: entry, paths: files.flatMap(\.paths))) }
    }
    return cases
  }

  /// The command that turns a file or folder of other formats into label maps; `nil` if there are none.
  static func importRemedy(_ path: String) -> String? {
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
}
