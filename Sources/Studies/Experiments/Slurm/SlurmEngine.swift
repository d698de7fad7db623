import FoundationEssentials
import Support
import Training

/// Runs the steps of an experiment as jobs of a Slurm cluster, with dependencies; datasets are generated
/// by arrays of jobs.
///
/// Every job calls this program with one step. A step that fails keeps those that need it from running,
/// and no others. Interrupted while it waits, the jobs go on; run again it waits for those that are still in
/// the queue.
public struct SlurmEngine: Sendable {
  /// How far the jobs are.
  public struct Progress: Sendable {
    /// Jobs that have ended.
    public var done: Int
    /// Jobs that run.
    public var running: Int
    /// All jobs.
    public var total: Int
  }

  private let run: ExperimentRun
  private let command: [String]
  private let options: [String]
  private let arraySize: Int
  private let interval: Duration

  /// Prepares the engine.
  ///
  /// - Parameters:
  ///   - command: program and arguments to which `--step NAME` is added.
  ///   - options: for `sbatch`, for example `--partition=gpu`.
  ///   - arraySize: jobs that share the generation of a dataset.
  ///   - interval: between two looks at the queue.
  public init(
    run: ExperimentRun, command: [String], options: [String], arraySize: Int,
    interval: Duration = .seconds(5)
  ) {
    self.run = run
    self.command = command
    self.options = options
    self.arraySize = arraySize
    self.interval = interval
  }

  private var folder: String { run.layout.folder + "/slurm" }
  private var jobsFile: String { folder + "/jobs.json" }

  /// Submits what is left to do, waits, and writes table and report.
  ///
  /// - Throws: `MaskCTError` if a job cannot be submitted or the queue does not answer.
  public func run(
    report: (Progress) -> Void, onEvent: @escaping (ExperimentRun.Event) throws -> Void
  ) async throws -> ExperimentRun.Outcome {
    try createFolder(folder)
    var jobs =
      (try? JSONDecoder().decode([String: Int].self, from: Data(ByteFile.read(jobsFile)))) ?? [:]
    let old = try await Slurm.queue(Array(jobs.values))
    if old.waiting.isEmpty && old.running.isEmpty {
      // The test set is small and everything needs it: made here, its mistakes are reported at once.
      for step in ExperimentStep.all(of: run.experiment) where step.arm == nil && step != .report {
        _ = try await run.run(only: step, onEvent: onEvent)
      }
      jobs = try await submit()
    } else {
      try onEvent(.warning("waiting for the jobs of an earlier call"))
    }
    try await wait(for: Array(jobs.values), report: report)
    try? remove(jobsFile)
    var outcome = ExperimentRun.Outcome()
    // Steps whose inputs cannot be read were never submitted; the plan knows why.
    let problems = run.plan().reduce(into: [:]) { $0[$1.step] = $1.problem }
    for step in ExperimentStep.all(of: run.experiment) {
      guard let arm = step.arm else { continue }
      let record = StepRecord.read(step, in: run.layout.steps)
      outcome.leftOut += record?.failures ?? []
      guard record?.isDone != true,
        !outcome.failures.contains(where: { $0.step.arm == arm })
      else { continue }
      let error: MaskCTError
      if let problem = problems[step] {
        error = problem
      } else {
        error = await failure(of: step, job: jobs[step.file])
      }
      outcome.failures.append((step, error))
      try onEvent(.began(step, index: 0, total: 1))
      try onEvent(.failed(step, error))
    }
    try onEvent(.began(.report, index: 0, total: 1))
    try run.report(&outcome, onEvent: onEvent)
    return outcome
  }

  /// Submits every step that is not done.
  ///
  /// - Returns: the jobs' numbers by the names of their scripts.
  private func submit() async throws -> [String: Int] {
    var jobs: [String: Int] = [:]
    var numbers: [ExperimentStep: Int] = [:]
    func add(_ job: Slurm.Job, _ name: String) async throws -> Int {
      let number = try await Slurm.submit(job, script: folder + "/\(name).sh")
      jobs[name] = number
      // Written after every one, so that a call that is cut off here leaves no job unknown.
      try JSONFile.write(jobs, to: jobsFile)
      return number
    }
    for planned in run.plan() {
      let step = planned.step
      guard !planned.isDone, planned.problem == nil, step.arm != nil else { continue }
      let name = step.file
      var job = Slurm.Job(
        name: "maskct:\(step.name)", command: command + ["--step", step.name],
        log: folder + "/\(name).log", options: options)
      job.after = step.needs(in: run.experiment).compactMap { numbers[$0] }
      if case .dataset(let arm, _) = step, !run.arm(arm).isClinical, arraySize > 1,
        try !run.begin(step)
      {
        var array = job
        array.tasks = arraySize
        array.command += ["--shard", "\(Slurm.Job.task)/\(arraySize)"]
        array.log = folder + "/\(name)-%a.log"
        // The plain job behind the array finds the cases made, makes those that failed once more, and ends
        // the step.
        job.after = [try await add(array, name + "-array")]
        job.needsSuccess = false
      }
      numbers[step] = try await add(job, name)
    }
    return jobs
  }

  private func wait(for jobs: [Int], report: (Progress) -> Void) async throws {
    while true {
      let queue = try await Slurm.queue(jobs)
      let left = queue.waiting.count + queue.running.count
      report(
        Progress(done: jobs.count - left, running: queue.running.count, total: jobs.count))
      if left == 0 { return }
      try await Task.sleep(for: interval)
    }
  }

  /// Why a step is not done: the error in its log or in those of its array, else what Slurm says of its job.
  private func failure(of step: ExperimentStep, job: Int?) async -> MaskCTError {
    let own = folder + "/\(step.file).log"
    let logs = [own] + (1...max(arraySize, 1)).map { folder + "/\(step.file)-\($0).log" }
    let prefix = "maskct: error: "
    for log in logs {
      guard let line = lines(of: log).first(where: { $0.hasPrefix(prefix) }) else { continue }
      return MaskCTError(
        .environment, path: log, String(line.dropFirst(prefix.count)),
        remedy: "see the log, and run the experiment again")
    }
    if let last = lines(of: own).last {
      return MaskCTError(
        .environment, path: own, String(last), remedy: "see the log, and run the experiment again")
    }
    let fate: String
    if let job { fate = await Slurm.fate(of: job) } else { fate = "was never submitted" }
    return MaskCTError(
      .environment, path: own, "the job \(fate), and left no log",
      remedy: "check the nodes, and run the experiment again")
  }

  private func lines(of log: String) -> [Substring] {
    (readText(log) ?? "").split(whereSeparator: \.isNewline)
  }
}
