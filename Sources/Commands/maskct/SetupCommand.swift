import Training
import ArgumentParser

/// `maskct setup`: the managed Python environment with nnU-Net.
struct SetupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Install nnU-Net in its own Python environment.",
    discussion: """
      Installs pinned, hash-checked packages from PyPI into $MASKCT_HOME (default ~/.local/share/maskct) \
      and touches nothing else on the machine. Returns at once if the environment exists. 'maskct doctor' \
      shows the result.
      """)

  @Flag(help: "Remove the environment and install it again.")
  var overwrite = false

  func run() async throws {
    let environment = try await Interrupt.cancelling {
      try await PythonEnvironment.install(overwrite: overwrite) { Terminal.error($0 + "\n") }
    }
    print("nnU-Net: \(environment.python)")
  }
}
