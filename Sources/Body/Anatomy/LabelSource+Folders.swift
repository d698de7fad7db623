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

  /// The path without `.nii` or `.nii.gz`, or `nil` for other files.
  static func caseName(_ path: String) -> String? {
    for suffix in [".nii.gz", ".nii"] where path.lowercased().hasSuffix(suffix) {
      let name = String(path.dropLast(suffix.count))
      return name.isEmpty || name.hasSuffix("/") ? nil : name
    }
    return nil
  }

  static func entries(of folder: String) throws(MaskCTError) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw MaskCTError(.input, path: folder, "cannot be read", remedy: "check its permissions")
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  static func files(in folder: String) throws(MaskCTError) -> [Case] {
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

  static func totalSegmentatorCases(in folder: String) throws(MaskCTError) -> [Case] {
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
