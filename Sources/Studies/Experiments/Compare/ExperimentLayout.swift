import Anatomy
import Datasets
import Generation
import Support

/// One training of an arm: its seed and its fold.
public struct ArmRun: Hashable, Sendable {
  /// The arm's name.
  public var arm: String
  /// The seed of dataset and training.
  public var seed: Int
  /// The fold as nnU-Net names it, or `auto`.
  public var fold: String

  /// `video`, `video-2-all`: what the run's folders are called.
  func name(in experiment: Experiment) -> String {
    var name = arm
    if experiment.training.seeds.count > 1 { name += "-seed\(seed)" }
    if experiment.training.folds.count > 1 { name += "-fold\(fold)" }
    return name
  }
}

/// Where an experiment's files lie, all below one folder.
///
///     nnUNet_raw/Dataset701_Video/   datasets, one per arm and seed
///     nnUNet_preprocessed/, nnUNet_results/
///     phantoms/training, testing     label maps of built-in phantoms; scans of the latter: Dataset700_Phantoms
///     test/images, test/labels       links to the scans; references numbered as the targets
///     predictions/video/             label maps and summary.json
///     pictures/                      of test scans, of what each arm learns from, of its predictions
///     steps/                         what is done, on which inputs, in what time
///     report.html, table.csv, table.md, table.tex, scores.csv
///     methods.md, methods.tex, references.bib, claim.md   for a manuscript
///     EXPERIMENT_CARD.md, manifest.json, experiment.json
public struct ExperimentLayout: Sendable {
  /// The folder, absolute.
  public let folder: String
  private let experiment: Experiment

  init(folder: String, experiment: Experiment) {
    self.folder = absolute(folder)
    self.experiment = experiment
  }

  var testImages: String { folder + "/test/images" }
  var testLabels: String { folder + "/test/labels" }
  /// The reference of a test case.
  func testLabel(_ name: String) -> String { "\(testLabels)/\(name).nii.gz" }
  var selection: String { folder + "/selection" }
  /// Label maps of phantoms to learn from.
  var phantomLabels: String { folder + "/phantoms/training" }
  /// Label maps of phantoms to test on.
  var phantomTestLabels: String { folder + "/phantoms/testing" }
  /// The scans of phantoms to test on.
  var phantomScans: NNUNetDataset {
    get throws {
      NNUNetDataset(name: try DatasetName(id: Self.firstID - 1, name: "Phantoms"), folders: nnUNet)
    }
  }
  var pictures: String { folder + "/pictures" }
  var steps: String { folder + "/steps" }
  /// The report.
  public var report: String { folder + "/report.html" }
  /// The folder of predictions of a run.
  func predictions(_ run: ArmRun) -> String { folder + "/predictions/" + run.name(in: experiment) }
  /// The scores of a run.
  func summary(_ run: ArmRun) -> String { predictions(run) + "/summary.json" }

  /// The folders of nnU-Net: the experiment's own, whatever nnU-Net's variables say.
  private var nnUNet: NNUNetFolders {
    NNUNetFolders(
      raw: folder + "/nnUNet_raw", preprocessed: folder + "/nnUNet_preprocessed",
      results: folder + "/nnUNet_results")
  }

  private static let firstID = 701

  /// The dataset of an arm and a seed: numbered from 701 in the order of arms and seeds.
  func dataset(arm: String, seed: Int) throws -> NNUNetDataset {
    let arms = experiment.arms.map(\.name)
    let seeds = experiment.training.seeds
    let index = arms.firstIndex(of: arm)! * seeds.count + seeds.firstIndex(of: seed)!
    let words = arm.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
    let name = words.joined() + (seeds.count > 1 ? "-seed\(seed)" : "")
    return NNUNetDataset(
      name: try DatasetName(id: Self.firstID + index, name: name), folders: nnUNet)
  }
}

extension Experiment {
  /// All trainings, arm by arm.
  public var runs: [ArmRun] {
    arms.flatMap { arm in runs(of: arm.name) }
  }

  /// The trainings of an arm.
  public func runs(of arm: String) -> [ArmRun] {
    training.seeds.flatMap { seed in
      training.folds.map { ArmRun(arm: arm, seed: seed, fold: $0) }
    }
  }

  /// The names of the targets as `dataset.json` has them.
  ///
  /// - Throws: `MaskCTError` for an unknown structure.
  static func targetNames(_ targets: [String]) throws(MaskCTError) -> [String] {
    try Target.resolve(targets).map(\.name)
  }
}
