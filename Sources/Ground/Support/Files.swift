import FoundationEssentials

// Small file operations with this project's errors, shared with the modules above.

/// Creates a folder with all folders above it.
package func createFolder(_ path: String) throws {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw MaskCTError(
      .output, path: path, "the folder cannot be created",
      remedy: "check free space and permissions of the folder above it")
  }
}

/// Whether something lies at the path.
package func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

/// Whether a folder lies at the path.
package func isFolder(_ path: String) -> Bool {
  var isDirectory = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
}

/// The names in a folder, sorted; empty if there is no such folder.
package func names(in folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}

/// The names in a folder, sorted.
///
/// - Throws: `MaskCTError` (input) if the folder cannot be listed.
package func entries(of folder: String) throws(MaskCTError) -> [String] {
  guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
    throw MaskCTError(
      .input, path: folder, "the folder cannot be read", remedy: "check its permissions")
  }
  return names.sorted()
}

/// Size in bytes and time of the last change in seconds since 1970; `nil` if there is no such file.
package func fileStatus(_ path: String) -> (size: Int, modified: Double)? {
  guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
    let size = attributes[.size] as? any BinaryInteger
  else { return nil }
  let modified = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
  return (Int(size), modified)
}

/// Removes a file or folder, if it is there.
package func remove(_ path: String) throws {
  guard exists(path) else { return }
  do {
    try FileManager.default.removeItem(atPath: path)
  } catch {
    throw MaskCTError(
      .output, path: path, "cannot be removed", remedy: "check the permissions of its folder")
  }
}

/// A text file, or `nil` if it cannot be read.
package func readText(_ path: String) -> String? {
  FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
}

/// The path with `.`, `..` and doubled slashes resolved, absolute from `base`.
package func absolute(_ path: String, from base: String = FileManager.default.currentDirectoryPath)
  -> String
{
  var parts: [Substring] = []
  for part in (path.hasPrefix("/") ? path : base + "/" + path).split(separator: "/") {
    switch part {
    case ".": break
    case "..": _ = parts.popLast()
    default: parts.append(part)
    }
  }
  return "/" + parts.joined(separator: "/")
}

/// The last component of a path.
package func lastComponent(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}

/// The folder that holds the path.
package func parent(_ path: String) -> String {
  let parts = absolute(path).split(separator: "/")
  return "/" + parts.dropLast().joined(separator: "/")
}

/// Gives a file another name in one step.
package func rename(_ path: String, to target: String) throws {
  do {
    try FileManager.default.moveItem(atPath: path, toPath: target)
  } catch {
    throw MaskCTError(
      .output, path: path, "cannot be renamed", remedy: "check the permissions of its folder")
  }
}

/// Makes `path` a symbolic link to an absolute path; replaces what was there.
package func link(_ path: String, to target: String) throws {
  // A link that leads nowhere does not exist to `exists`, and has to go all the same.
  if (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil || exists(path) {
    try? FileManager.default.removeItem(atPath: path)
  }
  do {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
  } catch {
    throw MaskCTError(
      .output, path: path, "the link cannot be created",
      remedy: "check free space, and that the file system supports symbolic links")
  }
}
