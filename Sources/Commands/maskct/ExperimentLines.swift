import ArgumentParser
import Experiments
import Generation
import Support
import Training

extension ExperimentRun {
  /// Runs the work of an experiment in the terminal: progress while it runs, then the table and where the
  /// report lies.
  ///
  /// - Parameters:
  ///   - lines: show the progress.
  ///   - isStep: one step alone is run, which is done although it left a case out: a scheduler runs what
  ///     needs it.
  ///   - work: the run, which is told where events go.
  /// - Throws: `ExitCode` 1 if an arm failed or a case was left out, after all else is done and printed.
  func show(
    _ lines: ExperimentLines, isStep: Bool = false,
    _ work: @escaping (_ onEvent: @escaping (Event) throws -> Void) async throws -> Outcome
  ) async throws {
    let started = ContinuousClock.now
    let outcome = try await Interrupt.cancelling { try await work { try lines.show($0) } }
    lines.finish()
    if let comparison = outcome.comparison {
      print(text(comparison))
      print("report: \(layout.report)")
    }
    print("took \(ProgressLine.clock(ContinuousClock.now - started))")
    if outcome.isComplete || isStep && outcome.failures.isEmpty { return }
    if !outcome.failures.isEmpty {
      Terminal.error(
        "maskct: error: \(counted(outcome.failures.count, "arm")) failed, see above; the others are complete\n"
      )
    }
    if !outcome.leftOut.isEmpty {
      let count = outcome.leftOut.count
      Terminal.error(
        "maskct: error: \(counted(count, "case")) \(count == 1 ? "was" : "were") left out, see above\n"
      )
    }
    throw ExitCode(1)
  }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}

/// One progress line for each step of an experiment.
final class ExperimentLines {
  private var generation: GenerationProgress?
  private var training: TrainingLine?
  private var prediction: PredictionLine?
  private var pieces: ProgressLine?
  private var label = ""
  private var verb = "choose subjects"

  func show(_ event: ExperimentRun.Event) throws {
    switch event {
    case .began(let step, let index, let total):
      finish()
      label = "[\(index + 1)/\(total)] " + (step.arm.map { "\($0): " } ?? "")
      verb = step.verb
    case .generating(let event):
      // A step that draws before it generates is done drawing.
      pieces?.finish()
      pieces = nil
      if case .started(_, _, let total) = event, generation == nil {
        generation = GenerationProgress(total: total, stage: label + "generating")
      }
      try generation?.show(event)
    case .training(let event):
      if training == nil { training = TrainingLine(label: String(label.dropLast(2))) }
      training?.show(event)
    case .predicting(let event):
      if prediction == nil { prediction = PredictionLine(label: label + "predicting") }
      prediction?.show(event)
    case .progress(let done, let total, let name):
      if pieces == nil { pieces = ProgressLine(label + verb, total: total) }
      pieces?.update(done, detail: name)
    case .finished(_, let seconds):
      finish()
      Terminal.error("\(label)\(verb): done in \(ProgressLine.clock(.seconds(seconds)))\n")
    case .skipped:
      finish()
      Terminal.error("\(label)\(verb): up to date\n")
    case .failed(_, let error):
      finish()
      Terminal.error("maskct: error: \(label)cannot \(verb): \(error)\n")
    case .picture(let file): Terminal.error("picture: \(file)\n")
    case .warning(let text): Failure.warn(text)
    }
  }

  func finish() {
    generation?.finish()
    training?.finish()
    prediction?.finish()
    pieces?.finish()
    (generation, training, prediction, pieces) = (nil, nil, nil, nil)
  }
}
