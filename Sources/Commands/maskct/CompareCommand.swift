import ArgumentParser
import Experiments
import FoundationEssentials
import Generation
import Support
import Synchronization

/// `maskct compare`: an experiment of several arms, from label maps to the table.
struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare recipes, and real CT, as training data for a network.",
    discussion: """
      An experiment is a YAML file: the arms (recipes, or real CT), the label maps, the real CT to test \
      on, the network and the training budget. Each arm gets a dataset, a model, predictions and scores; \
      a table and an HTML report are written at the end. Steps that are up to date are skipped, and an \
      interrupted experiment resumes when you run the same command again. An arm that fails does not \
      stop the others.

      Before any training, every training case is compared with every test case by content. If a test \
      case is among the training cases, the arm is refused.

      EXAMPLES
        List the shipped experiments, and copy one to edit:
          maskct show experiment
          maskct show experiment head-neck > mine.yaml

        Print the plan with expected times, then run it:
          maskct compare mine.yaml --dry-run
          maskct compare mine.yaml --output mine

        Run a shipped experiment on data in another folder:
          maskct compare head-neck --data /data --output head-neck
      """)

  @Argument(help: ArgumentHelp("A shipped experiment, or a YAML file."))
  var experiment: String

  @Option(
    help: ArgumentHelp(
      """
      Folder that the experiment's paths are relative to. (default: the folder of the YAML file; for \
      shipped experiments, the current folder)
      """, valueName: "folder"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Folder for all results. (default: the experiment's name)", valueName: "folder"))
  var output: String?

  @Flag(help: "Print the steps, which of them are done, and the expected time of the rest.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "Run one step only, for schedulers. The steps it depends on must be done.",
      valueName: "step"))
  var step: String?

  @Option(
    help: ArgumentHelp(
      "Part of a --step that generates a dataset, for example 3/7.", valueName: "i/n"))
  var shard: String?

  @Option(help: ArgumentHelp("local, or slurm to submit every step as a job.", valueName: "name"))
  var engine: String = "local"

  @Option(
    help: ArgumentHelp(
      "Option to pass to sbatch, for example --slurm=--partition=gpu. Repeatable.",
      valueName: "option"))
  var slurm: [String] = []

  @Option(
    help: ArgumentHelp(
      "Number of Slurm jobs that share the generation of one dataset.", valueName: "n"))
  var arraySize: Int = 8

  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    let loaded = try Experiment.load(experiment, data: data)
    let lines = ExperimentLines()
    let run = try ExperimentRun(
      experiment: loaded, folder: output ?? name, workers: threads.workers
    ) { try lines.show(.progress(done: $0, total: $1, name: $2)) }
    lines.finish()
    if dryRun { return try show(run.plan()) }
    let only = try step.map { try find($0, in: run.experiment) }
    let shard = try shard.map { text throws(MaskCTError) in try Shard(parsing: text) }
    if shard != nil && only == nil {
      throw MaskCTError(
        .usage, "--shard needs --step", remedy: "name the step that it is a part of")
    }
    let usesSlurm = engine == "slurm" && only == nil
    try await run.show(lines, isStep: only != nil) { onEvent in
      usesSlurm
        ? try await self.slurm(run, onEvent: onEvent)
        : try await run.run(only: only, shard: shard, onEvent: onEvent)
    }
  }

  /// Runs every step as a job of Slurm's.
  private func slurm(
    _ run: ExperimentRun, onEvent: @escaping (ExperimentRun.Event) throws -> Void
  ) async throws -> ExperimentRun.Outcome {
    var command = [try Executable.path(), "compare", try Executable.argument(experiment)]
    if let data { command += ["--data", try Executable.argument(data)] }
    command += ["--output", run.layout.folder]
    if let threads = threads.threads { command += ["--threads", "\(threads)"] }
    let line = ProgressLineBox()
    let outcome = try await SlurmEngine(
      run: run, command: command, options: slurm, arraySize: arraySize
    ).run(
      report: { line.show($0) },
      onEvent: { event in
        line.finish()
        try onEvent(event)
      })
    line.finish()
    return outcome
  }

  func validate() throws {
    guard ["local", "slurm"].contains(engine) else {
      throw ValidationError("there is no engine '\(engine)'; choose local or slurm")
    }
    guard (1...1000).contains(arraySize) else {
      throw ValidationError("--array-size must be from 1 to 1000")
    }
  }

  /// The experiment's name: the file's without folder and extension.
  private var name: String {
    let file = experiment.split(separator: "/").last.map(String.init) ?? experiment
    for suffix in [".yaml", ".yml"] where file.hasSuffix(suffix) {
      return String(file.dropLast(suffix.count))
    }
    return file
  }

  private func find(_ name: String, in experiment: Experiment) throws -> ExperimentStep {
    let steps = ExperimentStep.all(of: experiment)
    guard let step = steps.first(where: { $0.name == name }) else {
      throw MaskCTError(
        .usage, "there is no step '\(name)'",
        remedy: "choose one of those that --dry-run lists")
    }
    return step
  }

  private func show(_ plan: [PlannedStep]) throws {
    var left = 0.0
    var unknown = false
    for entry in plan {
      let time: String
      if entry.problem != nil {
        time = "cannot be done"
      } else if entry.isDone {
        time = "done"
      } else if let seconds = entry.seconds {
        time = "about \(ProgressLine.clock(.seconds(max(1, seconds))))"
        left += seconds
      } else {
        time = "?"
        unknown = true
      }
      let padding = String(repeating: " ", count: max(1, 16 - time.count))
      print("\(time)\(padding)\(entry.step.name)")
    }
    // A missing input stops every step after it: said once.
    let problems = Set(plan.compactMap { $0.problem?.description }).sorted()
    for problem in problems { Terminal.error("maskct: error: \(problem)\n") }
    if !problems.isEmpty { throw ExitCode(1) }
    print("")
    print(
      left == 0 && !unknown
        ? "nothing is left to do"
        : "left: \(unknown ? "more than" : "about") \(ProgressLine.clock(.seconds(left)))")
  }
}

/// Paths that hold in a job, which starts in another folder.
enum Executable {
  /// Where this program lies.
  static func path() throws -> String {
    guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    else {
      throw MaskCTError(
        .environment, "this program does not know where it lies", remedy: "run it on Linux")
    }
    return path
  }

  /// An argument that may be a path, made absolute if it is one.
  static func argument(_ text: String) throws -> String {
    guard FileManager.default.fileExists(atPath: text), !text.hasPrefix("/") else { return text }
    return FileManager.default.currentDirectoryPath + "/" + text
  }
}

/// The progress line of jobs in a queue.
final class ProgressLineBox: Sendable {
  private let line = Mutex<ProgressLine?>(nil)

  func show(_ progress: SlurmEngine.Progress) {
    line.withLock { line in
      if line == nil { line = ProgressLine("Jobs", total: progress.total) }
      line?.update(progress.done, detail: "\(progress.running) running")
    }
  }

  func finish() {
    line.withLock { line in
      line?.finish()
      line = nil
    }
  }
}
