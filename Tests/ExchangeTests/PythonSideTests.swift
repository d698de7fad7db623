import FoundationEssentials
import Support
import TestSupport
import Testing
import Training

@testable import Exchange

/// The tests in `test_exchange.py`, run by the environment that the command itself installs and uses.
///
/// They are skipped on a machine where that environment cannot be installed (no package index), but fail there
/// under CI: a check that could not be made is no pass.
@Suite struct PythonSideTests {
  static let isInstalled = Requirement.allows(
    exists(ExchangeEnvironment.folder(home: PythonEnvironment.Location().home)))

  @Test("contours, round trips, geometry and hostile files", .enabled(if: isInstalled))
  func python() async throws {
    let environment = try await ExchangeEnvironment.provide()
    let file = parent(#filePath) + "/test_exchange.py"
    let outcome = try await ChildProcess.run(environment.python, ["-W", "ignore", file])
    #expect(outcome.succeeded, "\(outcome.output.suffix(4000))")
    #expect(outcome.output.contains("OK"))
  }

  @Test("the lock pins everything with hashes and names no host")
  func lock() {
    let pins = ExchangeEnvironment.requirements
    #expect(pins.contains("highdicom=="))
    #expect(!pins.contains("://"))
    for line in pins.split(separator: "\n") {
      #expect(
        line.first == " "
          ? line.contains("--hash=sha256:") : line.contains("==") && line.hasSuffix("\\"))
    }
  }

  @Test("every Python file of the module is shipped")
  func scripts() {
    let folder = parent(parent(parent(#filePath))) + "/Sources/Learning/Exchange/Resources"
    let files = names(in: folder).filter { $0.hasSuffix(".py") && !$0.hasPrefix(".") }
    #expect(Set(ExchangeEnvironment.scripts.map(\.name)) == Set(files))
  }
}
