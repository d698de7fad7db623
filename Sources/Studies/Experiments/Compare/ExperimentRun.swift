public import Evaluation
import FoundationEssentials
public import Generation
public import Support
public import Training

/// Runs an experiment step by step: what is done and up to date is skipped, what was interrupted goes on.
///
/// An arm that fails is told with its reason and leaves the others alone.
public struct ExperimentRun: Sendable {
  /// What happens while it runs.
  public enum Event: Sendable {
    /// A step begins; `index` counts from 0 over all steps.
    case began(ExperimentStep, index: Int, total: Int)
    /// A dataset is generated.
    case generating(DatasetGenerator.Event)
    /// A model is trained.
    case training(TrainingEvent)
    /// Scans are segmented.
    case predicting(PredictionEvent)
    /// So many pieces of a step are done.
    case progress(done: Int, total: Int, name: String)
    /// A step is done.
    case finished(ExperimentStep, seconds: Double)
    /// A step was done before.
    case skipped(ExperimentStep)
    /// A step failed; the rest of its arm is left out.
    case failed(ExperimentStep, MaskCTError)
    /// Something that a user should know.
    case warning(String)
  }

  /// How a run ended.
  public struct Outcome: Sendable {
    /// Steps that failed, and why.
    public var failures: [(step: ExperimentStep, error: MaskCTError)] = []
    /// Cases that were left out of a step, one line each.
    public var leftOut: [String] = []
    /// The table; nil where not even the test set could be made.
    public var comparison: Comparison?

    /// Whether everything that was asked for is done.
    public var isComplete: Bool { failures.isEmpty && leftOut.isEmpty }
  }

  /// The experiment.
  public let experiment: Experiment
  /// Where its files lie.
  public let layout: ExperimentLayout
  let workers: Workers
  /// Where nnU-Net runs; nil finds the managed environment when it is needed.
  let python: PythonEnvironment?

  /// Prepares a run below a folder; subjects are chosen if the experiment says so, all else is left alone.
  ///
  /// - Parameters:
  ///   - python: where nnU-Net runs; nil finds the managed environment when it is needed.
  ///   - progress: called while subjects are chosen.
  /// - Throws: `MaskCTError` if the experiment makes no sense.
  public init(
    experiment: Experiment, folder: String, workers: Workers, python: PythonEnvironment? = nil,
    progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void = { _, _, _ in }
  ) throws {
    try experiment.validate()
    let folder = absolute(folder)
    self.experiment = try SubjectSelection.applied(
      to: experiment, folder: folder, workers: workers, progress: progress)
    layout = ExperimentLayout(folder: folder, experiment: self.experiment)
    self.workers = workers
    self.python = python
  }

  /// The names of the targets.
  public var structures: [String] { (try? Experiment.targetNames(experiment.targets)) ?? [] }

  /// Does what is left to do.
  ///
  /// - Parameters:
  ///   - only: one step, for a scheduler that runs each as a job; what it needs must be done.
  ///   - shard: of a step that generates a dataset, the part of it to do; the step is not done by that.
  ///   - onEvent: told what happens; what it throws stops the run.
  /// - Throws: `MaskCTError` if the test set cannot be made; a failed arm is in the outcome.
  public func run(
    only: ExperimentStep? = nil, shard: Shard? = nil,
    onEvent: @escaping (Event) throws -> Void
  ) async throws -> Outcome {
    try createFolder(layout.steps)
    var state = State(
      inputs: ExperimentInputs(experiment: experiment, layout: layout),
      files: FileDigests(path: layout.folder + "/digests.json"))
    defer { state.files.save() }
    let steps = only.map { [$0] } ?? ExperimentStep.all(of: experiment)
    for (index, step) in steps.enumerated() where step != .report {
      try Task.checkCancellation()
      if let arm = step.arm, state.failed[arm] != nil { continue }
      try onEvent(.began(step, index: index, total: steps.count))
      do {
        if let shard {
          try generate(shard, of: step, &state, onEvent)
        } else {
          try await perform(step, &state, onEvent)
        }
      } catch let error as MaskCTError {
        if step == .test { throw error }
        state.failed[step.arm!] = error
        state.outcome.failures.append((step, error))
        try onEvent(.failed(step, error))
      }
    }
    if only == nil || only == .report {
      try onEvent(.began(.report, index: steps.count - 1, total: steps.count))
      try report(&state.outcome, onEvent: onEvent)
    }
    return state.outcome
  }

  /// Writes table and report of what has been scored; an arm with a failure has its reason in them.
  func report(_ outcome: inout Outcome, onEvent: (Event) throws -> Void) throws {
    let start = ContinuousClock.now
    var failed: [String: MaskCTError] = [:]
    for (step, error) in outcome.failures where failed[step.arm!] == nil {
      failed[step.arm!] = error
    }
    let comparison = try comparison(failed: failed)
    outcome.comparison = comparison
    try writeResults(comparison) { try onEvent(.progress(done: $0, total: $1, name: $2)) }
    try onEvent(.finished(.report, seconds: (ContinuousClock.now - start).seconds))
  }

  /// What a run knows while it runs.
  private struct State {
    var inputs: ExperimentInputs
    var files: FileDigests
    var failed: [String: MaskCTError] = [:]
    var outcome = Outcome()
  }

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
  private func generate(
    _ shard: Shard, of step: ExperimentStep, _ state: inout State,
    _ onEvent: @escaping (Event) throws -> Void
  ) throws {
    guard case .dataset(let name, let seed) = step, !arm(name).isClinical else {
      throw MaskCTError(
        .usage, "the step \(step.name) has no shards", remedy: "leave --shard out")
    }
    let inputs = try state.inputs.digest(of: step, files: &state.files)
    guard StepRecord.read(step, in: layout.steps)?.inputs == inputs else {
      throw MaskCTError(
        .input, path: layout.folder, "the inputs of \(step.name) have changed since it began",
        remedy: "submit the experiment again")
    }
    let outcome = try DatasetGenerator(
      settings: try state.inputs.settings(arm(name), seed: seed),
      dataset: try layout.dataset(arm: name, seed: seed), workers: workers
    ).run(existing: .resume, shard: shard) {
      try Task.checkCancellation()
      try onEvent(.generating($0))
    }
    state.outcome.leftOut = outcome.failed.map { "\($0.name): \($0.error.description)" }
  }

  /// Does a step, or finds it done.
  private func perform(
    _ step: ExperimentStep, _ state: inout State, _ onEvent: @escaping (Event) throws -> Void
  ) async throws {
    let inputs = try state.inputs.digest(of: step, files: &state.files)
    let old = StepRecord.read(step, in: layout.steps)
    if let old, old.inputs == inputs, old.isDone, hasResult(step) {
      state.outcome.leftOut += old.failures
      for note in old.notes { try onEvent(.warning(note)) }
      return try onEvent(.skipped(step))
    }
    // Begun on the same inputs: what is there is kept. Begun on others: it is worth nothing.
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
    case .test:
      let outcome = try TestSet(experiment: experiment, layout: layout)
        .prepare(workers: workers, progress: progress)
      (record.failures, record.notes) = (outcome.failures, outcome.notes)
    case .dataset(let name, let seed):
      let arm = arm(name)
      let dataset = try layout.dataset(arm: name, seed: seed)
      if arm.isClinical {
        if !resumes { try remove(dataset.rawFolder) }
        record.failures = try ClinicalDataset(
          arm: arm, sources: experiment.sources(of: arm), targets: experiment.targets,
          dataset: dataset
        ).write(workers: workers, progress: progress)
      } else {
        let settings = try state.inputs.settings(arm, seed: seed)
        let outcome = try DatasetGenerator(settings: settings, dataset: dataset, workers: workers)
          .run(existing: resumes ? .resume : .overwrite) {
            try Task.checkCancellation()
            try onEvent(.generating($0))
          }
        record.failures = outcome.failed.map { "\($0.name): \($0.error.description)" }
      }
    case .separation(let name, _):
      try Separation(experiment: experiment, layout: layout)
        .check(arm(name), digests: &state.files, workers: workers, progress: progress)
    case .train(let run):
      var settings = trainingSettings(run)
      settings.overwrite = !resumes
      let dataset = try layout.dataset(arm: run.arm, seed: run.seed)
      do {
        _ = try await Training(dataset: dataset, settings: settings).run(
          environment: python
        ) {
          try? onEvent(.training($0))
        }
      } catch let error as MaskCTError where error.kind == .usage && resumes {
        // The dataset was lost and made again, the same but younger: what was trained on it is not gone
        // on with.
        try onEvent(.warning("\(error); trained anew"))
        settings.overwrite = true
        _ = try await Training(dataset: dataset, settings: settings).run(
          environment: python
        ) {
          try? onEvent(.training($0))
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
      ) { try? onEvent(.predicting($0)) }
      record.failures = images.compactMap { $0.failure?.description }
    case .evaluate(let run):
      let evaluation = try EvaluationRun(
        prediction: layout.predictions(run), reference: layout.testLabels,
        structures: TestSet.structures(experiment.targets), tolerance: experiment.tolerance)
      try Task.checkCancellation()
      let summary = evaluation.run(workers: workers) { done, name in
        try? onEvent(.progress(done: done, total: evaluation.pairs.count, name: name))
      }
      record.failures = summary.failures.map(\.problem)
      try SummaryFile.write(summary, to: layout.summary(run))
    case .report: break
    }
  }

  /// Whether what a step leaves behind is still there.
  func hasResult(_ step: ExperimentStep) -> Bool {
    switch step {
    case .test: !names(in: layout.testLabels).isEmpty && !names(in: layout.testImages).isEmpty
    case .dataset(let arm, let seed):
      (try? layout.dataset(arm: arm, seed: seed)).map { exists($0.descriptionFile) } ?? false
    case .separation: true
    case .train(let run): (try? model(of: run))?.isFinished ?? false
    case .predict(let run): isFolder(layout.predictions(run))
    case .evaluate(let run): exists(layout.summary(run))
    case .report: false
    }
  }

  func arm(_ name: String) -> Experiment.Arm { experiment.arms.first { $0.name == name }! }

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

  /// The table of what has been scored.
  func comparison(failed: [String: MaskCTError]) throws -> Comparison {
    let arms = experiment.arms.map { arm in
      let runs = experiment.runs(of: arm.name)
        .compactMap { try? SummaryFile.read(layout.summary($0)) }
      let problem = failed[arm.name]?.description
      return Comparison.Arm(
        name: arm.name, title: arm.displayTitle, runs: problem == nil ? runs : [],
        problem: problem ?? (runs.isEmpty ? "has not been run" : nil))
    }
    return Comparison(
      arms: arms,
      baseline: experiment.baseline.flatMap { name in
        experiment.arms.firstIndex { $0.name == name }
      }, structures: structures)
  }
}

extension Duration {
  /// The duration in seconds, to the millisecond.
  var seconds: Double {
    let (whole, atto) = components
    return Double(whole) + Double(atto / 1_000_000_000_000_000) / 1000
  }
}
