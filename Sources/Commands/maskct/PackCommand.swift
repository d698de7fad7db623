import ArgumentParser
import Datasets
import Exchange
import Generation
import Support
import Training

/// `maskct pack`: a trained model as one file.
struct PackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Pack a trained model into one file to share.",
    discussion: """
      Writes nnU-Net's own export format, which 'maskct predict --model' and \
      nnUNetv2_install_pretrained_model_from_zip read, with a model card: what the model was trained on, \
      with which settings, and its limits.

      EXAMPLES
          maskct pack --dataset 503 --output liver.zip --license CC-BY-4.0 \\
            --masks "64 liver masks of BTCV, CC-BY-4.0"
          maskct predict --model liver.zip --input ct --output predictions
      """)

  @Option(
    help: ArgumentHelp(
      "Number, name or folder of the dataset that the model was trained on.",
      valueName: "id|name|folder"))
  var dataset: String

  @Option(help: ArgumentHelp("File to write.", valueName: "file.zip"))
  var output: String

  @Option(
    help: ArgumentHelp("Configuration. (default: the trained one)", valueName: "name"))
  var configuration: String?

  @Option(help: ArgumentHelp("Fold. (default: the trained one)", valueName: "fold"))
  var fold: String?

  @Option(help: ArgumentHelp("Licence of the model, for the card.", valueName: "text"))
  var license: String?

  @Option(help: ArgumentHelp("Origin and licence of the masks, for the card.", valueName: "text"))
  var masks: String?

  @Flag(help: "Replace an existing file.")
  var overwrite = false

  func run() async throws {
    let model = try TrainedModel.find(
      dataset: try NNUNetDataset.find(dataset), configuration: configuration,
      fold: try fold.map { try FoldOption.parse($0) } ?? .automatic)
    let card = try ModelCard(model: model, license: license, masks: masks, version: toolVersion)
      .text()
    try await Interrupt.cancelling {
      try await ModelPack.write(model, to: output, card: card, overwrite: overwrite)
    }
    print(output)
  }
}
