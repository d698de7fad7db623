public import Support

/// How images are segmented.
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

/// What a prediction tells while it runs.
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
  /// How.
  public let settings: PredictionSettings

  /// Creates a prediction; nothing is read or written.
  public init(model: TrainedModel, settings: PredictionSettings = PredictionSettings()) {
    self.model = model
    self.settings = settings
  }

  /// Segments every image of a folder, or one file, and writes label maps on the images' grids.
  ///
  /// Label maps are named after the images, as `NAME.nii.gz`. An image that cannot be segmented is
  /// reported and the others go on.
  ///
  /// - Parameters:
  ///   - input: A folder with `.nii` and `.nii.gz` files, or one file.
  ///   - output: The folder for label maps.
  ///   - environment: The Python environment; `nil` finds the managed one.
  ///   - report: Called for every event, in order; what it throws ends the child and stops the prediction.
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
    var files = try ImageList(input: input).files.map {
      (source: $0.path, target: absolute(output) + "/\($0.name).nii.gz")
    }
    let existing = files.filter { exists($0.target) }
    if settings.resume {
      files.removeAll { exists($0.target) }
    } else if let first = existing.first, !settings.overwrite {
      throw MaskCTError(
        .usage, path: first.target, "is there already",
        remedy: "replace label maps with --overwrite, or predict only missing ones with --resume")
    }
    guard !files.isEmpty else { return [] }
    try createFolder(absolute(output))
    let python = try environment ?? PythonEnvironment.ready()
    var images: [PredictedImage] = []
    try await Driver.run(
      python: python, variables: model.dataset.folders.environment,
      log: model.foldFolder + "/maskct_predict.log"
    ) { driver in
      let started = try await driver.request(
        "start",
        [
          .init("device", .string(settings.device.rawValue)),
          .init("threads", .integer(settings.workers.count)),
        ])
      try report(.device(started["name"]?.text ?? "CPU"))
      let mirroring = settings.mirroring ?? (started["device"]?.text == "cuda")
      _ = try await driver.request(
        "predict",
        [
          .init("model", .string(model.folder)),
          .init("folds", .array([.string(model.fold)])),
          .init("checkpoint", .string("checkpoint_final.pth")),
          .init("step", .real(settings.step)),
          .init("mirroring", .bool(mirroring)),
          .init("precision", .string("auto")),
          .init("largest_component", .bool(settings.largestComponent)),
          .init(
            "files",
            .array(files.map { .array([.string($0.source), .string($0.target)]) })),
        ]
      ) { event in
        guard event["event"]?.text == "predicted", let file = event["file"]?.text else { return }
        if let low = event["minimum"]?.double, let high = event["maximum"]?.double,
          let warning = HounsfieldRange.warning(file: file, minimum: low, maximum: high)
        {
          try report(.warning(warning))
        }
        let failure = event["error"]?.text.map {
          MaskCTError(
            .input, path: file, "could not be segmented: \($0)",
            remedy: "check that it is one three-dimensional NIfTI volume")
        }
        let image = PredictedImage(
          input: file, output: event["output"]?.text ?? "", failure: failure,
          seconds: event["seconds"]?.double ?? 0)
        images.append(image)
        try report(
          .image(
            image, done: event["done"]?.int ?? images.count,
            total: event["total"]?.int ?? files.count))
      }
    }
    return images
  }
}

/// The images that a user means by a folder or a file, with the names of their label maps.
package struct ImageList {
  /// Path and name without suffixes, sorted by name.
  package let files: [(path: String, name: String)]

  /// Looks at the folder or file.
  ///
  /// - Throws: `MaskCTError` if it is missing, holds no NIfTI file, or two with one name.
  package init(input: String) throws {
    let input = absolute(input)
    guard exists(input) else {
      throw MaskCTError(
        .input, path: input, "there is no such file or folder", remedy: "check the path")
    }
    let folder = isFolder(input) ? input : parent(input)
    let found = isFolder(input) ? Support.names(in: input) : [lastComponent(input)]
    let names = found.filter { Self.stem($0) != nil && !$0.hasPrefix(".") }
    guard !names.isEmpty else {
      throw MaskCTError(
        .input, path: input, "holds no NIfTI file", remedy: "give .nii or .nii.gz files")
    }
    let stems = Self.labelNames(names.map { Self.stem($0)! })
    var seen: [String: String] = [:]
    for (file, stem) in zip(names, stems) {
      if let other = seen[stem] {
        throw MaskCTError(
          .input, path: input, "\(other) and \(file) would both become \(stem).nii.gz",
          remedy: "rename one of them")
      }
      seen[stem] = file
    }
    files = zip(names, stems).map { (folder + "/" + $0, $1) }.sorted { $0.name < $1.name }
  }

  /// The file name without `.nii` or `.nii.gz`, or `nil` if it has neither.
  package static func stem(_ name: String) -> String? {
    for suffix in [".nii.gz", ".nii"] where name.hasSuffix(suffix) && name.count > suffix.count {
      return String(name.dropLast(suffix.count))
    }
    return nil
  }

  /// Drops nnU-Net's channel suffix `_0000`, unless the files are merely numbered.
  ///
  /// `liver_03_0000` is the first channel of `liver_03`; but beside `scan_0001` and `scan_0002`
  /// the file `scan_0000` is scan 0.
  package static func labelNames(_ stems: [String]) -> [String] {
    var numbered: [Substring: Int] = [:]
    for stem in stems {
      if let prefix = numberedPrefix(stem) { numbered[prefix, default: 0] += 1 }
    }
    return stems.map { stem in
      guard stem.hasSuffix("_0000"), let prefix = numberedPrefix(stem), numbered[prefix] == 1
      else { return stem }
      return String(prefix)
    }
  }

  private static func numberedPrefix(_ stem: String) -> Substring? {
    guard stem.utf8.count > 5, stem.dropLast(4).hasSuffix("_"),
      stem.suffix(4).utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return stem.dropLast(5)
  }
}
