import ArgumentParser
import Sinograms

/// `maskct read-sinogram`: the child process of `maskct reconstruct`, for no user.
struct ReadSinogramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read-sinogram", abstract: "Read a sinogram for another process.",
    shouldDisplay: false)

  @Argument var file: String

  func run() throws { try SinogramService.run(file) }
}
