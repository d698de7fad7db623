import FoundationEssentials
import Volumes

/// Small text files, whole, with errors that name the file.
enum TextFile {
  static func read(_ path: String) throws(MaskCTError) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw MaskCTError(
        .input, path: path, "cannot be read", remedy: "check that the file exists and is readable")
    }
  }

  /// Writes beside the target and renames, so that a half-written file never has the final name.
  static func write(_ text: String, to path: String) throws(MaskCTError) {
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw MaskCTError(
        .output, path: path, "cannot be written",
        remedy: "check that its folder exists, may be written to and has space left")
    }
  }
}
