import Datasets
import FoundationEssentials
import Generation
import Support

extension ExperimentRun {
  /// Gives a dataset the simulated cases of another arm that were made with the same settings, as hard links.
  ///
  /// Arms that differ in the real CT beside them, or in nothing but the training, need not be simulated twice. The
  /// generator then finds all cases made.
  /// - Returns: whether there was such an arm.
  func shareCases(
    with arm: Experiment.Arm, seed: Int, settings: GenerationSettings, state: inout State
  ) throws -> Bool {
    guard arm.blend == nil, arm.measured == nil else { return false }
    for other in experiment.arms where other.name != arm.name && !other.isClinical {
      guard other.blend == nil, other.measured == nil,
        try state.inputs.settings(other, seed: seed) == settings
      else { continue }
      let step = ExperimentStep.dataset(arm: other.name, seed: seed)
      guard let record = StepRecord.read(step, in: layout.steps), record.isDone, hasResult(step),
        try state.inputs.digest(of: step, files: &state.files) == record.inputs
      else { continue }
      let (source, target) = (
        try layout.dataset(arm: other.name, seed: seed),
        try layout.dataset(arm: arm.name, seed: seed)
      )
      try remove(target.rawFolder)
      for folder in [target.imagesFolder, target.labelsFolder, target.rawFolder + "/records"] {
        try createFolder(folder)
      }
      // The settings come first, as the generator writes them.
      try link(source, target, "generation.json")
      for file in names(in: source.rawFolder + "/records") {
        let name = String(file.dropLast(".json".count))
        for path in [source.image(of: name), source.label(of: name)] {
          try link(source, target, String(path.dropFirst(source.rawFolder.count + 1)))
        }
        try link(source, target, "records/" + file)
      }
      return true
    }
    return false
  }

  private func link(
    _ source: NNUNetDataset, _ target: NNUNetDataset, _ file: String
  ) throws {
    let (from, to) = (source.rawFolder + "/" + file, target.rawFolder + "/" + file)
    do {
      try FileManager.default.linkItem(atPath: from, toPath: to)
    } catch {
      throw MaskCTError(
        .output, path: to, "cannot be linked to \(from)",
        remedy: "check permissions, or choose a folder on a file system with hard links")
    }
  }
}
