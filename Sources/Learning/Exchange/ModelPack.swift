import Datasets
import Support
public import Training

/// A trained model as one file to hand on, in nnU-Net's own export format.
///
/// `nnUNetv2_install_pretrained_model_from_zip` installs it, and so does whatever builds on that (SlicerNNUnet).
/// Beside what nnU-Net needs it holds `MODEL_CARD.md`.
public enum ModelPack {
  /// Writes the model into a zip file.
  ///
  /// - Parameters:
  ///   - model: a finished training.
  ///   - path: the file to write.
  ///   - card: the text of the model card.
  ///   - overwrite: replaces a file that is there.
  /// - Throws: `MaskCTError` if the model is not finished or the file cannot be written.
  public static func write(_ model: TrainedModel, to path: String, card: String, overwrite: Bool)
    async throws
  {
    let path = absolute(path)
    guard path.lowercased().hasSuffix(".zip") else {
      throw MaskCTError(
        .usage, path: path, "is not the name of a zip file", remedy: "end it in .zip")
    }
    guard overwrite || !exists(path) else {
      throw MaskCTError(
        .output, path: path, "exists already", remedy: "use --overwrite, or name another file")
    }
    guard model.isFinished else {
      throw MaskCTError(
        .input, path: model.foldFolder, "the training is not finished",
        remedy: "finish it with 'maskct train'")
    }
    let results = model.dataset.folders.results
    let dataset = "\(model.dataset.name)"
    try AtomicFile.write(card, to: "\(results)/\(dataset)/MODEL_CARD.md")
    // What nnU-Net exports, as far as it is there. Its debug.json stays here: nothing reads it to predict, and it names
    // the machine and its folders.
    let configuration = "\(dataset)/\(lastComponent(model.folder))"
    let fold = "\(configuration)/fold_\(model.fold)"
    let files = [
      "\(dataset)/MODEL_CARD.md", "\(configuration)/plans.json", "\(configuration)/dataset.json",
      "\(configuration)/dataset_fingerprint.json", "\(fold)/checkpoint_final.pth",
      "\(fold)/progress.png", "\(fold)/validation/summary.json",
    ].filter { exists("\(results)/\($0)") }
    let part = parent(path) + "/.part." + lastComponent(path)
    defer { try? remove(part) }
    try createFolder(parent(path))
    try await runZip(["pack", part, results] + files, path: path, failing: .output)
    if overwrite { try remove(path) }
    try rename(part, to: path)
  }

  /// Finds the model in a zip file, which is unpacked below `$MASKCT_HOME` once.
  ///
  /// - Throws: `MaskCTError` if the file is not a model that can be used here.
  public static func open(
    _ path: String, configuration: String? = nil, fold: Fold = .automatic,
    location: PythonEnvironment.Location = PythonEnvironment.Location()
  ) async throws -> TrainedModel {
    let path = absolute(path)
    guard exists(path), !isFolder(path) else {
      throw MaskCTError(
        .input, path: path, "no such file", remedy: "give a zip file that 'maskct pack' wrote")
    }
    // By its bytes: another model under the same name is another one.
    let folder = location.home + "/models/" + (try digest(ofFile: path))
    if !exists(folder) {
      let part = folder + ".part"
      try remove(part)
      try createFolder(part)
      do {
        try await runZip(["unpack", path, part], path: path, failing: .input)
        try rename(part, to: folder)
      } catch {
        try? remove(part)
        throw error
      }
    }
    let datasets = names(in: folder).compactMap { try? DatasetName(parsing: $0) }
    guard datasets.count == 1 else {
      throw MaskCTError(
        .input, path: path, "holds no model, or several",
        remedy: "give a zip file that 'maskct pack' wrote")
    }
    let folders = NNUNetFolders(raw: folder, preprocessed: folder, results: folder)
    return try TrainedModel.find(
      dataset: NNUNetDataset(name: datasets[0], folders: folders), configuration: configuration,
      fold: fold)
  }

  private static func runZip(_ arguments: [String], path: String, failing kind: MaskCTError.Kind)
    async throws
  {
    let location = PythonEnvironment.Location()
    try createFolder(location.home)
    let script = try ExchangeEnvironment.writeScripts(in: location.home) + "/maskct_zip.py"
    let python = try await PythonEnvironment.findPython().path
    let outcome = try await ChildProcess.run(python, [script] + arguments)
    guard outcome.succeeded else {
      throw MaskCTError(
        kind, path: path,
        kind == .input
          ? "is not a model: \(outcome.tail(1))" : "cannot be written: \(outcome.tail(1))",
        remedy: kind == .input ? "give a zip file that 'maskct pack' wrote" : "free some space")
    }
  }
}
