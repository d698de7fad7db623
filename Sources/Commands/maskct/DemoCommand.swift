import ArgumentParser
import Experiments
import Support

/// `maskct demo`: the shipped experiment `demo`, which brings its own data.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract:
      "Run the whole pipeline on built-in phantoms; no data needed.",
    discussion: """
      Runs the experiment that 'maskct show experiment demo' prints: paints label maps of torso phantoms with \
      each of three recipes (the built-in dead-leaves texture stands in for video), scans them, trains nnU-Net \
      on each dataset, and scores the models on scans of other phantoms, made with another scanner at a \
      quarter of the dose. The report opens with the scores and pictures. An interrupted demo resumes when \
      you run it again.
      """)

  @Option(help: ArgumentHelp("Folder for all results.", valueName: "folder"))
  var output: String = "demo"

  @Option(
    help: ArgumentHelp("Epochs per training. (default: the experiment's)", valueName: "n"))
  var epochs: Int?

  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    var experiment = try Experiment.load("demo", data: nil)
    if let epochs {
      guard epochs >= 1 else {
        throw MaskCTError(
          .usage, "\(epochs) epochs are no training", remedy: "give --epochs 1 or more")
      }
      experiment.training.epochs = epochs
    }
    let run = try ExperimentRun(experiment: experiment, folder: output, workers: threads.workers)
    try await run.show(ExperimentLines()) { try await run.run(onEvent: $0) }
  }
}
