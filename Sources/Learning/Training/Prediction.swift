import Datasets
public import Support

/// The settings of a prediction.
public struct PredictionSettings: Equatable, Sendable {
  /// Where it runs.
  public var device = ComputeDevice.automatic
  /// Threads on the CPU.
  public var workers = Workers()
  /// Averages over mirrored images; `nil` does so on a GPU only. The configuration `small` was
  /// trained without mirroring and never does.
  public var mirroring: Bool?
  /// How far the sliding window moves, in patches; smaller is slower and smoother.
  public var step = 0.5
  /// Keeps of every structure its largest connected part alone (nnU-Net's postprocessing, which connects
  /// voxels that share a corner).
  public var largestComponent = false
  /// Replaces label maps that are there; otherwise they are an error, unless `resume`.
  public var overwrite = false
  /// Leaves label maps that are there and predicts the others.
  public var resume = false

  /// Creates the defaults.
  public init() {}
}

/// What a prediction reports while it runs.
public enum PredictionEvent: Equatable, Sendable {
  /// Where it runs: `CPU` or the name of the GPU.
  case device(String)
  /// An image was segmented, or failed.
  case image(PredictedImage, done: Int, total: Int)
  /// Something that a user should know.
  case warning(String)
}

/// One image of a prediction.
public struct PredictedImage: Equatable, Sendable {
  /// The image.
  public var input: String
  /// Its label map.
  public var output: String
  /// Why there is no label map; `nil` if there is one.
  public var failure: MaskCTError?
  /// How long it took.
  public var seconds: Double
}

/// Segments images with a trained model.
public struct Prediction: Sendable {
  /// The model.
  public let model: TrainedModel
  /// The settings.
  public let settings: PredictionSettings

  /// Creates a prediction; nothing is read or written.
  public init(model: TrainedModel, settings: PredictionSettings = PredictionSettings()) {
    self.model = model
    self.settings = settings
  }

  /// Segments every image of a folder, or one file, and writes label maps on the images' grids.
  ///
  /// Label maps are named after the images, as `NAME.nii.gz`. An image that cannot be segmented is
  /// reported and the others continue.
  ///
  /// - Parameters:
  ///   - input: A folder of images (`CaseFiles`), or one file.
  ///   - output: The folder for label maps.
  ///   - environment: The Python environment; `nil` finds the managed one.
  ///   - report: Called for every event, in order; what it throws ends the child and stops the work.
  /// - Returns: The images, with failures among them; without those that `resume` left alone.
  /// - Throws: `MaskCTError` if nothing can be predicted: no images, existing output, no model.
  public func run(
    input: String, output: String, environment: PythonEnvironment? = nil,
    report: @escaping (PredictionEvent) throws -> Void = { _ in }
  ) async throws -> [PredictedImage] {
    guard model.isFinished else {
      throw MaskCTError(
        .input, path: model.foldFolder, "there is no finished training",
        remedy: "finish it with 'maskct train --dataset \(model.dataset.name.id) "
          + "--configuration \(model.configuration)'")
    }
    let images = try CaseFiles(imagesAt: absolute(input))
    var files = images.names.map {
      (source: images[$0]!, target: absolute(output) + "/\($0).nii.gz")
    }
    let existing = files.filter { exists($0.target) }
    if settings.resume {
      files.removeAll { exists($0.target) }
    } else if let first = existing.first, !settings.overwrite {
      throw MaskCTError(
        .usage, path: first.target, "exists already",
        remedy: "replace label maps with --overwrite, or predict only missing ones with --resume")
    }
    guard !files.isEmpty else { return [] }
    try createFolder(absolute(output))
    let python = try environment ?? PythonEnvironment.ready()
    var predicted: [PredictedImage] = []
    let isCT = (try? DatasetDescription(path: model.folder + "/dataset.json").isCT) ?? true
    try await Driver.run(
      python: python, variables: model.dataset.folders.environment,
      log: model.foldFolder + "/maskct_predict.log"
    ) { driver in
      let started = try await driver.request(
        StartRequest(device: settings.device.rawValue, threads: settings.workers.count))
      try report(.device(started.name))
      try await driver.request(
        PredictRequest(
          model: model.folder, folds: [model.fold], checkpoint: "checkpoint_final.pth",
          step: settings.step, mirroring: settings.mirroring ?? (started.device == "cuda"),
          largestComponent: settings.largestComponent, files: files.map { [$0.source, $0.target] })
      ) { event in
        guard event.event == "predicted", let file = event.file else { return }
        if isCT, let low = event.minimum, let high = event.maximum,
          let warning = HounsfieldRange.warning(file: file, minimum: low, maximum: high)
        {
          try report(.warning(warning))
        }
        let failure = event.error.map {
          MaskCTError(
            .input, path: file, "could not be segmented: \($0)",
            remedy: "check that it is one three-dimensional NIfTI volume")
        }
        let image = PredictedImage(
          input: file, output: event.output ?? "", failure: failure,
          seconds: event.seconds ?? 0)
        predicted.append(image)
        try report(
          .image(
            image, done: event.done ?? predicted.count, total: event.total ?? files.count))
      }
    }
    return predicted
  }
}
