import Datasets
import FoundationEssentials
import Support
import TestSupport
import Testing
import Training

@testable import Exchange

@Suite struct ModelPackTests {
  /// A finished training, as far as packing looks at it.
  private func model(in folder: String) throws -> TrainedModel {
    let folders = NNUNetFolders(
      raw: folder + "/raw", preprocessed: folder + "/pre", results: folder + "/results")
    let model = TrainedModel(
      dataset: NNUNetDataset(name: try DatasetName(id: 503, name: "Liver"), folders: folders),
      configuration: "small", fold: "0")
    try write(
      #"{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1}, "numTraining": 9, "file_ending": ".nii.gz"}"#,
      to: model.folder + "/dataset.json")
    try write("{}", to: model.folder + "/plans.json")
    try write("weights", to: model.checkpoint)
    try write("private", to: model.foldFolder + "/maskct_train.log")
    try write(
      #"""
      {"version": "0.1.0", "labelMap": "a", "source": "/home/me/btcv", "recipe": {"description": "varied"},
        "draw": {"seed": 7, "acquisition": {"scanner": {"name": "rows64"},
          "protocol": {"mas": 200, "pitch": 1, "kernel": "standard"}}}}
      """#,
      to: model.dataset.rawFolder + "/records/a.json")
    try write(
      #"{"settings": {"recipe": "small", "epochs": 40, "iterations": 25, "learning_rate": 0.004, "seed": 3}}"#,
      to: model.foldFolder + "/maskct_training.json")
    return model
  }

  @Test("a packed model comes back with its card and without logs and paths")
  func roundTrip() async throws {
    try await withTemporaryFolder { folder in
      let model = try model(in: folder)
      let card = try ModelCard(model: model, license: "CC0", masks: nil, version: "1.2.3").text()
      #expect(card.contains("Segments liver in CT"))
      #expect(
        card.contains("collections: btcv\n* recipe: varied\n* scanners: rows64\n* seeds: 7\n"))
      #expect(card.contains("* 40 epochs of 25 iterations\n* learning rate: 0.004\n* seed: 3\n"))
      #expect(!card.contains("/home"))
      #expect(card.contains("* Licence: CC0"))
      #expect(card.contains("* Masks: not given by the author"))
      let zip = folder + "/liver.zip"
      try await ModelPack.write(model, to: zip, card: card, overwrite: false)
      await #expect(throws: MaskCTError.self) {
        try await ModelPack.write(model, to: zip, card: card, overwrite: false)
      }
      let location = PythonEnvironment.Location(environment: ["MASKCT_HOME": folder + "/home"])
      let opened = try await ModelPack.open(zip, location: location)
      #expect(opened.configuration == "small" && opened.fold == "0" && opened.isFinished)
      #expect(readText(opened.checkpoint) == "weights")
      #expect(!exists(opened.log))
      #expect(exists(opened.dataset.resultsFolder + "/MODEL_CARD.md"))
      #expect(try await ModelPack.open(zip, location: location) == opened)
    }
  }

  @Test("a zip that is damaged, no model, or leads outside is one line")
  func hostile() async throws {
    try await withTemporaryFolder { folder in
      let location = PythonEnvironment.Location(environment: ["MASKCT_HOME": folder + "/home"])
      let python = try await PythonEnvironment.findPython().path
      let zip = folder + "/a.zip"
      for entry in ["../../escaped", "/escaped", "a/../../escaped"] {
        let outcome = try await ChildProcess.run(
          python,
          [
            "-c",
            "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w').writestr(sys.argv[2], 'x')",
            zip, entry,
          ])
        #expect(outcome.succeeded)
        let error = await #expect(throws: MaskCTError.self) {
          try await ModelPack.open(zip, location: location)
        }
        #expect(error?.problem.contains("outside") == true, "\(entry): \(error?.problem ?? "")")
        #expect(names(in: folder + "/home/models").isEmpty)
      }
      #expect(!exists(folder + "/escaped") && !exists(folder + "/home/escaped"))
      try AtomicFile.write("PK", to: zip)
      let error = await #expect(throws: MaskCTError.self) {
        try await ModelPack.open(zip, location: location)
      }
      #expect(error?.problem.contains("is not a model") == true)
    }
  }
}
