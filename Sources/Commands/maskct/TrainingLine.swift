import Support
import Synchronization
import Training

/// Turns the events of a training into progress lines, one per stage.
final class TrainingLine: Sendable {
  private let line = Mutex<ProgressLine?>(nil)
  /// The epoch that the training resumes at the end of.
  private let resumed = Mutex(0)
  private let label: String

  /// - Parameter label: stands before every stage's name, for example the arm of a comparison.
  init(label: String = "") {
    self.label = label.isEmpty ? "" : label + ": "
  }

  private static let names: [TrainingStage: String] = [
    .fingerprint: "Fingerprint", .plan: "Planning", .preprocess: "Preprocessing",
    .train: "Training",
  ]

  func show(_ event: TrainingEvent) {
    switch event {
    case .device(let name): Terminal.error("\(label)training on \(name)\n")
    case .began(let stage):
      resumed.withLock { $0 = 0 }
      if stage != .train { begin(Self.names[stage]!, total: 1) }
    case .skipped: break
    case .finished: finish()
    case .cases(let stage, let done, let total):
      if done <= 1 { begin(Self.names[stage]!, total: total) }
      line.withLock { $0?.update(done) }
    case .resumed(let epoch):
      resumed.withLock { $0 = epoch }
      Terminal.error("\(label)resuming from epoch \(epoch)\n")
    case .progress(let progress):
      line.withLock { line in
        if line == nil {
          line = ProgressLine(
            label + "Training", total: progress.epochs, costs: progress.epochCosts,
            first: Double(resumed.withLock(\.self)))
        }
        let done =
          Double(progress.epoch - 1) + Double(progress.step) / Double(max(1, progress.steps))
        line?.update(done, detail: Self.figures(progress))
      }
    case .warning(let text): Failure.warn(text)
    }
  }

  func finish() {
    line.withLock { line in
      line?.finish()
      line = nil
    }
  }

  private func begin(_ stage: String, total: Int) {
    line.withLock { line in
      line?.finish()
      line = ProgressLine(label + stage, total: total)
    }
  }

  private static func figures(_ progress: TrainingProgress) -> String {
    var parts = ["epoch \(progress.epoch)"]
    if let loss = progress.trainLoss { parts.append("loss \(rounded(loss))") }
    if let dice = progress.meanDice { parts.append("Dice \(rounded(dice))") }
    return parts.joined(separator: "  ")
  }

  /// `40 epochs, loss -0.91, Dice of validation patches 0.95`.
  static func summary(_ progress: TrainingProgress) -> String {
    var parts = ["\(progress.epoch) epochs"]
    if let loss = progress.trainLoss { parts.append("loss \(rounded(loss))") }
    if let dice = progress.meanDice { parts.append("Dice of validation patches \(rounded(dice))") }
    return parts.joined(separator: ", ")
  }

  private static func rounded(_ value: Double) -> String {
    String((value * 1000).rounded() / 1000)
  }
}
