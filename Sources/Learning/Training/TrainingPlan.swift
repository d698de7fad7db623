import Datasets
import Support
import Volumes

/// The stages before the training: fingerprint, plans, preprocessed cases; each done only if needed.
struct TrainingPlan {
  let dataset: NNUNetDataset
  let settings: TrainingSettings
  let cases: [String]
  let data: String

  /// Looks at the dataset.
  ///
  /// - Throws: `MaskCTError` if it is missing, empty or not described.
  init(dataset: NNUNetDataset, settings: TrainingSettings) throws {
    self.dataset = dataset
    self.settings = settings
    guard isFolder(dataset.rawFolder) else {
      throw MaskCTError(
        .input, path: dataset.rawFolder, "there is no such dataset folder",
        remedy: "write it with 'maskct generate --output \(dataset.rawFolder)'")
    }
    _ = try dataset.description()
    cases = dataset.cases
    guard cases.count >= 2 else {
      throw MaskCTError(
        .input, path: dataset.rawFolder,
        "has \(cases.count) training cases (imagesTr/CASE_0000.nii.gz with labelsTr/CASE.nii.gz)",
        remedy: "generate at least 2, better 20")
    }
    data = dataset.dataDigest(of: cases)
  }

  var fingerprintFile: String { dataset.preprocessedFolder + "/dataset_fingerprint.json" }
  var plansFile: String { dataset.preprocessedFolder + "/\(TrainedModel.plansName).json" }
  var splitsFile: String { dataset.preprocessedFolder + "/splits_final.json" }

  /// A digest of data, normalisation and sizes: what the plans depend on. The leading number counts
  /// changes of the rules in this source.
  var planDigest: String {
    digest("3 \(data) \(settings.intensities) \(settings.voxels)".utf8)
  }

  /// A digest of plans and data: what preprocessed cases depend on.
  var preprocessDigest: String {
    digest("1 \(data) \(readText(plansFile) ?? "")".utf8)
  }

  /// Where nnU-Net puts the preprocessed cases of the configuration.
  func preprocessedCases(plans: JSON) -> String {
    var name: String? = settings.configuration
    while let configuration = name.flatMap({ plans["configurations"]?[$0] }) {
      if let identifier = configuration["data_identifier"]?.text {
        return dataset.preprocessedFolder + "/" + identifier
      }
      name = configuration["inherits_from"]?.text
    }
    return dataset.preprocessedFolder + "/\(TrainedModel.plansName)_\(settings.configuration)"
  }

  /// Whether all stages are up to date, so that no Python process is needed for them.
  var isComplete: Bool {
    let record = StageRecord(preprocessedFolder: dataset.preprocessedFolder)
    guard let plans = try? JSON(contentsOf: plansFile) else { return false }
    return record.isUpToDate("plan", digest: planDigest, result: plansFile)
      && record.isUpToDate(
        "preprocess_\(settings.configuration)", digest: preprocessDigest,
        result: preprocessedCases(plans: plans))
  }

  /// Does what is not up to date.
  ///
  /// - Throws: `MaskCTError` from the driver, or if nnU-Net planned no such configuration.
  func prepare(
    driver: Driver, workers: Int, report: (TrainingEvent) throws -> Void
  ) async throws {
    try createFolder(dataset.preprocessedFolder)
    var record = StageRecord(preprocessedFolder: dataset.preprocessedFolder)
    let name: JSON.Member = .init("dataset", .string("\(dataset.name)"))
    let count: JSON.Member = .init("workers", .integer(workers))
    let plansName: JSON.Member = .init("plans", .string(TrainedModel.plansName))

    /// Runs one request and hands on its events.
    func run(_ stage: TrainingStage, _ arguments: [JSON.Member], then finish: () throws -> Void)
      async throws
    {
      try report(.began(stage))
      let began = ContinuousClock.now
      _ = try await driver.request(stage.rawValue, arguments) { event in
        switch event["event"]?.text {
        case "case":
          try report(
            .cases(stage, done: event["done"]?.int ?? 0, total: event["total"]?.int ?? cases.count))
        case "range":
          if let file = event["file"]?.text, let low = event["minimum"]?.double,
            let high = event["maximum"]?.double,
            let warning = HounsfieldRange.warning(file: file, minimum: low, maximum: high)
          {
            try report(.warning(warning))
          }
        default: break
        }
      }
      try finish()
      try report(.finished(stage, seconds: seconds(since: began)))
    }

    if record.isUpToDate("fingerprint", digest: data, result: fingerprintFile) {
      try report(.skipped(.fingerprint))
    } else {
      try await run(.fingerprint, [name, count]) {
        try record.finish("fingerprint", digest: data)
      }
    }

    if record.isUpToDate("plan", digest: planDigest, result: plansFile) {
      try report(.skipped(.plan))
    } else {
      try removeOwnSplits(record: record)
      let fingerprint = try settings.intensities.applied(
        to: JSON(contentsOf: fingerprintFile), path: fingerprintFile)
      try AtomicFile.write(fingerprint.formatted, to: fingerprintFile)
      // nnU-Net keeps configurations that it does not know, in a file that may be of other data.
      try remove(plansFile)
      try await run(.plan, [name, plansName]) {
        try addSmall(fingerprint: fingerprint)
        try record.finish("plan", digest: planDigest)
      }
    }

    let plans = try JSON(contentsOf: plansFile)
    let configurations = plans["configurations"]?.keys ?? []
    guard configurations.contains(settings.configuration) else {
      throw MaskCTError(
        .usage, path: plansFile,
        "nnU-Net planned no configuration '\(settings.configuration)' for this dataset",
        remedy: "choose one of \(configurations.joined(separator: ", "))")
    }
    let stage = "preprocess_\(settings.configuration)"
    if record.isUpToDate(
      stage, digest: preprocessDigest, result: preprocessedCases(plans: plans))
    {
      try report(.skipped(.preprocess))
    } else {
      let configuration: JSON.Member = .init("configuration", .string(settings.configuration))
      try await run(.preprocess, [name, plansName, configuration, count]) {
        try record.finish(stage, digest: preprocessDigest)
      }
    }
    try writeSplits(record: &record)
  }

  /// Adds the configuration `small` to what nnU-Net planned.
  func addSmall(fingerprint: JSON) throws {
    let plans = try JSON(contentsOf: plansFile)
    let small = try SmallConfiguration(
      spacings: fingerprint["spacings"]?.elements?.compactMap(\.doubles) ?? [],
      shapes: fingerprint["shapes_after_crop"]?.elements?.compactMap(\.doubles) ?? [],
      structures: try structureExtents(),
      transpose: plans["transpose_forward"]?.elements?.compactMap(\.int) ?? [],
      voxels: settings.voxels)
    try AtomicFile.write(small.added(to: plans, path: plansFile).formatted, to: plansFile)
  }

  /// The extent of the box about all structures of every case that has any, mm, in nnU-Net's order of
  /// axes: z, y, x of the patient.
  ///
  /// - Throws: `MaskCTError` if a label map cannot be read.
  func structureExtents() throws -> [[Double]] {
    try cases.compactMap { identifier in
      let labels = try NIfTI.readLabelMap(dataset.label(of: identifier), workers: settings.workers)
        .labels
      let boxes = BoundingBox.ofLabels(labels, workers: settings.workers).values
      guard let first = boxes.first else { return nil }
      let box = boxes.dropFirst().reduce(first) { $0.union($1) }
      let extent = SIMD3<Double>(box.shape) * labels.grid.spacing
      return [extent.z, extent.y, extent.x]
    }
  }

  /// Writes `splits_final.json` unless the user or nnU-Net wrote one.
  func writeSplits(record: inout StageRecord) throws {
    guard !exists(dataset.rawFolder + "/splits_final.json") else { return }
    if let text = readText(splitsFile), record["splits"] != digest(text.utf8) { return }
    let text = Splits.json(cases: cases).formatted
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
