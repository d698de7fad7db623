/// Follows the events of a training to say where it stands.
package struct ProgressTracker {
  /// Where the training stands.
  package private(set) var current: TrainingProgress

  package init(epochs: Int, steps: Int) {
    current = TrainingProgress(
      epoch: 1, epochs: epochs, step: 0, steps: steps, pseudoDice: [])
  }

  /// Takes an event of the trainer; returns whether progress changed.
  ///
  /// - Parameter event: A line such as `{"event": "epoch", "epoch": 3, ...}`.
  package mutating func take(_ event: DriverEvent) -> Bool {
    guard let epoch = event.epoch else { return false }
    if let coarse = event.coarseEpochs { current.coarseEpochs = coarse }
    switch event.event {
    case "step":
      guard let step = event.step else { return false }
      current.epoch = epoch
      current.step = step
      current.endsEpoch = false
    case "epoch":
      current.epoch = epoch
      current.epochs = event.epochs ?? current.epochs
      current.steps = event.iterations ?? current.steps
      current.step = current.steps
      current.endsEpoch = true
      current.trainLoss = event.trainLoss
      current.validationLoss = event.validationLoss
      current.pseudoDice = event.pseudoDice ?? []
    default: return false
    }
    return true
  }

  /// The epochs in the lines of a `progress.jsonl`; half a line at the end is ignored.
  package static func history(_ text: String, steps: Int = 0) -> [TrainingProgress] {
    var tracker = ProgressTracker(epochs: 0, steps: steps)
    return text.split(whereSeparator: \.isNewline).compactMap { line in
      guard let event = DriverEvent(line: line), event.event == "epoch",
        tracker.take(event)
      else { return nil }
      return tracker.current
    }
  }
}
