public import Datasets
import Support

/// A training of the real nnU-Net: planned, preprocessed, trained, watched and resumed.
public struct Training: Sendable {
  /// The dataset that it learns from.
  public let dataset: NNUNetDataset
  /// The settings.
  public let settings: TrainingSettings

  /// Creates a training; nothing is read or written.
  public init(dataset: NNUNetDataset, settings: TrainingSettings = TrainingSettings()) {
    self.dataset = dataset
    self.settings = settings
  }

  /// Runs what is left to do and returns the model.
  ///
  /// A run that was killed at any moment is resumed: stages that are done are skipped, and the
  /// training continues from its last checkpoint, at most `checkpointSeconds` and one epoch back. On a
  /// CPU the result is the same as without the kill. A finished training returns at once; with more
  /// `epochs` than before it is continued. Cancelling the task ends all child processes.
  ///
  /// - Parameters:
  ///   - environment: The Python environment; `nil` finds the managed one.
  ///   - report: Called for every event, in order; what it throws ends the child and stops the work.
  /// - Throws: `MaskCTError` for a missing dataset or environment, a dataset that changed since an
  ///   earlier training, a loss that is not a number, or a child that died, with the log's path.
  public func run(
    environment: PythonEnvironment? = nil, report: @escaping (TrainingEvent) throws -> Void
  ) async throws -> TrainedModel {
    try settings.validated()
    let plan = try TrainingPlan(dataset: dataset, settings: settings)
    let fold = Splits.resolve(settings.fold, cases: plan.cases.count)
    let model = TrainedModel(
      dataset: dataset, configuration: settings.configuration, fold: fold)
    let budget = settings.budget

    if settings.overwrite { try remove(model.foldFolder) }
    try checkRecord(of: model, plan: plan)
    if model.isFinished, let last = model.history.last {
      if last.epoch >= budget.epochs {
        for stage in TrainingStage.allCases { try report(.skipped(stage)) }
        return model
      }
      // nnU-Net resumes from the final checkpoint before any other; this one is no longer final.
      try remove(model.foldFolder + "/checkpoint_latest.pth")
      try rename(model.checkpoint, to: model.foldFolder + "/checkpoint_latest.pth")
    }

    let python = try environment ?? PythonEnvironment.ready()
    let workers = settings.workers.count
    try await Driver.run(
      python: python, variables: dataset.folders.environment, log: model.log
    ) { driver in
      let started = try await driver.request(
        StartRequest(device: settings.device.rawValue, threads: workers))
      try report(.device(started.name))
      // A worker may need 6 GB for a large scan, and beyond 8 the disk is what they wait for.
      try await plan.prepare(driver: driver, workers: min(workers, 8), report: report)
      try checkFold(fold, plan: plan)
      try checkRecord(of: model, plan: plan)
      try await train(model: model, plan: plan, driver: driver, report: report)
    }
    return model
  }

  /// The training itself, in a child that is ready.
  private func train(
    model: TrainedModel, plan: TrainingPlan, driver: Driver, report: (TrainingEvent) throws -> Void
  ) async throws {
    let resume = ["final", "latest", "best"].contains {
      exists(model.foldFolder + "/checkpoint_\($0).pth")
    }
    try writeRecord(of: model, plan: plan)
    try report(.began(.train))
    let began = ContinuousClock.now
    var tracker = ProgressTracker(epochs: settings.budget.epochs, steps: settings.budget.iterations)
    try await driver.request(
      TrainRequest(
        dataset: "\(dataset.name)", plans: TrainedModel.plansName,
        configuration: model.configuration, fold: model.fold, folder: model.foldFolder,
        resume: resume, workers: min(settings.workers.count, 8), validate: settings.validate,
        settings: settings.trainer)
    ) { event in
      if event.event == "start" {
        if let epoch = event.epoch, epoch > 0 { try report(.resumed(epoch: epoch)) }
      } else if tracker.take(event) {
        try report(.progress(tracker.current))
      }
    }
    try report(.finished(.train, seconds: seconds(since: began)))
  }

  /// Refuses a fold that the split does not have: nnU-Net would draw one at random.
  private func checkFold(_ fold: String, plan: TrainingPlan) throws {
    guard let number = Int(fold) else { return }
    let splits = try JSONFile.read([Split].self, path: plan.splitsFile)
    guard number >= splits.count else { return }
    throw MaskCTError(
      .usage, path: plan.splitsFile, "there is no fold \(number)",
      remedy: "use 0 to \(splits.count - 1), or all")
  }

  /// Refuses to resume a training of other data or other plans.
  private func checkRecord(of model: TrainedModel, plan: TrainingPlan) throws {
    guard exists(model.recordFile) else { return }
    let record = try JSONFile.read(TrainingRecord.self, path: model.recordFile)
    var changed: String?
    if record.data != plan.data {
      changed = "the dataset has changed"
    } else if plan.isComplete, record.plans != plan.preprocessDigest {
      changed = "the plans have changed"
    }
    guard let changed else { return }
    throw MaskCTError(
      .usage, path: model.foldFolder, "holds an earlier training, and \(changed) since",
      remedy: "start over with --overwrite")
  }

  private func writeRecord(of model: TrainedModel, plan: TrainingPlan) throws {
    let record = TrainingRecord(
      data: plan.data, plans: plan.preprocessDigest, cases: plan.cases.count,
      configuration: model.configuration, fold: model.fold, settings: settings.trainer)
    try JSONFile.write(record, to: model.recordFile)
  }
}

/// What a training began with: `maskct_training.json` in its folder.
private struct TrainingRecord: Codable {
  /// Digest of the dataset.
  var data: String
  /// Digest of plans and data.
  var plans: String
  var cases: Int
  var configuration: String
  var fold: String
  var settings: TrainerSettings
}
