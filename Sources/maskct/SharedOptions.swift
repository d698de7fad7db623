import ArgumentParser
import FoundationEssentials
import Volumes

/// How many threads a command may use.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads to use; results do not depend on it. (default: one a core)", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be 1 or more") }
  }

  var workers: Workers { Workers(count: threads) }
}

/// What happens to outputs that exist.
struct OverwriteOptions: ParsableArguments {
  @Flag(help: "Replace output files that exist.")
  var overwrite = false

  /// Refuses an output that exists, before any work is done.
  ///
  /// - Throws: `MaskCTError` (output) that names it.
  func check(_ path: String) throws(MaskCTError) {
    if !overwrite && FileManager.default.fileExists(atPath: path) {
      throw MaskCTError(
        .output, path: path, "exists already", remedy: "use --overwrite, or name another output")
    }
  }
}
