import FoundationEssentials
package import Subprocess
import SystemPackage

/// A program that runs to its end while its output is collected and other tasks continue.
///
/// Synchronous code on numerical threads uses `BlockingProcess`.
package struct ChildProcess {
  /// What a finished program left.
  package struct Outcome: Sendable {
    /// Exit code; negative is the signal that ended it.
    package var status: Int32
    /// Standard output and error, in the order of their lines; at most 4 MiB.
    package var output: String

    package var succeeded: Bool { status == 0 }

    /// The last lines that are not empty, on one line.
    package func tail(_ count: Int = 3) -> String {
      output.split(whereSeparator: \.isNewline).suffix(count).joined(separator: " | ")
    }
  }

  /// Runs a program with an argument vector; no shell is involved.
  ///
  /// Cancelling the task ends the program and everything that it started.
  ///
  /// - Throws: `MaskCTError` if the program cannot be started.
  package static func run(
    _ program: String, _ arguments: [String], environment: [String: String?] = [:]
  ) async throws -> Outcome {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(3))
    ]
    do {
      let result = try await Subprocess.run(
        program.contains("/") ? .path(FilePath(program)) : .name(program),
        arguments: Arguments(arguments), environment: childEnvironment(environment),
        platformOptions: options, input: .none, output: .string(limit: 4 << 20),
        error: .combinedWithOutput)
      return Outcome(status: code(result.terminationStatus), output: result.standardOutput)
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      throw MaskCTError(
        .environment, path: program, "cannot be run: \(error)",
        remedy: "check that it is installed with 'maskct doctor'")
    }
  }

  /// Where a program lies on the PATH, or `nil`.
  package static func find(_ program: String, path: String? = nil) -> String? {
    let list = path ?? ProcessInfo.processInfo.environment["PATH"] ?? ""
    for folder in list.split(separator: ":") {
      let candidate = "\(folder)/\(program)"
      if FileManager.default.isExecutableFile(atPath: candidate), !isFolder(candidate) {
        return candidate
      }
    }
    return nil
  }

  /// The environment of a Python child: this process's, without what would mix in other packages.
  package static func childEnvironment(_ changes: [String: String?]) -> Environment {
    var values: [Environment.Key: String?] = [
      "PYTHONPATH": nil, "PYTHONHOME": nil, "PYTHONSTARTUP": nil, "PYTHONNOUSERSITE": "1",
      "VIRTUAL_ENV": nil, "__PYVENV_LAUNCHER__": nil,
    ]
    for (name, value) in changes { values[Environment.Key(stringLiteral: name)] = value }
    return .inherit.updating(values)
  }

  /// The exit code, or the negative signal.
  package static func code(_ status: TerminationStatus) -> Int32 {
    switch status {
    case .exited(let code): code
    case .signaled(let signal): -signal
    }
  }
}
