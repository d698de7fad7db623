/// Follows the events of a training to say where it stands.
package struct ProgressTracker {
  /// Where the training stands.
  package private(set) var current: TrainingProgress
  private var seconds: [Double] = []

  package init(epochs: Int, steps: Int) {
    current = TrainingProgress(
      epoch: 1, epochs: epochs, step: 0, steps: steps, pseudoDice: [])
  }

  /// Takes an event of the trainer; returns whether progress changed.
  ///
  /// - Parameters:
  ///   - event: A line such as `{"event": "epoch", "epoch": 3, ...}`.
  ///   - elapsed: Seconds since the epoch began, to estimate before the first epoch ended.
  package mutating func take(_ event: DriverEvent, elapsed: Double? = nil) -> Bool {
    guard let epoch = event.epoch else { return false }
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
      if let time = event.seconds { seconds.append(time) }
      seconds = seconds.suffix(5)
      current.secondsPerEpoch = seconds.reduce(0, +) / Double(max(1, seconds.count))
    default: return false
    }
    let done = Double(current.epoch - 1) + Double(current.step) / Double(max(1, current.steps))
    var pace = current.secondsPerEpoch
    if pace == nil, let elapsed, current.step > 0 {
      pace = elapsed / Double(current.step) * Double(current.steps)
    }
    current.secondsLeft = pace.map { max(0, Double(current.epochs) - done) * $0 }
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
