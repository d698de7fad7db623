public import Datasets
import Support

/// A trained model in nnU-Net's folders; it loads in a stock nnU-Net.
public struct TrainedModel: Equatable, Sendable {
  /// The dataset that it was trained on.
  public let dataset: NNUNetDataset
  /// The configuration.
  public let configuration: String
  /// The fold as nnU-Net names it: `all` or a number.
  public let fold: String

  /// The name of the plans that MaskCT trains with.
  public static let plansName = "MaskCTPlans"
  /// nnU-Net's name of the trainer in folders and checkpoints.
  public static let trainerName = "nnUNetTrainer"

  /// Names a model; nothing is read.
  public init(dataset: NNUNetDataset, configuration: String, fold: String) {
    self.dataset = dataset
    self.configuration = configuration
    self.fold = fold
  }

  /// The folder that nnU-Net calls the model: plans, dataset.json and folds.
  public var folder: String {
    dataset.resultsFolder + "/\(Self.trainerName)__\(Self.plansName)__\(configuration)"
  }
  /// The folder of the fold: checkpoints, logs, progress.
  public var foldFolder: String { folder + "/fold_\(fold)" }
  /// The weights of a finished training.
  public var checkpoint: String { foldFolder + "/checkpoint_final.pth" }
  /// The log of the Python process.
  public var log: String { foldFolder + "/maskct_train.log" }
  /// One JSON line per epoch.
  public var progressFile: String { foldFolder + "/progress.jsonl" }
  /// What the training was given.
  package var recordFile: String { foldFolder + "/maskct_training.json" }
  /// Whether the training is finished.
  public var isFinished: Bool { exists(checkpoint) }

  /// The epochs so far.
  public var history: [TrainingProgress] {
    ProgressTracker.history(readText(progressFile) ?? "")
  }

  /// Finds the finished model of a dataset.
  ///
  /// - Parameters:
  ///   - dataset: The dataset.
  ///   - configuration: The configuration; `nil` takes the only one that is there.
  ///   - fold: The fold; `automatic` takes the only one, or the lowest number.
  /// - Throws: `MaskCTError` if there is none, or a choice is needed.
  public static func find(
    dataset: NNUNetDataset, configuration: String? = nil, fold: Fold = .automatic
  ) throws -> TrainedModel {
    let prefix = "\(trainerName)__\(plansName)__"
    var started: [TrainedModel] = []
    for name in names(in: dataset.resultsFolder) where name.hasPrefix(prefix) {
      let found = String(name.dropFirst(prefix.count))
      if let configuration, configuration != found { continue }
      for entry in names(in: dataset.resultsFolder + "/" + name) where entry.hasPrefix("fold_") {
        let number = String(entry.dropFirst("fold_".count))
        if fold != .automatic, fold.description != number { continue }
        started.append(TrainedModel(dataset: dataset, configuration: found, fold: number))
      }
    }
    let finished = started.filter(\.isFinished)
    let configurations = Set(finished.map(\.configuration)).sorted()
    if configurations.count > 1 {
      throw MaskCTError(
        .usage, path: dataset.resultsFolder,
        "there are models of several configurations: \(configurations.joined(separator: ", "))",
        remedy: "choose one with --configuration")
    }
    if let model = finished.min(by: {
      ($0.fold == "all" ? 1 : 0, $0.fold) < ($1.fold == "all" ? 1 : 0, $1.fold)
    }) {
      return model
    }
    if let model = started.first {
      throw MaskCTError(
        .input, path: model.foldFolder, "the training is not finished",
        remedy: "resume it with 'maskct train --dataset \(dataset.name.id) "
          + "--configuration \(model.configuration)'")
    }
    let what = configuration.map { " of configuration \($0)" } ?? ""
    throw MaskCTError(
      .input, path: dataset.resultsFolder, "there is no trained model\(what)",
      remedy: "train it with 'maskct train --dataset \(dataset.name.id)'")
  }
}
