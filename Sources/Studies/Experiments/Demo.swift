import Acquisition
import Anatomy
import Datasets
public import Evaluation
import FoundationEssentials
public import Generation
import Painting
import Reporting
public import Support
public import Training
import Volumes

/// The main job on built-in data: phantoms, three recipes, training, prediction and scores.
///
/// Training cases are scanned by one scanner at full dose. Test cases are other phantoms, painted with
/// another seed and other textures, scanned by another scanner at a quarter of the dose. Everything is
/// written below one folder, laid out as nnU-Net wants it; run again, what is done is kept.
public struct Demo: Sendable {
  /// How large the demo is.
  public struct Size: Equatable, Sendable {
    /// Phantoms to train on.
    public var trainingCases = 10
    /// Phantoms to test on.
    public var testCases = 4
    /// Voxel spacing, mm.
    public var spacing = 3.0
    /// Shape of the phantoms, voxels.
    public var shape: SIMD3<Int> = [128, 104, 80]
    /// Epochs of every training.
    public var epochs = 12
    /// Iterations an epoch.
    public var iterations = 25

    /// The demo's own size: under 20 minutes on two cores.
    public init() {}
  }

  /// A step of the demo, in order.
  public enum Step: Sendable {
    /// Label maps of phantoms are drawn.
    case phantoms(done: Int, total: Int)
    /// Cases of a dataset are generated; `arm` is a recipe or `test`.
    case generate(arm: String, DatasetGenerator.Event)
    /// A model is trained.
    case train(arm: String, TrainingEvent)
    /// Test cases are segmented.
    case predict(arm: String, PredictionEvent)
    /// A step of an arm is complete.
    case finished(String)
  }

  /// Scores of one recipe and where its results lie.
  public struct Arm: Sendable {
    /// The recipe.
    public var recipe: String
    /// Scores of every test case.
    public var summary: EvaluationSummary
    /// The dataset's folder.
    public var dataset: String
    /// The model's folder.
    public var model: String
    /// The picture of training cases.
    public var trainingPicture: String
    /// The picture of predictions.
    public var predictionPicture: String
  }

  /// The three recipes of the reference work.
  public static let recipes = ["cylinder", "constant", "video"]
  /// What is learnt.
  public static let target = "liver"

  private let folder: String
  private let size: Size
  private let workers: Workers

  /// Prepares the demo below `folder`.
  public init(folder: String, size: Size = Size(), workers: Workers) {
    self.folder = folder
    self.size = size
    self.workers = workers
  }

  private var raw: String { folder + "/nnUNet_raw" }

  /// Runs what is left to do.
  ///
  /// - Throws: `MaskCTError` of the step that failed.
  public func run(report: @escaping (Step) throws -> Void) async throws -> [Arm] {
    let training = folder + "/phantoms/training"
    let testing = folder + "/phantoms/testing"
    try phantoms(report: report)

    let test = try dataset(999, "Test")
    try generate(
      test, labels: testing, recipe: "video", arm: "test", seed: 2_000, scanner: "rows16",
      scanProtocol: "low-dose", report: report)

    var arms: [Arm] = []
    for (index, recipe) in Self.recipes.enumerated() {
      let dataset = try dataset(901 + index, "Liver" + recipe.capitalized)
      try generate(
        dataset, labels: training, recipe: recipe, arm: recipe, seed: UInt64(1 + index),
        scanner: "rows64", scanProtocol: "abdomen", report: report)
      let trainingPicture = folder + "/pictures/\(recipe)-training.png"
      try picture(dataset, prediction: nil, to: trainingPicture)

      var settings = TrainingSettings()
      settings.epochs = size.epochs
      settings.iterations = size.iterations
      settings.workers = workers
      let model = try await Training(dataset: dataset, settings: settings).run {
        try? report(.train(arm: recipe, $0))
      }
      let predictions = folder + "/predictions/\(recipe)"
      var prediction = PredictionSettings()
      prediction.workers = workers
      // A retrained model must not be scored by an older model's label maps.
      prediction.overwrite = true
      _ = try await Prediction(model: model, settings: prediction).run(
        input: test.imagesFolder, output: predictions
      ) { try? report(.predict(arm: recipe, $0)) }
      let summary = try EvaluationRun(
        prediction: predictions, reference: test.labelsFolder,
        structures: [EvaluatedStructure(parsing: "\(Self.target)=1")]
      ).run(workers: workers)
      try SummaryFile.write(summary, to: predictions + "/summary.json")
      let predictionPicture = folder + "/pictures/\(recipe)-predictions.png"
      try picture(test, prediction: predictions, to: predictionPicture)
      try report(.finished(recipe))
      arms.append(
        Arm(
          recipe: recipe, summary: summary, dataset: dataset.rawFolder, model: model.folder,
          trainingPicture: trainingPicture, predictionPicture: predictionPicture))
    }
    return arms
  }

  private func dataset(_ id: Int, _ name: String) throws -> NNUNetDataset {
    // The demo's folders are its own, whatever nnU-Net's variables say.
    NNUNetDataset(
      name: try DatasetName(id: id, name: "Demo" + name),
      folders: NNUNetFolders(
        raw: raw, preprocessed: folder + "/nnUNet_preprocessed",
        results: folder + "/nnUNet_results"))
  }

  private func phantoms(report: (Step) throws -> Void) throws {
    let grid = Grid(
      shape: size.shape, spacing: [size.spacing, size.spacing, size.spacing])
    let total = size.trainingCases + size.testCases
    for index in 0..<total {
      let isTest = index >= size.trainingCases
      let name = "torso_\(isTest ? index - size.trainingCases + 1 : index + 1)"
      let path = "\(folder)/phantoms/\(isTest ? "testing" : "training")/\(name).nii.gz"
      if !FileManager.default.fileExists(atPath: path) {
        try createParent(of: path)
        let map = TorsoPhantom.map(
          name: name, grid: grid, stream: RandomStream(seed: 40).split(index), workers: workers)
        try NIfTI.write(map.labels, to: path, frame: map.frame, workers: workers)
      }
      try report(.phantoms(done: index + 1, total: total))
    }
  }

  private func generate(
    _ dataset: NNUNetDataset, labels: String, recipe: String, arm: String, seed: UInt64,
    scanner: String, scanProtocol: String, report: @escaping (Step) throws -> Void
  ) throws {
    let loaded = try Recipe.load(recipe)
    let settings = GenerationSettings(
      sources: [.init(path: labels, scheme: TorsoPhantom.scheme)], targets: [Self.target],
      recipe: loaded, texture: loaded.paint.needsTexture ? .deadLeaves(seed) : nil, seed: seed,
      scanners: [try Scanner.load(scanner)], protocols: [try ScanProtocol.load(scanProtocol)],
      recipeName: recipe)
    _ = try DatasetGenerator(settings: settings, dataset: dataset, workers: workers)
      .run(existing: .resume) { try report(.generate(arm: arm, $0)) }
  }

  private func picture(_ dataset: NNUNetDataset, prediction: String?, to path: String) throws {
    try createParent(of: path)
    let loader = CaseLoader(prediction: prediction, targets: [Self.target])
    let montage = Montage()
    let rows = try CaseFinder.cases(at: dataset.rawFolder).prefix(4)
      .map { montage.row(try loader.load($0, workers: workers)) }
    try PNG.write(montage.picture(stacking: Array(rows)), to: path)
  }

  private func createParent(of path: String) throws {
    let parent = String(path[..<path.lastIndex(of: "/")!])
    do {
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    } catch {
      throw MaskCTError(
        .output, path: parent, "cannot be created", remedy: "name another --output")
    }
  }
}
