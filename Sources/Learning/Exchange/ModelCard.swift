import Datasets
import Support
public import Training

/// What a stranger should know before using a model: what it learned from, how, how well, and its limits.
public struct ModelCard: Sendable {
  private let model: TrainedModel
  private let license: String?
  private let masks: String?
  private let version: String

  /// Creates the card of a model.
  ///
  /// - Parameters:
  ///   - license: under which the model is given away, in the author's words.
  ///   - masks: where the label maps come from and under which licence, in the author's words.
  ///   - version: the tool's version.
  public init(model: TrainedModel, license: String?, masks: String?, version: String) {
    self.model = model
    self.license = license
    self.masks = masks
    self.version = version
  }

  /// The card in Markdown; what the tool cannot know is marked for the author.
  ///
  /// - Throws: `MaskCTError` if the model's own files cannot be read.
  public func text() throws -> String {
    let description = try DatasetDescription(path: model.folder + "/dataset.json")
    let training = try? JSONFile.read(TrainingRecord.self, path: model.recordFile)
    let todo = "not given by the author"
    var text = """
      # \(model.dataset.name)

      Segments \(description.structures.joined(separator: ", ")) in CT (images in HU). An nnU-Net v2 model \
      trained with MaskCT \(version) on simulated CT that was made from label masks.

      * Licence: \(license ?? todo)
      * Masks: \(masks ?? todo)

      ## Use

          maskct predict --model MODEL.zip --input ct --output predictions

      or `nnUNetv2_install_pretrained_model_from_zip MODEL.zip` and nnU-Net's own commands with \
      `-d \(model.dataset.name.id) -p \(TrainedModel.plansName) -c \(model.configuration) -f \(model.fold)`.

      ## Labels

      | number | structure |
      | --- | --- |

      """
    for (value, structure) in description.names.sorted(by: { $0.key < $1.key }) {
      text += "| \(value) | \(structure) |\n"
    }
    text += "\n## Training data\n\n\(cases(description))\n\n## Training\n\n"
    text += "* configuration `\(model.configuration)`, fold \(model.fold)\n"
    if let settings = training?.settings {
      text += "* \(settings.epochs) epochs of \(settings.iterations) iterations\n"
      if let rate = settings.learningRate { text += "* learning rate: \(rate)\n" }
      text += "* seed: \(settings.seed)\n"
    }
    if let last = model.history.last {
      text += "* epochs trained: \(last.epoch)\n"
      if let dice = last.meanDice {
        text +=
          "* Dice over patches of held-back simulated cases, at the end: \(Self.rounded(dice))\n"
      }
    }
    text += """

      ## Limits

      Learned from simulated images alone. The Dice above is of simulated patches and says little about real \
      images: measure it on images like yours (`maskct evaluate`) before relying on it. Pathology, implants, \
      contrast phases and parts of the body that the masks do not have were never seen. For research; not a \
      medical device.

      """
    return text
  }

  /// What the records of the cases say, without paths of the machine.
  private func cases(_ description: DatasetDescription) -> String {
    let folder = model.dataset.rawFolder + "/records"
    let records = names(in: folder).filter { $0.hasSuffix(".json") }.compactMap {
      CaseSummary(path: folder + "/" + $0)
    }
    guard !records.isEmpty else {
      return "\(description.cases) cases, without records of how they were made."
    }
    func list(_ value: (CaseSummary) -> String) -> String {
      Set(records.map(value)).sorted().joined(separator: ", ")
    }
    return """
      * \(records.count) simulated cases from \(Set(records.map(\.labelMap)).count) label maps
      * collections: \(list { lastComponent($0.source) })
      * recipe: \(list(\.recipe.description))
      * scanners: \(list(\.draw.acquisition.scanner.name))
      * seeds: \(list { "\($0.draw.seed)" })
      * made by MaskCT \(list(\.version))
      """
  }

  private static func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}

/// What the card takes from the record of a training, `maskct_training.json`.
private struct TrainingRecord: Decodable {
  var settings: Settings

  /// The settings of the trainer.
  struct Settings: Decodable {
    var epochs: Int
    var iterations: Int
    var learningRate: Double?
    var seed: Int

    private enum CodingKeys: String, CodingKey {
      case epochs, iterations, seed
      case learningRate = "learning_rate"
    }
  }
}
