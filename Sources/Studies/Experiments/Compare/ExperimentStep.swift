/// A piece of work of an experiment that is done, skipped or failed as a whole.
public enum ExperimentStep: Hashable, Sendable {
  /// Built-in phantoms are drawn, and those to test on scanned; only where an experiment asks for them.
  case phantoms
  /// Subjects are selected, test scans and references made ready.
  case test
  /// A dataset is generated, or written from real CT.
  case dataset(arm: String, seed: Int)
  /// Test cases are shown not to be among the training cases.
  case separation(arm: String, seed: Int)
  /// A model is trained.
  case train(ArmRun)
  /// Test scans are segmented.
  case predict(ArmRun)
  /// Predictions are scored.
  case evaluate(ArmRun)
  /// Tables and report are written.
  case report

  /// The steps of an experiment, in an order in which they can be done.
  public static func all(of experiment: Experiment) -> [ExperimentStep] {
    var steps: [ExperimentStep] = experiment.phantoms == nil ? [.test] : [.phantoms, .test]
    for arm in experiment.arms {
      for seed in experiment.training.seeds {
        steps.append(.dataset(arm: arm.name, seed: seed))
        steps.append(.separation(arm: arm.name, seed: seed))
        for fold in experiment.training.folds {
          let run = ArmRun(arm: arm.name, seed: seed, fold: fold)
          steps += [.train(run), .predict(run), .evaluate(run)]
        }
      }
    }
    return steps + [.report]
  }

  /// What has to be done before; a step of an arm needs nothing of another arm.
  public func needs(in experiment: Experiment) -> [ExperimentStep] {
    switch self {
    case .phantoms: []
    case .test: experiment.phantoms == nil ? [] : [.phantoms]
    case .dataset: [.test]
    case .separation(let arm, let seed): [.dataset(arm: arm, seed: seed)]
    case .train(let run): [.separation(arm: run.arm, seed: run.seed)]
    case .predict(let run): [.train(run)]
    case .evaluate(let run): [.predict(run)]
    case .report: experiment.runs.map { .evaluate($0) }
    }
  }

  /// The steps whose results it works on. Less than `needs`: a model depends on its dataset alone, although it
  /// is not trained before the test cases are known not to be in it.
  public func sources(in experiment: Experiment) -> [ExperimentStep] {
    switch self {
    case .phantoms, .report: []
    case .test, .dataset: experiment.phantoms == nil ? [] : [.phantoms]
    case .separation(let arm, let seed): [.test, .dataset(arm: arm, seed: seed)]
    case .train(let run): [.dataset(arm: run.arm, seed: run.seed)]
    case .predict(let run): [.test, .train(run)]
    case .evaluate(let run): [.test, .predict(run)]
    }
  }

  /// The arm that the step belongs to; nil for those of all arms.
  public var arm: String? {
    switch self {
    case .phantoms, .test, .report: nil
    case .dataset(let arm, _), .separation(let arm, _): arm
    case .train(let run), .predict(let run), .evaluate(let run): run.arm
    }
  }

  /// The verb, for people.
  public var verb: String {
    switch self {
    case .phantoms: "draw phantoms and scan those to test on"
    case .test: "prepare the test set"
    case .dataset: "make the dataset"
    case .separation: "check that no test case is learned from"
    case .train: "train"
    case .predict: "predict"
    case .evaluate: "evaluate"
    case .report: "write the report"
    }
  }

  /// The step's name in files and on the command line: `train:video:1:auto`.
  public var name: String {
    switch self {
    case .phantoms: "phantoms"
    case .test: "test"
    case .dataset(let arm, let seed): "dataset:\(arm):\(seed)"
    case .separation(let arm, let seed): "separation:\(arm):\(seed)"
    case .train(let run): "train:\(run.arm):\(run.seed):\(run.fold)"
    case .predict(let run): "predict:\(run.arm):\(run.seed):\(run.fold)"
    case .evaluate(let run): "evaluate:\(run.arm):\(run.seed):\(run.fold)"
    case .report: "report"
    }
  }

  /// The name without what file systems and shells stumble over: `train-video-1-auto`.
  var file: String { String(name.map { $0 == ":" ? "-" : $0 }) }
}
