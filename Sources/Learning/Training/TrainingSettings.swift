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

/// What a training is given besides its data.
public struct TrainingSettings: Equatable, Sendable {
  /// `small`, or any configuration that nnU-Net plans: `2d`, `3d_fullres`, `3d_lowres`.
  public var configuration = SmallConfiguration.name
  /// Number of epochs; `nil` is 40 for `small` and nnU-Net's 1000 for others.
  public var epochs: Int?
  /// Training iterations an epoch; `nil` is 25 for `small` and nnU-Net's 250 for others.
  public var iterations: Int?
  /// Validation iterations an epoch; `nil` is 4 for `small` and nnU-Net's 50 for others.
  public var validationIterations: Int?
  /// Learning rate at the start; `nil` is 0.004 (AdamW) for `small` and nnU-Net's 0.01 (SGD) for others.
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
  /// Throws an earlier training of this configuration and fold away instead of going on with it.
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
        throw MaskCTError(.usage, "\(value) \(name) are no training", remedy: "use at least 1")
      }
    }
    if let learningRate, !(learningRate > 0 && learningRate < 10) {
      throw MaskCTError(
        .usage, "\(learningRate) is no learning rate", remedy: "use a number such as 0.001")
    }
    guard (8_000...4_000_000).contains(voxels) else {
      throw MaskCTError(
        .usage, "\(voxels) voxels cannot be trained on",
        remedy: "use a number from 8000 (20^3) to 4000000 (160^3)")
    }
  }

  /// The settings as `maskct_trainer.py` reads them.
  var json: JSON {
    let budget = budget
    return .pairs([
      "recipe": .string(configuration == SmallConfiguration.name ? "small" : "stock"),
      "epochs": .integer(budget.epochs),
      "iterations": .integer(budget.iterations),
      "validation_iterations": .integer(budget.validationIterations),
      "learning_rate": learningRate.map(JSON.real) ?? .null,
      "threads": .integer(workers.count),
      "seed": .integer(seed),
      "checkpoint_seconds": .integer(checkpointSeconds),
    ])
  }
}
