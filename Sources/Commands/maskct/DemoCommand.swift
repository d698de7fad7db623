import ArgumentParser
import Evaluation
import Experiments
import Generation

/// `maskct demo`: the main job on built-in phantoms.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract:
      "Run the whole pipeline on built-in phantoms; no data needed.",
    discussion: """
      Draws torso phantoms as label maps, paints them with each of three recipes (the built-in \
      dead-leaves texture stands in for video), scans them, trains nnU-Net's small configuration on each \
      dataset, and scores the models on other phantoms that another scanner scanned at a quarter of the \
      dose. An interrupted demo resumes when you run it again.
      """)

  @Option(help: ArgumentHelp("Folder for all results.", valueName: "folder"))
  var output: String = "demo"

  @Option(help: ArgumentHelp("Epochs per training.", valueName: "n"))
  var epochs: Int?

  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    let started = ContinuousClock.now
    var size = Demo.Size()
    if let epochs { size.epochs = epochs }
    let total = size.trainingCases
    let demo = Demo(folder: output, size: size, workers: threads.workers)
    let lines = DemoLines(trainingCases: total, testCases: size.testCases)
    let arms = try await Interrupt.cancelling {
      try await demo.run {
        // Generation is not asynchronous: without this it would finish its dataset first.
        try Task.checkCancellation()
        try lines.show($0)
      }
    }
    lines.finish()

    print(
      "Dice of the liver on \(size.testCases) phantoms from another scanner at a quarter of the dose"
    )
    print("")
    print("recipe     mean   worst  training cases                     predictions")
    for arm in arms {
      let dice = arm.summary.statistics(.dice, structure: 0)
      let worst = arm.summary.cases.map { $0.scores[0][.dice] }.min() ?? .nan
      print(
        "\(padded(arm.recipe, 9))  \(fixed(dice.mean))  \(fixed(worst))  "
          + "\(padded(arm.trainingPicture, 34)) \(arm.predictionPicture)")
    }
    print("")
    for arm in arms {
      print("\(arm.recipe): dataset \(arm.dataset)")
      print("\(arm.recipe): model   \(arm.model)")
    }
    print("took \(ProgressLine.clock(ContinuousClock.now - started))")
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func fixed(_ value: Double) -> String {
    guard value.isFinite else { return "  -  " }
    let digits = String(Int((value * 1000).rounded()))
    return "0." + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }
}

/// One progress line for each step of the demo.
final class DemoLines {
  private var generation: GenerationProgress?
  private var training: TrainingLine?
  private var prediction: PredictionLine?
  private var phantoms: ProgressLine?
  private var arm = ""
  private let trainingCases: Int
  private let testCases: Int

  init(trainingCases: Int, testCases: Int) {
    self.trainingCases = trainingCases
    self.testCases = testCases
  }

  func show(_ step: Demo.Step) throws {
    switch step {
    case .phantoms(let done, let total):
      if phantoms == nil { phantoms = ProgressLine("Drawing phantoms", total: total) }
      phantoms?.update(done)
      if done == total { phantoms?.finish() }
    case .generate(let arm, let event):
      if generation == nil || self.arm != arm {
        finish()
        self.arm = arm
        generation = GenerationProgress(
          total: arm == "test" ? testCases : trainingCases, stage: "\(arm): generating")
      }
      try generation?.show(event)
    case .train(let arm, let event):
      if training == nil {
        finish()
        training = TrainingLine(label: arm)
      }
      training?.show(event)
    case .predict(let arm, let event):
      if prediction == nil {
        finish()
        prediction = PredictionLine(label: "\(arm): predicting")
      }
      prediction?.show(event)
    case .finished: finish()
    }
  }

  func finish() {
    generation?.finish()
    training?.finish()
    prediction?.finish()
    (generation, training, prediction) = (nil, nil, nil)
  }
}
