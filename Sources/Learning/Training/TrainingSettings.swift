public import Support

/// Where a network runs.
public enum ComputeDevice: String, CaseIterable, Sendable {
  /// An NVIDIA GPU if there is one, else the CPU.
  case automatic = "auto"
  /// The CPU.
  case cpu
  /// An NVIDIA GPU.
  case cuda
}

/// The settings of a training.
public struct TrainingSettings: Equatable, Sendable {
  /// `small`, or any configuration that nnU-Net plans: `2d`, `3d_fullres`, `3d_lowres`.
  public var configuration = SmallConfiguration.name
  /// Number of epochs; `nil` means 40 for `small` and nnU-Net's 1000 for others.
  public var epochs: Int?
  /// Training iterations per epoch; `nil` means 25 for `small` and nnU-Net's 250 for others.
  public var iterations: Int?
  /// Validation iterations per epoch; `nil` means 4 for `small` and nnU-Net's 50 for others.
  public var validationIterations: Int?
  /// Learning rate at the start; `nil` means 0.004 (AdamW) for `small` and nnU-Net's 0.01 (SGD) for others.
  public var learningRate: Double?
  /// Which cases are held back.
  public var fold = Fold.automatic
  /// Where it runs.
  public var device = ComputeDevice.automatic
  /// Threads on the CPU, and workers of the earlier stages.
  public var workers = Workers()
  /// Seed of weights and augmentation.
  public var seed = 0
  /// What a median case is resampled to for `small`, voxels.
  public var voxels = SmallConfiguration.voxels
  /// The fixed normalisation.
  public var intensities = IntensityStatistics.softTissue
  /// Predicts the held-back cases at the end and scores them in `validation/summary.json`.
  public var validate = false
  /// Seconds after which a checkpoint is written at the next end of an epoch.
  public var checkpointSeconds = 45
  /// Discards an earlier training of this configuration and fold instead of resuming it.
  public var overwrite = false

  /// Creates the defaults.
  public init() {}

  /// The budget with defaults filled in.
  package var budget: (epochs: Int, iterations: Int, validationIterations: Int) {
    let small = configuration == SmallConfiguration.name
    return (
      epochs ?? (small ? 40 : 1000), iterations ?? (small ? 25 : 250),
      validationIterations ?? (small ? 4 : 50)
    )
  }

  /// Checks what a user can get wrong.
  ///
  /// - Throws: `MaskCTError` of kind `usage`.
  func validated() throws {
    for (name, value) in [
      ("epochs", epochs), ("iterations", iterations),
      ("validation iterations", validationIterations),
    ] {
      if let value, value < 1 {
        throw MaskCTError(.usage, "cannot train with \(value) \(name)", remedy: "use at least 1")
      }
    }
    if let learningRate, !(learningRate > 0 && learningRate < 10) {
      throw MaskCTError(
        .usage, "\(learningRate) is not a learning rate", remedy: "use a number such as 0.001")
    }
    guard (8_000...4_000_000).contains(voxels) else {
      throw MaskCTError(
        .usage, "\(voxels) voxels cannot be trained on",
        remedy: "use a number from 8000 (20^3) to 4000000 (160^3)")
    }
  }

  /// The settings as the trainer takes them.
  var trainer: TrainerSettings {
    let budget = budget
    let isSmall = configuration == SmallConfiguration.name
    return TrainerSettings(
      recipe: isSmall ? "small" : "stock",
      epochs: budget.epochs, iterations: budget.iterations,
      validationIterations: budget.validationIterations, learningRate: learningRate,
      coarse: isSmall ? SmallConfiguration.coarsePart : 0, threads: workers.count, seed: seed,
      checkpointSeconds: checkpointSeconds)
  }
}

/// The settings that `Resources/maskct_trainer.py` reads; what is left out is its default.
struct TrainerSettings: Codable, Equatable {
  /// `small` (AdamW, no mirroring) or `stock`.
  var recipe: String
  var epochs: Int
  var iterations: Int
  var validationIterations: Int
  var learningRate: Double?
  var coarse: Double
  var threads: Int
  var seed: Int
  var checkpointSeconds: Int

  private enum CodingKeys: String, CodingKey {
    case recipe, epochs, iterations, coarse, threads, seed
    case validationIterations = "validation_iterations"
    case learningRate = "learning_rate"
    case checkpointSeconds = "checkpoint_seconds"
  }
}
