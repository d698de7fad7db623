public import Evaluation
import FoundationEssentials
public import Generation
public import Support
public import Training

/// Runs an experiment step by step: what is done and up to date is skipped, what was interrupted is resumed.
///
/// An arm that fails is reported with its reason and leaves the others alone.
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
    /// A picture was written: what an arm learns from, or what a model made of the test scans.
    case picture(String)
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
      to: try PhantomData.applied(to: experiment, folder: folder), folder: folder,
      workers: workers, progress: progress)
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
  /// - Throws: `MaskCTError` if what all arms need cannot be made; a failed arm is in the outcome. What
  ///   `onEvent` throws.
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
        // Without the test set there is nothing to compare.
        guard let arm = step.arm else { throw error }
        state.failed[arm] = error
        state.outcome.failures.append((step, error))
        try onEvent(.failed(step, error))
      }
    }
    if only == nil || only == .report {
      state.files.save()
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
    let comparison = comparison(failed: failed)
    outcome.comparison = comparison
    try writeResults(comparison) { try onEvent(.progress(done: $0, total: $1, name: $2)) }
    try onEvent(.finished(.report, seconds: (ContinuousClock.now - start).seconds))
  }

  func arm(_ name: String) -> Experiment.Arm { experiment.arms.first { $0.name == name }! }

  /// What a run knows while it runs.
  struct State {
    var inputs: ExperimentInputs
    var files: FileDigests
    var failed: [String: MaskCTError] = [:]
    var outcome = Outcome()
  }
}

extension Duration {
  /// The duration in seconds, to the millisecond.
  var seconds: Double {
    let (whole, atto) = components
    return Double(whole) + Double(atto / 1_000_000_000_000_000) / 1000
  }
}
