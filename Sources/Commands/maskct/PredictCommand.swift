import ArgumentParser
import Datasets
import Exchange
import Generation
import Support
import Training
import Volumes

/// `maskct predict`: label maps of CT images by a trained model.
struct PredictCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Segment CT images with a trained model.",
    discussion: """
      Takes a folder of NIfTI images, or one image, and writes one label map per image on the image's own \
      grid, under the same name without _0000. Images must be in HU.

      A folder or zip of DICOM series works as well; its label maps are named after the patients' IDs. \
      With --format dicom-seg or rtstruct they reference the slices of the series; nrrd is for 3D Slicer.

      EXAMPLES
          maskct predict --dataset 503 --input ct --output predictions
          maskct predict --dataset 503 --input scan.nii.gz --output out \\
            --configuration 3d_fullres
          maskct predict --dataset 503 --input series --format rtstruct \\
            --output contours
      """)

  @Option(
    help: ArgumentHelp(
      "Number, name or folder of the dataset that the model was trained on.",
      valueName: "id|name|folder"))
  var dataset: String?

  @Option(
    help: ArgumentHelp(
      "Model that 'maskct pack' wrote, instead of --dataset.", valueName: "file.zip"))
  var model: String?

  @Option(
    help: ArgumentHelp("Configuration. (default: the trained one)", valueName: "name"))
  var configuration: String?

  @Option(help: ArgumentHelp("Fold. (default: the trained one)", valueName: "fold"))
  var fold: String?

  @Option(
    help: ArgumentHelp("Folder of CT images or DICOM series, or one file.", valueName: "path"))
  var input: String

  @Option(help: ArgumentHelp("Folder for the label maps.", valueName: "folder"))
  var output: String

  @Option(
    help: ArgumentHelp("Format: nifti, dicom-seg, rtstruct or nrrd.", valueName: "format"))
  var format: String = "nifti"

  @Option(help: ArgumentHelp("Device: auto, cpu or cuda.", valueName: "device"))
  var device: String = "auto"

  @Flag(help: "Keep only the largest connected part of every structure.")
  var largestComponent = false

  @Flag(help: "Replace existing label maps.")
  var overwrite = false

  @Flag(help: "Keep existing label maps and predict the others.")
  var resume = false

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if (dataset == nil) == (model == nil) {
      throw ValidationError("give either --dataset or --model")
    }
  }

  func run() async throws {
    let format = try FormatOption.parse(format)
    let fold = try fold.map { try FoldOption.parse($0) } ?? .automatic
    let found =
      if let model {
        try await ModelPack.open(model, configuration: configuration, fold: fold)
      } else {
        try TrainedModel.find(
          dataset: try NNUNetDataset.find(dataset ?? ""), configuration: configuration, fold: fold)
      }
    var settings = PredictionSettings()
    settings.device = try DeviceOption.parse(device)
    settings.workers = threads.workers
    settings.largestComponent = largestComponent
    settings.overwrite = overwrite
    settings.resume = resume
    let prediction = Prediction(model: found, settings: settings)
    if format != .nifti || SeriesPrediction.isSeries(input) {
      return try await predictSeries(prediction, format: format)
    }
    let progress = PredictionLine()
    let images = try await Interrupt.cancelling {
      try await prediction.run(input: input, output: output) { progress.show($0) }
    }
    progress.finish()
    let failures = images.filter { $0.failure != nil }
    print("\(images.count - failures.count) of \(images.count) label maps in \(output)")
    if !failures.isEmpty {
      Terminal.error("maskct: error: \(failures.count) images were not segmented\n")
      throw ExitCode(1)
    }
  }

  private func predictSeries(_ prediction: Prediction, format: LabelFormat) async throws {
    let task = SeriesPrediction(prediction: prediction, format: format, version: toolVersion)
    let progress = PredictionLine()
    let outcome = try await Interrupt.cancelling {
      try await task.run(input: input, output: output) { event in
        switch event {
        case .installing(let text): Terminal.error(text + "\n")
        case .prediction(let event): progress.show(event)
        case .failed(let error): Failure.report(error)
        }
      }
    }
    progress.finish()
    print("\(outcome.written) of \(outcome.total) label maps in \(output)")
    if outcome.written < outcome.total {
      Terminal.error(
        "maskct: error: \(outcome.total - outcome.written) images were not segmented\n")
      throw ExitCode(1)
    }
  }
}

/// Turns what a prediction tells into a progress line.
final class PredictionLine {
  private var line: ProgressLine?
  private let label: String

  init(label: String = "Predicting") { self.label = label }

  func show(_ event: PredictionEvent) {
    switch event {
    case .device(let name): Terminal.error("predicting on \(name)\n")
    case .image(let image, let done, let total):
      if line == nil { line = ProgressLine(label, total: total) }
      if let failure = image.failure { Failure.report(failure) }
      line?.update(done)
    case .warning(let text): Failure.warn(text)
    }
  }

  func finish() { line?.finish() }
}
