import Acquisition
import Datasets
import Evaluation
import Generation
import Support
import Training

/// What an experiment knows of itself, gathered once for the text of the method, the checklist and the card.
struct ExperimentFacts {
  /// What an arm learned from.
  struct Arm {
    var name: String
    var title: String
    /// Whether it learned from real CT.
    var isClinical: Bool
    /// Cases of its first dataset; nil where it was not made.
    var cases: Int?
    /// Name of the recipe with its description; nil for real CT.
    var recipe: String?
    /// Sections of the recipe that were taken out.
    var without: [String]
    /// Collections of label maps, without their folders.
    var collections: [String]
    /// Names of scanners and protocols; empty where the recipe draws them.
    var scanners: [String]
    var protocols: [String]
    /// What the videos are; nil without.
    var texture: String?
    var spacing: [Double]?
    /// Real CT beside simulated ones: patients, and cases with all repetitions; nil for none.
    var real: (patients: Int, cases: Int)?
    /// What else the arm changes, one sentence each.
    var changes: [String]
  }

  var experiment: Experiment
  var comparison: Comparison
  var arms: [Arm]
  /// The settings of training, equal for all arms.
  var epochs: Int
  var iterations: Int
  /// Scans that were tested on.
  var testCases: Int
  /// Lines about cases that were left out.
  var leftOut: [String]
  /// Whether every arm's training cases were compared with the test cases.
  var isSeparated: Bool
  /// Versions of pinned packages.
  var versions: [(name: String, version: String)]
  /// Seconds of every step that was done, by its name.
  var seconds: [String: Double]
}

extension ExperimentFacts {
  /// Gathers what a run knows.
  init(run: ExperimentRun, comparison: Comparison) {
    let experiment = run.experiment
    self.experiment = experiment
    self.comparison = comparison
    let budget = run.trainingSettings(experiment.runs[0]).budget
    (epochs, iterations) = (budget.epochs, budget.iterations)
    testCases = names(in: run.layout.testLabels).filter { $0.hasSuffix(".nii.gz") }.count
    arms = experiment.arms.map { arm in
      let first = experiment.runs(of: arm.name).first
      let dataset = first.flatMap { try? run.layout.dataset(arm: arm.name, seed: $0.seed) }
      let count = dataset?.cases.count ?? 0
      let recipe = arm.recipe.map { name in
        let description = (try? Recipe.load(name))?.description
        return "“\(lastComponent(name))”" + (description.map { " (\($0))" } ?? "")
      }
      let isTextured = arm.recipe.flatMap { try? Recipe.load($0) }?.paint.needsTexture == true
      let video = arm.video ?? experiment.video
      return Arm(
        name: arm.name, title: arm.displayTitle, isClinical: arm.isClinical,
        cases: count > 0 ? count : nil, recipe: recipe, without: arm.without ?? [],
        collections: experiment.phantoms != nil && !arm.isClinical
          ? ["built-in phantoms"]
          : experiment.sources(of: arm).map { Self.collection($0.path) },
        scanners: (arm.scanners ?? []).map { lastComponent($0) },
        protocols: (arm.protocols ?? []).map { lastComponent($0) },
        texture: isTextured
          ? video.map { $0 == "dead-leaves" ? "dead leaves" : "video clips" } ?? "dead leaves"
          : nil,
        spacing: arm.spacing,
        real: arm.isMixed ? dataset.map { ClinicalDataset.count(in: $0.cases) } : nil,
        changes: arm.changes)
    }
    var lines: [String] = []
    var times: [String: Double] = [:]
    var separated = true
    for step in ExperimentStep.all(of: experiment) {
      let record = StepRecord.read(step, in: run.layout.steps)
      if case .separation = step, record?.isDone != true { separated = false }
      guard let record else { continue }
      lines += record.failures
      if record.isDone { times[step.name] = record.seconds }
    }
    leftOut = lines
    seconds = times
    isSeparated = separated
    versions = [(name: "maskct", version: toolVersion)]
    versions += PythonEnvironment.pinned(["nnunetv2", "torch", "numpy"])
    // The lock pins one torch per version of Python; what a training ran on is in its own files.
    let trained = experiment.runs.lazy.compactMap { try? Self.torch(of: run.model(of: $0)) }.first
    if let trained, let index = versions.firstIndex(where: { $0.name == "torch" }) {
      versions[index].version = trained
    }
  }

  /// `btcv/labels` of `/data/btcv/labels`: what a folder is called, with the one above where its name says little.
  static func collection(_ path: String) -> String {
    let last = lastComponent(path)
    let plain: Set = [
      "labels", "labelsTr", "masks", "segmentations", "training", "images", "imagesTr",
    ]
    return plain.contains(last) ? "\(lastComponent(parent(path)))/\(last)" : last
  }

  /// The version of torch that a model was trained with, as nnU-Net noted it.
  private static func torch(of model: TrainedModel) throws -> String {
    struct Notes: Decodable {
      var torch_version: String
    }
    let notes = try JSONFile.read(Notes.self, path: model.foldFolder + "/debug.json")
    return String(notes.torch_version.prefix { $0 != "+" })
  }

  /// Number of trainings per arm.
  var runsPerArm: Int { experiment.training.seeds.count * experiment.training.folds.count }
  /// Versions by name.
  func version(_ name: String) -> String {
    versions.first { $0.name == name }?.version ?? "unknown"
  }
  /// Whether a collection is TotalSegmentator's, by the names of its folders.
  var usesTotalSegmentator: Bool {
    (arms.flatMap(\.collections) + [experiment.test.labels]).contains {
      $0.lowercased().contains("totalsegmentator")
    }
  }

  /// Pairs of case and structure with a value of Dice, and those in which the structure is in neither mask.
  func missing(arm: Int) -> (scored: Int, neither: Int, missed: Int) {
    var counts = (scored: 0, neither: 0, missed: 0)
    for scores in comparison.arms[arm].summary?.cases ?? [] {
      for structure in scores.scores {
        if structure[.dice].isNaN {
          counts.neither += 1
        } else {
          counts.scored += 1
          if structure[.hausdorff95].isInfinite { counts.missed += 1 }
        }
      }
    }
    return counts
  }
}

extension Experiment.Arm {
  /// What the arm changes in its simulated cases, one sentence each, for the text of the method.
  fileprivate var changes: [String] {
    var sentences: [String] = []
    if let phases {
      sentences.append(
        "Only the contrast phases \(phases.joined(separator: ", ")) were drawn.")
    }
    if imaging == ScanProtocol.Imaging.blur.rawValue {
      sentences.append(
        "Its images were made without the scanner, by a Gaussian blur and white noise of the scan's strength."
      )
    }
    if let blend {
      let side = blend.inside == .real ? "inside" : "outside"
      sentences.append(
        "Voxels \(side) the targets were those of the real CT of the same patient.")
    }
    if let measured {
      let what = measured.values == .means ? "the mean" : "the distribution of values"
      sentences.append(
        "Every target was given \(what) of a patient of the real CT of the training patients.")
    }
    return sentences
  }
}
