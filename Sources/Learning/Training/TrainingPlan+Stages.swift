import Datasets
import Support

extension TrainingPlan {
  /// Does what is not up to date.
  ///
  /// - Throws: `MaskCTError` from the driver, or if nnU-Net planned no such configuration.
  func prepare(
    driver: Driver, workers: Int, report: (TrainingEvent) throws -> Void
  ) async throws {
    try createFolder(dataset.preprocessedFolder)
    var record = StageRecord(preprocessedFolder: dataset.preprocessedFolder)
    let name = "\(dataset.name)"

    if record.isUpToDate("fingerprint", digest: data, result: fingerprintFile) {
      try report(.skipped(.fingerprint))
    } else {
      try await measure(.fingerprint, report) {
        try await driver.request(FingerprintRequest(dataset: name, workers: workers)) {
          try handle($0, of: .fingerprint, report)
        }
        try record.finish("fingerprint", digest: data)
      }
    }

    if record.isUpToDate("plan", digest: planDigest, result: plansFile) {
      try report(.skipped(.plan))
    } else {
      try removeOwnSplits(record: record)
      // nnU-Net keeps configurations that it does not know, in a file that may be of other data.
      try remove(plansFile)
      try await measure(.plan, report) {
        try await plan(driver: driver)
        try record.finish("plan", digest: planDigest)
      }
    }

    let plans = try readPlans()
    guard plans.configurations[settings.configuration] != nil else {
      throw MaskCTError(
        .usage, path: plansFile,
        "nnU-Net planned no configuration '\(settings.configuration)' for this dataset",
        remedy: "choose one of \(plans.configurations.keys.sorted().joined(separator: ", "))")
    }
    if record.isUpToDate(
      preprocessStage, digest: preprocessDigest, result: preprocessedCases(plans))
    {
      try report(.skipped(.preprocess))
    } else {
      try await measure(.preprocess, report) {
        try await driver.request(
          PreprocessRequest(
            dataset: name, plans: TrainedModel.plansName, configuration: settings.configuration,
            workers: workers)
        ) { try handle($0, of: .preprocess, report) }
        try record.finish(preprocessStage, digest: preprocessDigest)
      }
    }
    try writeSplits(record: &record)
  }

  /// Lets nnU-Net plan with the fixed normalisation and adds the configuration `small`.
  private func plan(driver: Driver) async throws {
    let (name, plans) = ("\(dataset.name)", TrainedModel.plansName)
    let measured = try await driver.request(
      SetIntensitiesRequest(dataset: name, intensities: settings.intensities))
    let planned = try await driver.request(PlanRequest(dataset: name, plans: plans))
    let small = try SmallConfiguration(
      spacings: measured.spacings, shapes: measured.shapes, structures: try structureExtents(),
      transpose: planned.transpose, voxels: settings.voxels)
    try await driver.request(
      AddConfigurationRequest(
        dataset: name, plans: plans, name: SmallConfiguration.name, sizes: small))
  }

  /// Reports when a stage begins and ends.
  private func measure(
    _ stage: TrainingStage, _ report: (TrainingEvent) throws -> Void,
    _ body: () async throws -> Void
  ) async throws {
    try report(.began(stage))
    let began = ContinuousClock.now
    try await body()
    try report(.finished(stage, seconds: seconds(since: began)))
  }

  /// Hands on what the Python process says of a case.
  private func handle(
    _ event: DriverEvent, of stage: TrainingStage, _ report: (TrainingEvent) throws -> Void
  ) throws {
    switch event.event {
    case "case":
      try report(.cases(stage, done: event.done ?? 0, total: event.total ?? cases.count))
    case "range":
      if (try? dataset.description().isCT) ?? true, let file = event.file, let low = event.minimum,
        let high = event.maximum,
        let warning = HounsfieldRange.warning(file: file, minimum: low, maximum: high)
      {
        try report(.warning(warning))
      }
    default: break
    }
  }

  /// Writes `splits_final.json` unless the user or nnU-Net wrote one.
  func writeSplits(record: inout StageRecord) throws {
    guard !exists(dataset.rawFolder + "/splits_final.json") else { return }
    if let text = readText(splitsFile), record["splits"] != digest(text.utf8) { return }
    let text = try JSONFile.text(Splits.folds(cases: cases))
    try AtomicFile.write(text, to: splitsFile)
    try record.finish("splits", digest: digest(text.utf8))
  }

  /// Removes splits of this program's: nnU-Net compares those of the user with what lies there.
  private func removeOwnSplits(record: StageRecord) throws {
    if let text = readText(splitsFile), record["splits"] == digest(text.utf8) {
      try remove(splitsFile)
    }
  }
}

/// Seconds since a moment.
func seconds(since began: ContinuousClock.Instant) -> Double {
  let elapsed = (ContinuousClock.now - began).components
  return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
}
