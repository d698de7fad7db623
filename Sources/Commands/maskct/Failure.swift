import ArgumentParser
import Configuration
import Support

/// How commands fail: one line on standard error and an exit code.
enum Failure {
  /// Ends the process for an error that reached the root; prints help and versions, which argument
  /// parsing delivers as errors, and ends successfully then.
  static func exit(with error: any Error) -> Never {
    if let error = error as? MaskCTError {
      report(error)
      MaskCT.exit(withError: ExitCode(error.kind == .usage ? 2 : 1))
    }
    if let code = error as? ExitCode { MaskCT.exit(withError: code) }
    let code = MaskCT.exitCode(for: error)
    if code.isSuccess { MaskCT.exit(withError: error) }
    let message = oneLine(MaskCT.message(for: error))
    if code == .validationFailure {
      Terminal.error("maskct: error: \(unknownCommand() ?? "\(message); see '\(helpCommand())'")\n")
      MaskCT.exit(withError: ExitCode(2))
    }
    Terminal.error("maskct: error: \(message)\n")
    MaskCT.exit(withError: ExitCode(1))
  }

  /// Prints a failure as one line; the command continues.
  static func report(_ error: any Error) {
    let text = (error as? MaskCTError)?.description ?? oneLine("\(error)")
    Terminal.error("maskct: error: \(text)\n")
  }

  /// Prints a warning as one line; the command continues.
  static func warn(_ text: String) {
    Terminal.error("maskct: warning: \(oneLine(text))\n")
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
  }

  private static var commandNames: [String] {
    MaskCT.configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  /// What to say when the first argument looks like a command and is none.
  private static func unknownCommand() -> String? {
    guard let first = CommandLine.arguments.dropFirst().first, !first.hasPrefix("-"),
      !commandNames.contains(first)
    else { return nil }
    return "there is no command '\(first)'; "
      + NearMiss.remedy(for: first, among: commandNames, otherwise: "see 'maskct --help'")
  }

  /// The command that shows the help of what was called.
  private static func helpCommand() -> String {
    let called = CommandLine.arguments.dropFirst().first { commandNames.contains($0) }
    return "maskct \(called.map { "\($0) " } ?? "")--help"
  }
}
