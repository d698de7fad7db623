import Datasets
import Reporting
import Support
import Training
import Volumes

// What steps leave in the experiment's folder.

extension ExperimentRun {
  /// Whether what a step leaves behind is still there.
  func hasResult(_ step: ExperimentStep) -> Bool {
    switch step {
    case .phantoms:
      PhantomData(experiment: experiment, layout: layout, workers: workers).isComplete
    case .test:
      // Links whose targets have moved lead nowhere.
      !names(in: layout.testLabels).isEmpty
        && names(in: layout.testImages).count >= names(in: layout.testLabels).count
        && names(in: layout.testImages).allSatisfy { exists(layout.testImages + "/" + $0) }
    case .dataset(let arm, let seed):
      (try? layout.dataset(arm: arm, seed: seed).isWhole) ?? false
    case .separation: true
    case .train(let run): (try? model(of: run))?.isFinished ?? false
    case .predict(let run): isFolder(layout.predictions(run))
    case .evaluate(let run): exists(layout.summary(run))
    case .report: false
    }
  }

  func trainingSettings(_ run: ArmRun) -> TrainingSettings {
    let budget = experiment.training
    var settings = TrainingSettings()
    settings.configuration = budget.configuration
    settings.epochs = budget.epochs
    settings.iterations = budget.iterations
    if let voxels = budget.voxels { settings.voxels = voxels }
    settings.fold = Fold(run.fold) ?? .automatic
    settings.device = ComputeDevice(rawValue: budget.device) ?? .automatic
    settings.workers = workers
    settings.seed = run.seed
    return settings
  }

  /// The model of a run, trained or not.
  func model(of run: ArmRun) throws -> TrainedModel {
    let dataset = try layout.dataset(arm: run.arm, seed: run.seed)
    return TrainedModel(
      dataset: dataset, configuration: experiment.training.configuration,
      fold: Splits.resolve(Fold(run.fold) ?? .automatic, cases: dataset.cases.count))
  }

  /// Writes a picture of the first cases of a dataset with their labels.
  func picture(
    named name: String, of cases: [String], in dataset: NNUNetDataset,
    _ onEvent: (Event) throws -> Void
  ) throws {
    try picture(named: name, onEvent) {
      let loader = CaseLoader(names: labelNames, targets: structures)
      return try cases.prefix(Self.pictured).map { name in
        try loader.load(
          CaseFinder.cases(at: dataset.image(of: name))[0], workers: workers)
      }
    }
  }

  /// Writes a picture of the first test scans with references and a run's predictions.
  func picture(of run: ArmRun, _ onEvent: (Event) throws -> Void) throws {
    try picture(named: "predictions-" + run.name(in: experiment), onEvent) {
      names(in: layout.testLabels).prefix(Self.pictured).compactMap { file in
        try? testCase(String(file.dropLast(".nii.gz".count)), predictedBy: run)
      }
    }
  }

  /// Cases in a picture.
  private static var pictured: Int { 4 }

  /// Writes a picture of cases below `pictures`; one that cannot be made is a warning, as no result hangs
  /// on it.
  private func picture(
    named name: String, _ onEvent: (Event) throws -> Void, cases: () throws -> [CaseImages]
  ) throws {
    let file = "\(layout.pictures)/\(name).png"
    do {
      let montage = Montage()
      let rows = try cases().map(montage.row)
      guard !rows.isEmpty else { return }
      try createFolder(layout.pictures)
      try PNG.write(montage.picture(stacking: rows), to: file)
    } catch let error as MaskCTError {
      return try onEvent(.warning("no picture \(file): \(error)"))
    }
    try onEvent(.picture(file))
  }

  /// A test scan with its reference and a run's prediction.
  ///
  /// - Throws: `MaskCTError` if one of the three cannot be read.
  func testCase(_ name: String, predictedBy run: ArmRun) throws -> CaseImages {
    let file = try CaseFinder.file(for: name, in: layout.testImages)
    let image = try NIfTI.readVolume(file, workers: workers).volume
    func labels(_ file: String) throws -> LabelMap {
      try NIfTI.readLabelMap(file, workers: workers).labels
    }
    return CaseImages(
      name: name, image: image, labels: try labels(layout.testLabel(name)),
      prediction: try labels("\(layout.predictions(run))/\(name).nii.gz"), names: labelNames)
  }

  /// The targets by their numbers in datasets, references and predictions.
  var labelNames: [UInt16: String] {
    Dictionary(uniqueKeysWithValues: structures.enumerated().map { (UInt16($0 + 1), $1) })
  }
}
