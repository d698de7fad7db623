import Support
import Training

/// The commands of Slurm that are needed: `sbatch` and `squeue`.
enum Slurm {
  /// A job before it is submitted.
  struct Job {
    /// What the queue calls it.
    var name: String
    /// Program and arguments; `ArrayTask.placeholder` in an argument becomes the number of the task.
    var command: [String]
    /// The file for what it prints.
    var log: String
    /// Jobs that must end before it; with `needsSuccess` without a failure.
    var after: [Int] = []
    /// Whether a job that failed before keeps this one from running.
    var needsSuccess = true
    /// Number of tasks of an array; nil for a plain job.
    var tasks: Int?
    /// The user's own options.
    var options: [String] = []

    /// In an argument of an array's command: the task's number, from 1.
    static let task = "%TASK%"

    /// The options for `sbatch`.
    var arguments: [String] {
      var list = [
        "--parsable", "--job-name=\(name)", "--output=\(log)", "--open-mode=truncate",
        "--kill-on-invalid-dep=yes", "--export=ALL",
      ]
      if let tasks { list.append("--array=1-\(tasks)") }
      if !after.isEmpty {
        let kind = needsSuccess ? "afterok" : "afterany"
        list.append("--dependency=\(kind):\(after.map(String.init).joined(separator: ":"))")
      }
      return list + options
    }

    /// The script: one command, every argument quoted, so that the shell reads none of it.
    var script: String {
      let words = command.map { word in
        Self.quoted(word).replacing(Self.task, with: "'\"$SLURM_ARRAY_TASK_ID\"'")
      }
      return "#!/bin/sh\nexec \(words.joined(separator: " "))\n"
    }

    /// A word in single quotes; a quote in it ends them, stands escaped, and begins them again.
    static func quoted(_ word: String) -> String {
      "'" + word.replacing("'", with: "'\\''") + "'"
    }
  }

  /// Submits a job; its script is kept beside its log.
  ///
  /// - Returns: the job's number.
  /// - Throws: `MaskCTError` with what `sbatch` said.
  static func submit(_ job: Job, script: String) async throws -> Int {
    try AtomicFile.write(job.script, to: script)
    let outcome = try await ChildProcess.run("sbatch", job.arguments + [script])
    // `--parsable` prints NUMBER or NUMBER;CLUSTER, behind warnings if there are any.
    guard outcome.succeeded, let last = outcome.output.split(whereSeparator: \.isNewline).last,
      let number = Int(last.split(separator: ";")[0])
    else {
      throw MaskCTError(
        .environment, path: "sbatch", "did not take the job \(job.name): \(outcome.tail(1))",
        remedy: "check the cluster and the options given with --slurm")
    }
    return number
  }

  /// How many jobs of a list are waiting, and how many are running.
  ///
  /// - Throws: `MaskCTError` if the queue cannot be asked several times in a row.
  static func queue(_ jobs: [Int]) async throws -> (waiting: Set<Int>, running: Set<Int>) {
    var last = ""
    for attempt in 0..<6 {
      if attempt > 0 { try await Task.sleep(for: .seconds(10)) }
      let outcome = try await ChildProcess.run(
        "squeue", ["--noheader", "--states=all", "--format=%F %T", "--user=\(try await user())"])
      guard outcome.succeeded else {
        last = outcome.tail(1)
        continue
      }
      var (waiting, running): (Set<Int>, Set<Int>) = ([], [])
      let wanted = Set(jobs)
      for line in outcome.output.split(whereSeparator: \.isNewline) {
        let words = line.split(separator: " ")
        guard words.count == 2, let number = Int(words[0]), wanted.contains(number) else {
          continue
        }
        switch words[1] {
        case "PENDING", "CONFIGURING", "REQUEUED", "SUSPENDED", "STOPPED": waiting.insert(number)
        case "RUNNING", "COMPLETING", "STAGE_OUT": running.insert(number)
        default: break
        }
      }
      return (waiting.subtracting(running), running)
    }
    throw MaskCTError(
      .environment, path: "squeue", "does not answer: \(last)",
      remedy: "run the experiment again: it finds its jobs and waits for them")
  }

  /// How a job ended, as a verb phrase: `ended as NODE_FAIL (reason None)`.
  static func fate(of job: Int) async -> String {
    let outcome = try? await ChildProcess.run("scontrol", ["show", "job", "\(job)", "--oneliner"])
    func value(_ key: String) -> Substring? {
      outcome?.output.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix(key) }?
        .dropFirst(key.count)
    }
    guard let state = value("JobState=") else { return "is not known to Slurm any more" }
    return "ended as \(state) (reason \(value("Reason=") ?? "unknown"))"
  }

  private static func user() async throws -> String {
    let outcome = try await ChildProcess.run("id", ["-un"])
    return String(outcome.output.prefix { !$0.isNewline })
  }
}
