import Support
import Testing

@Suite struct QACommandTests {
  /// Bad input is one line before any scan.
  @Test func badInputIsOneLine() async throws {
    let files = try TemporaryFolder()
    try AtomicFile.write(
      "name: x\ndescription: x\nmas: 100\npitch: 1.7\nkernel: standard\nenergy: 70\n",
      to: files("gaps.yaml"))
    try AtomicFile.write(
      "name: x\ndescription: x\nmas: 100\npitch: 1\nkernel: crisp\nenergy: 70\n",
      to: files("kernel.yaml"))
    for (arguments, text) in [
      (["--output", files("a.txt")], "end it in .html"),
      (["--output", files("no/a.html")], "create the folder first"),
      (["--output", files("a.html"), "--scanner", "rows46"], "rows64"),
      (["--output", files("a.html"), "--protocol", files("gaps.yaml")], "the helix leaves gaps"),
      (["--output", files("a.html"), "--protocol", files("kernel.yaml")], "choose one of smooth"),
      (
        ["--output", files("a.html"), "--sections", "water,mft"],
        "no section 'mft'; did you mean 'mtf'?"
      ),
    ] {
      let outcome = try await Command.run(["qa"] + arguments)
      #expect(outcome.code != 0 && outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
  }
}
