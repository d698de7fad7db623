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

/// What a training reports while it runs.
public enum TrainingEvent: Equatable, Sendable {
  /// Where it runs: `CPU` or the name of the GPU.
  case device(String)
  /// A stage begins.
  case began(TrainingStage)
  /// A stage is up to date from an earlier run.
  case skipped(TrainingStage)
  /// A stage is done, after so many seconds.
  case finished(TrainingStage, seconds: Double)
  /// So many cases of a stage are done.
  case cases(TrainingStage, done: Int, total: Int)
  /// The training resumes at the end of this epoch.
  case resumed(epoch: Int)
  /// An epoch ended, or advanced.
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
  /// Iterations per epoch.
  public var steps: Int
  /// Mean loss over the last complete epoch: cross-entropy minus Dice, from -1 (perfect); `nil` before.
  public var trainLoss: Double?
  /// The same on validation patches.
  public var validationLoss: Double?
  /// Dice over validation patches, one per structure; NaN for a structure that no patch held.
  public var pseudoDice: [Double]
  /// How many epochs come first at half the resolution.
  public var coarseEpochs = 0

  /// Whether an epoch just ended: losses and Dice are this epoch's.
  public var endsEpoch = false

  /// The mean of the pseudo Dice over the structures that were there.
  public var meanDice: Double? {
    let known = pseudoDice.filter(\.isFinite)
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }

  /// What every epoch costs, relative to one at full resolution.
  public var epochCosts: [Double] {
    (0..<epochs).map { $0 < coarseEpochs ? SmallConfiguration.coarseCost : 1 }
  }
}
