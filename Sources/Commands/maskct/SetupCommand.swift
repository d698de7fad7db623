import Training
import ArgumentParser

/// `maskct setup`: the managed Python environment with nnU-Net.
struct SetupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Install nnU-Net in an environment of its own; quick when it is there.",
    discussion: """
      Installs pinned, hash-checked packages from PyPI into $MASKCT_HOME (default ~/.local/share/maskct). \
      Nothing else on the machine is touched. 'maskct doctor' shows the result.
      """)

  @Flag(help: "Remove the environment first and install it anew.")
  var overwrite = false

  func run() async throws {
    let environment = try await Interrupt.cancelling {
      try await PythonEnvironment.install(overwrite: overwrite) { Terminal.error($0 + "\n") }
    }
    print("nnU-Net: \(environment.python)")
  }
}
