import Evaluation
import FoundationEssentials
import Generation
import Support
import Training

// What each step does, and how it is found done, resumed or started over.

extension ExperimentRun {
  /// Notes that a step begins, so that jobs which share its work can tell what was made on other inputs.
  ///
  /// - Returns: whether the step is done and up to date.
  func begin(_ step: ExperimentStep) throws -> Bool {
    try createFolder(layout.steps)
    var inputs = ExperimentInputs(experiment: experiment, layout: layout)
    var files = FileDigests(path: layout.folder + "/digests.json")
    defer { files.save() }
    let digest = try inputs.digest(of: step, files: &files)
    let old = StepRecord.read(step, in: layout.steps)
    if let old, old.inputs == digest, old.isDone, hasResult(step) { return true }
    if old?.inputs != digest, case .dataset(let arm, let seed) = step {
      try remove(try layout.dataset(arm: arm, seed: seed).rawFolder)
    }
    try StepRecord(
      inputs: digest, seconds: old?.inputs == digest ? old!.seconds : 0, ended: nil
    ).write(step, in: layout.steps)
    return false
  }

  /// Generates a part of a dataset.
  func generate(
    _ shard: Shard, of step: ExperimentStep, _ state: inout State,
    _ onEvent: @escaping (Event) throws -> Void
  ) throws {
    guard case .dataset(let name, let seed) = step, !arm(name).isClinical else {
      throw MaskCTError(
        .usage, "the step \(step.name) has no shards", remedy: "omit --shard")
    }
    let inputs = try state.inputs.digest(of: step, files: &state.files)
    guard StepRecord.read(step, in: layout.steps)?.inputs == inputs else {
      throw MaskCTError(
        .input, path: layout.folder, "the inputs of \(step.name) have changed since it began",
        remedy: "submit the experiment again")
    }
    let outcome = try DatasetGenerator(
      settings: try state.inputs.settings(arm(name), seed: seed),
      dataset: try layout.dataset(arm: name, seed: seed), workers: workers,
      finishing: try finishing(arm(name), seed: seed)
    ).run(existing: .resume, shard: shard) {
      try Task.checkCancellation()
      try onEvent(.generating($0))
    }
    state.outcome.leftOut = outcome.failed.map { "\($0.name): \($0.error.description)" }
  }

  /// The real CT of an arm.
  private func clinicalDataset(_ arm: Experiment.Arm, seed: Int) throws -> ClinicalDataset {
    ClinicalDataset(
      arm: arm, sources: experiment.sources(of: arm), targets: experiment.targets,
      dataset: try layout.dataset(arm: arm.name, seed: seed), seed: seed)
  }

  /// What is done with every simulated case before it is written; `nil` for nothing.
  private func finishing(_ arm: Experiment.Arm, seed: Int) throws -> (any CaseFinishing)? {
    if let blend = arm.blend {
      return try BlendedCases(blend, sources: experiment.sources(of: arm))
    }
    if let measured = arm.measured {
      return try MeasuredCases(
        measured, arm: arm, sources: experiment.sources(of: arm), targets: experiment.targets,
        seed: seed, workers: workers)
    }
    return nil
  }

  /// Does a step, or finds it done.
  func perform(
    _ step: ExperimentStep, _ state: inout State, _ onEvent: @escaping (Event) throws -> Void
  ) async throws {
    let inputs = try state.inputs.digest(of: step, files: &state.files)
    let old = StepRecord.read(step, in: layout.steps)
    if let old, old.inputs == inputs, old.isDone, hasResult(step) {
      state.outcome.leftOut += old.failures
      for note in old.notes { try onEvent(.warning(note)) }
      return try onEvent(.skipped(step))
    }
    // Begun on the same inputs: what is there is kept. Begun on others: it is made again.
    let resumes = old?.inputs == inputs
    let earlier = resumes ? old!.seconds : 0
    try StepRecord(inputs: inputs, seconds: earlier, ended: nil).write(step, in: layout.steps)
    let start = ContinuousClock.now
    var record = StepRecord(inputs: inputs, seconds: 0, ended: nil)
    do {
      try await work(on: step, resumes: resumes, record: &record, state: &state, onEvent)
    } catch {
      // What was spent counts, so that the time of an interrupted step is not lost from its record.
      record.seconds = earlier + (ContinuousClock.now - start).seconds
      try? StepRecord(inputs: inputs, seconds: record.seconds, ended: nil)
        .write(step, in: layout.steps)
      throw error
    }
    record.seconds = earlier + (ContinuousClock.now - start).seconds
    record.ended = Date().formatted(.iso8601)
    try record.write(step, in: layout.steps)
    state.outcome.leftOut += record.failures
    for note in record.notes { try onEvent(.warning(note)) }
    for failure in record.failures { try onEvent(.warning(failure)) }
    try onEvent(.finished(step, seconds: record.seconds))
  }

  /// The work of a step.
  private func work(
    on step: ExperimentStep, resumes: Bool, record: inout StepRecord, state: inout State,
    _ onEvent: @escaping (Event) throws -> Void
  ) async throws {
    func progress(_ done: Int, _ total: Int, _ name: String) throws {
      try Task.checkCancellation()
      try onEvent(.progress(done: done, total: total, name: name))
    }
    switch step {
    case .phantoms:
      let data = PhantomData(experiment: experiment, layout: layout, workers: workers)
      var isFirst = true
      let outcome = try data.write(resumes: resumes, progress: progress) { event in
        try Task.checkCancellation()
        try onEvent(.generating(event))
        // The first CT is shown as soon as it is there: whoever tries the tool waits for it.
        if isFirst, case .finished(let name, _) = event {
          isFirst = false
          try picture(named: "first", of: [name], in: try layout.phantomScans, onEvent)
        }
      }
      record.failures = outcome.failed.map { "\($0.name): \($0.error.description)" }
    case .test:
      let outcome = try TestSet(experiment: experiment, layout: layout)
        .prepare(workers: workers, progress: progress)
      (record.failures, record.notes) = (outcome.failures, outcome.notes)
    case .dataset(let name, let seed):
      let arm = arm(name)
      let dataset = try layout.dataset(arm: name, seed: seed)
      if arm.isClinical {
        if !resumes { try remove(dataset.rawFolder) }
        record.failures = try clinicalDataset(arm, seed: seed)
          .write(workers: workers, progress: progress)
      } else {
        let settings = try state.inputs.settings(arm, seed: seed)
        let generator = DatasetGenerator(
          settings: settings, dataset: dataset, workers: workers,
          finishing: try finishing(arm, seed: seed))
        let isShared =
          try resumes
          ? false : shareCases(with: arm, seed: seed, settings: settings, state: &state)
        let outcome = try generator.run(existing: resumes || isShared ? .resume : .overwrite) {
          try Task.checkCancellation()
          try onEvent(.generating($0))
        }
        record.failures = outcome.failed.map { "\($0.name): \($0.error.description)" }
        if arm.isMixed {
          record.failures += try clinicalDataset(arm, seed: seed)
            .write(workers: workers, progress: progress)
        }
      }
      try picture(named: "\(step.file)", of: dataset.cases, in: dataset, onEvent)
    case .separation(let name, let seed):
      record.notes = try Separation(experiment: experiment, layout: layout)
        .check(arm(name), seed: seed, digests: &state.files, workers: workers, progress: progress)
    case .train(let run):
      var settings = trainingSettings(run)
      settings.overwrite = !resumes
      let dataset = try layout.dataset(arm: run.arm, seed: run.seed)
      do {
        _ = try await Training(dataset: dataset, settings: settings).run(environment: python) {
          try onEvent(.training($0))
        }
      } catch let error as MaskCTError where error.kind == .usage && resumes {
        // The dataset was lost and made again, the same but younger: what was trained on it is not
        // resumed.
        try onEvent(.warning("\(error); the training starts over"))
        settings.overwrite = true
        _ = try await Training(dataset: dataset, settings: settings).run(environment: python) {
          try onEvent(.training($0))
        }
      }
    case .predict(let run):
      var settings = PredictionSettings()
      settings.workers = workers
      settings.device = ComputeDevice(rawValue: experiment.training.device) ?? .automatic
      settings.largestComponent = experiment.largestComponent
      settings.resume = resumes
      settings.overwrite = !resumes
      let output = layout.predictions(run)
      if !resumes { try remove(output) }
      let images = try await Prediction(model: try model(of: run), settings: settings).run(
        input: layout.testImages, output: output, environment: python
      ) { try onEvent(.predicting($0)) }
      record.failures = images.compactMap { $0.failure?.description }
    case .evaluate(let run):
      let evaluation = try EvaluationRun(
        prediction: layout.predictions(run), reference: layout.testLabels,
        structures: TestSet.structures(experiment.targets), tolerance: experiment.tolerance)
      let summary = try evaluation.run(workers: workers) { done, name in
        try progress(done, evaluation.pairs.count, name)
      }
      record.failures = summary.failures.map(\.problem)
      try SummaryFile.write(summary, to: layout.summary(run))
      try picture(of: run, onEvent)
    case .report: break
    }
  }
}
