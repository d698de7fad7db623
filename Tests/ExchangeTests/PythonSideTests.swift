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

  @Test("a package that is missing is put right in the environment at hand, not in nnU-Net's")
  func repair() {
    let managed = ExchangeEnvironment.folder(home: "/h")
    for (python, text) in [
      (managed + "/bin/python", "remove \(managed), and"),
      ("/venv/bin/python3", "'/venv/bin/python3 -m pip install highdicom"),
    ] {
      let error = DriverFailure(
        kind: "ModuleNotFoundError", message: "No module named 'pydicom'", log: "/l",
        program: DriverProgram(
          name: "the reader of DICOM files", script: "maskct_exchange.py",
          repair: ExchangeEnvironment.repair(python: python, home: "/h"))
      ).error
      #expect(error.remedy?.contains(text) == true)
      #expect(!error.description.contains("maskct setup"))
    }
  }

  @Test("the doctor says what the environment is for, and that it is optional")
  func doctor() async throws {
    try await withTemporaryFolder { folder in
      let location = PythonEnvironment.Location(
        environment: ["MASKCT_HOME": folder], command: nil)
      let item = await ExchangeEnvironment.doctorItem(location: location)
      #expect(item.state == .note && item.detail.contains("the first 'maskct import' downloads"))
      try createFolder(ExchangeEnvironment.folder(home: folder))
      let begun = await ExchangeEnvironment.doctorItem(location: location)
      #expect(begun.state == .note && begun.detail.contains("interrupted"))
      let report = await DoctorReport.complete(location: location, workers: Workers(count: 1))
      #expect(report.items.map(\.name).suffix(2) == ["DICOM", "Slurm"])
    }
  }
}
