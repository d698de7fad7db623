import Datasets
import Training
import ArgumentParser
import Support

/// `maskct train`: the real nnU-Net on a dataset.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train nnU-Net on a dataset; resumes after an interruption.",
    discussion: """
      Runs the real nnU-Net v2 in the environment that 'maskct setup' installs: fingerprint, plans, \
      preprocessing, training. Finished stages are skipped, and an interrupted training resumes from its \
      last checkpoint. The model loads in stock nnU-Net.

      The configuration 'small' sees the whole region at a coarse spacing and trains in minutes on two CPU \
      cores. Any configuration that nnU-Net plans (2d, 3d_fullres, 3d_lowres) works as well. An NVIDIA GPU \
      is used if there is one.

      EXAMPLES
          maskct train --dataset 503 --configuration small
          maskct train --dataset nnUNet_raw/Dataset503_LiverVideo
          maskct train --dataset 503 --configuration 3d_fullres
          maskct train --dataset 503 --configuration 3d_fullres --epochs 100
      """)

  @Option(
    help: ArgumentHelp("Number, name or folder of the dataset.", valueName: "id|name|folder"))
  var dataset: String

  @Option(help: ArgumentHelp("small, or one of nnU-Net's own configurations.", valueName: "name"))
  var configuration: String = "small"

  @Option(help: ArgumentHelp("Epochs. (default: 40 for small, else 1000)", valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp("Iterations per epoch. (default: 25 for small, else 250)", valueName: "n"))
  var iterations: Int?

  @Option(
    help: ArgumentHelp(
      "Fold to hold back for validation, or all to train on every case.", valueName: "fold"))
  var fold: String?

  @Option(help: ArgumentHelp("Device: auto, cpu or cuda.", valueName: "device"))
  var device: String = "auto"

  @Option(help: ArgumentHelp("Seed of the weights and the augmentation.", valueName: "n"))
  var seed: Int = 0

  @Flag(help: "Discard an earlier training of this configuration.")
  var overwrite = false

  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    var settings = TrainingSettings()
    settings.configuration = configuration
    settings.epochs = epochs
    settings.iterations = iterations
    if let fold { settings.fold = try FoldOption.parse(fold) }
    settings.device = try DeviceOption.parse(device)
    settings.workers = threads.workers
    settings.seed = seed
    settings.overwrite = overwrite
    let training = Training(dataset: try NNUNetDataset.find(dataset), settings: settings)
    let progress = TrainingLine()
    let model = try await Interrupt.cancelling {
      try await training.run { progress.show($0) }
    }
    progress.finish()
    if let last = model.history.last {
      print(TrainingLine.summary(last))
    }
    print("model: \(model.folder)")
  }
}

/// The held-back cases as a user names them.
enum FoldOption {
  static func parse(_ text: String) throws(MaskCTError) -> Fold {
    guard let fold = Fold(text) else {
      throw MaskCTError(
        .usage, "'\(text)' is not a fold", remedy: "give a number from 0 up, or all")
    }
    return fold
  }
}

/// Where a network runs as a user names it.
enum DeviceOption {
  static func parse(_ text: String) throws(MaskCTError) -> ComputeDevice {
    guard let device = ComputeDevice(rawValue: text) else {
      let names = ComputeDevice.allCases.map(\.rawValue).joined(separator: ", ")
      throw MaskCTError(.usage, "there is no device '\(text)'", remedy: "choose one of \(names)")
    }
    return device
  }
}
