package import Support
/// The stages of a training, in their order.
public enum TrainingStage: String, CaseIterable, Sendable {
  /// Shapes and spacings of all cases.
  case fingerprint
  /// nnU-Net chooses spacings, patches and networks.
  case plan
  /// All cases are normalised and resampled.
  case preprocess
  /// The network learns.
  case train
}

/// What a training tells while it runs.
public enum TrainingEvent: Equatable, Sendable {
  /// Where it runs: `CPU` or the name of the GPU.
  case device(String)
  /// A stage begins.
  case began(TrainingStage)
  /// A stage was done before and is up to date.
  case skipped(TrainingStage)
  /// A stage is done, after so many seconds.
  case finished(TrainingStage, seconds: Double)
  /// So many cases of a stage are done.
  case cases(TrainingStage, done: Int, total: Int)
  /// The training goes on from the end of this epoch.
  case resumed(epoch: Int)
  /// An epoch ended, or goes on.
  case progress(TrainingProgress)
  /// Something that a user should know.
  case warning(String)
}

/// Where a training stands.
public struct TrainingProgress: Equatable, Sendable {
  /// The current epoch, from 1.
  public var epoch: Int
  /// The number of epochs.
  public var epochs: Int
  /// Iterations done in this epoch; `steps` at its end.
  public var step: Int
  /// Iterations an epoch.
  public var steps: Int
  /// Mean loss over the last complete epoch: cross-entropy minus Dice, from -1 (perfect); `nil` before.
  public var trainLoss: Double?
  /// The same on validation patches.
  public var validationLoss: Double?
  /// Dice over validation patches, one a structure; NaN for a structure that no patch held.
  public var pseudoDice: [Double]
  /// Mean over the last epochs; `nil` before the first ended.
  public var secondsPerEpoch: Double?
  /// To the end of the training; `nil` before it can be told.
  public var secondsLeft: Double?

  /// Whether an epoch just ended: losses and Dice are this epoch's.
  public var endsEpoch = false

  /// The mean of the pseudo Dice over the structures that were there.
  public var meanDice: Double? {
    let known = pseudoDice.filter(\.isFinite)
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }
}

/// Follows the events of a training and tells where it stands.
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
  package mutating func take(_ event: JSON, elapsed: Double? = nil) -> Bool {
    guard let epoch = event["epoch"]?.int else { return false }
    switch event["event"]?.text {
    case "step":
      guard let step = event["step"]?.int else { return false }
      current.epoch = epoch
      current.step = step
      current.endsEpoch = false
    case "epoch":
      current.epoch = epoch
      current.epochs = event["epochs"]?.int ?? current.epochs
      current.steps = event["iterations"]?.int ?? current.steps
      current.step = current.steps
      current.endsEpoch = true
      current.trainLoss = event["train_loss"]?.double
      current.validationLoss = event["validation_loss"]?.double
      current.pseudoDice = event["pseudo_dice"]?.doubles ?? []
      if let time = event["seconds"]?.double { seconds.append(time) }
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

  /// The epochs in the lines of a `progress.jsonl`; half a line at the end is passed over.
  package static func history(_ text: String, steps: Int = 0) -> [TrainingProgress] {
    var tracker = ProgressTracker(epochs: 0, steps: steps)
    return text.split(whereSeparator: \.isNewline).compactMap { line in
      guard let event = try? JSON(parsing: line), event["event"]?.text == "epoch",
        tracker.take(event)
      else { return nil }
      return tracker.current
    }
  }
}
