import Acquisition
import ArgumentParser
import FoundationEssentials
import MRScan
import Support

/// How many threads a command may use.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads to use; results do not depend on it. (default: one per core)", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be 1 or more") }
  }

  var workers: Workers { Workers(count: threads) }
}

/// How many threads and how much memory a command may use.
struct ResourceOptions: ParsableArguments {
  @OptionGroup var threads: ThreadOptions

  @Option(
    help: ArgumentHelp(
      """
      Refuse work that would need more memory than this, for example 4G, before a scheduler \
      kills the job.
      """,
      valueName: "size"))
  var memoryLimit: String?

  func validate() throws {
    if let memoryLimit, MemoryLimit(parsing: memoryLimit) == nil {
      throw ValidationError("--memory-limit must be a size of at least 64M, such as 800M or 4G")
    }
  }

  var workers: Workers {
    Workers(count: threads.threads, memory: memoryLimit.flatMap(MemoryLimit.init(parsing:)))
  }
}

/// What happens to outputs that exist.
struct OverwriteOptions: ParsableArguments {
  @Flag(help: "Replace output files that exist.")
  var overwrite = false

  /// Refuses an output file that exists or whose folder does not, before any work is done.
  ///
  /// - Throws: `MaskCTError` (output) that names it.
  func check(_ path: String) throws(MaskCTError) {
    let manager = FileManager.default
    if !overwrite && manager.fileExists(atPath: path) {
      throw MaskCTError(
        .output, path: path, "exists already", remedy: "use --overwrite, or name another output")
    }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    if !folder.isEmpty && !manager.fileExists(atPath: folder) {
      throw MaskCTError(
        .output, path: path, "cannot be written: its folder does not exist",
        remedy: "create the folder first")
    }
  }
}

/// The scanner and the protocol of a single scan.
struct ScannerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Scanner: rows16, rows64, rows128, or a YAML file.", valueName: "name|file"))
  var scanner: String = "rows64"

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp(
      """
      Protocol: abdomen, low-dose, of MR those that 'maskct show mr-protocol' lists, or a YAML file. \
      (default: abdomen, of MR t2-spir)
      """, valueName: "name|file"))
  var scanProtocol: String?

  /// Reads both.
  func load() throws(MaskCTError) -> (scanner: Scanner, scanProtocol: ScanProtocol) {
    (
      try Scanner.load(scanner),
      try ScanProtocol.load(scanProtocol ?? ScanProtocol.defaultName)
    )
  }

  /// Reads the protocol as one of MR.
  func loadMR() throws(MaskCTError) -> MRProtocol {
    try MRProtocol.load(scanProtocol ?? MRProtocol.defaultName)
  }
}
