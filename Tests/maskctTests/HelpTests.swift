import FoundationEssentials
import Support
import Testing

/// The help of every command, compared with the files in `Snapshots`.
///
/// After a wanted change: `MASKCT_UPDATE_SNAPSHOTS=1 scripts/swift.sh test --filter HelpTests`, and read the diff.
@Suite struct HelpTests {
  @Test(arguments: [
    "", "compare", "demo", "doctor", "evaluate", "export", "fetch", "generate", "import", "pack",
    "predict", "qa", "reconstruct", "scan", "setup", "show", "statistics", "train", "view",
  ])
  func helpIsAsWritten(command: String) async throws {
    let outcome = try await Command.run(command.isEmpty ? ["--help"] : [command, "--help"])
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    for line in outcome.output.split(separator: "\n") where !line.hasPrefix("USAGE") {
      #expect(line.count <= 80, "help fits a terminal")
    }
    let file = Self.folder + "/\(command.isEmpty ? "maskct" : command).txt"
    if ProcessInfo.processInfo.environment["MASKCT_UPDATE_SNAPSHOTS"] != nil {
      try AtomicFile.write(outcome.output, to: file)
    }
    let expected = String(decoding: try ByteFile.read(file), as: UTF8.self)
    #expect(outcome.output == expected)
  }

  @Test func noArgumentShowsTheCommands() async throws {
    let outcome = try await Command.run([])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("SUBCOMMANDS:"))
  }

  @Test func versionIsANumber() async throws {
    let outcome = try await Command.run(["--version"])
    #expect(outcome.code == 0)
    #expect(outcome.output.split(separator: ".").count == 3)
  }

  private static let folder =
    "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Snapshots"
}
