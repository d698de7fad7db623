import Anatomy
import Datasets
import FoundationEssentials
import Generation
import Support
import Volumes

/// Draws the phantoms of an experiment that needs no data, and scans those to test on.
struct PhantomData {
  let experiment: Experiment
  let layout: ExperimentLayout
  let workers: Workers

  /// The experiment with its label maps and test set in the folder where the step `phantoms` writes them; one
  /// without phantoms as it is.
  static func applied(to experiment: Experiment, folder: String) throws -> Experiment {
    guard experiment.phantoms != nil else { return experiment }
    let layout = ExperimentLayout(folder: folder, experiment: experiment)
    var result = experiment
    result.labels = [.init(path: layout.phantomLabels, scheme: Experiment.Phantoms.scheme)]
    result.test = .init(
      images: try layout.phantomScans.imagesFolder, labels: layout.phantomTestLabels,
      scheme: Experiment.Phantoms.scheme)
    return result
  }

  /// The phantoms, to learn from first: every one has a number of its own, so that no two share a draw.
  private var files: [String] {
    let phantoms = experiment.phantoms!
    return (1...phantoms.training + phantoms.test).map { number in
      let folder = number <= phantoms.training ? layout.phantomLabels : layout.phantomTestLabels
      return "\(folder)/torso_\(number).nii.gz"
    }
  }

  /// Whether everything is there.
  var isComplete: Bool {
    files.allSatisfy(exists) && ((try? layout.phantomScans.isWhole) ?? false)
  }

  /// Draws what is left to draw, then scans.
  ///
  /// - Parameter resumes: what is there was made of the same settings, and is kept.
  /// - Throws: `MaskCTError` if a folder takes no files, or no phantom can be scanned.
  func write(
    resumes: Bool, progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void,
    onEvent: (DatasetGenerator.Event) throws -> Void
  ) throws -> DatasetGenerator.Outcome {
    let phantoms = experiment.phantoms!
    let (shape, spacing) = (phantoms.shape, phantoms.spacing)
    let grid = Grid(
      shape: [shape[0], shape[1], shape[2]], spacing: [spacing, spacing, spacing])
    for folder in [layout.phantomLabels, layout.phantomTestLabels] {
      if !resumes { try remove(folder) }
      try createFolder(folder)
      AtomicFile.removeLeftovers(in: folder)
    }
    let files = files
    for (index, file) in files.enumerated() {
      try progress(index, files.count, lastComponent(file))
      if exists(file) { continue }
      let map = TorsoPhantom.map(
        name: lastComponent(file), grid: grid,
        stream: RandomStream(seed: phantoms.seed).split(index), workers: workers)
      try NIfTI.write(map.labels, to: file, frame: map.frame, workers: workers)
    }
    let settings = try ExperimentInputs(experiment: experiment, layout: layout).testScanSettings()!
    return try DatasetGenerator(
      settings: settings, dataset: try layout.phantomScans, workers: workers
    ).run(existing: resumes ? .resume : .overwrite, onEvent: onEvent)
  }
}

extension NNUNetDataset {
  /// Whether `dataset.json` is there, and as many cases as it states.
  var isWhole: Bool { (try? description().cases).map { $0 == cases.count } ?? false }
}
