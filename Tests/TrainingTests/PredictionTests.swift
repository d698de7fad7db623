import TestSupport
import Datasets
import FoundationEssentials
import Support
import Testing
import Training

@Suite struct PredictionTests {
  @Test("a model is found where it is finished; else the error says what to do")
  func find() throws {
    try withTemporaryFolder { folder in
      let dataset = try NNUNetDataset(
        folder: folder + "/nnUNet_raw/Dataset001_T", environment: [:])
      let none = #expect(throws: MaskCTError.self) { try TrainedModel.find(dataset: dataset) }
      #expect(none?.remedy?.contains("maskct train") == true)

      let begun = TrainedModel(dataset: dataset, configuration: "small", fold: "0")
      try write("", to: begun.foldFolder + "/checkpoint_latest.pth")
      let unfinished = #expect(throws: MaskCTError.self) { try TrainedModel.find(dataset: dataset) }
      #expect(unfinished?.problem.contains("not finished") == true)

      let all = TrainedModel(dataset: dataset, configuration: "small", fold: "all")
      try write("", to: all.checkpoint)
      #expect(try TrainedModel.find(dataset: dataset) == all)
      try write("", to: begun.checkpoint)
      #expect(try TrainedModel.find(dataset: dataset) == begun)
      #expect(try TrainedModel.find(dataset: dataset, fold: .all) == all)

      let full = TrainedModel(dataset: dataset, configuration: "3d_fullres", fold: "0")
      try write("", to: full.checkpoint)
      #expect(throws: MaskCTError.self) { try TrainedModel.find(dataset: dataset) }
      #expect(try TrainedModel.find(dataset: dataset, configuration: "3d_fullres") == full)
    }
  }

  @Test("what the listener throws ends the child and stops the prediction")
  func stopped() async throws {
    struct Stop: Error {}
    try await withTemporaryFolder { folder in
      let dataset = try NNUNetDataset(
        folder: folder + "/nnUNet_raw/Dataset001_T", environment: [:])
      let model = TrainedModel(dataset: dataset, configuration: "small", fold: "all")
      try write("", to: model.checkpoint)
      try write("", to: folder + "/in/a.nii.gz")
      try write(
        #"while read -r line; do echo '{"event": "done", "name": "a device", "device": "cpu"}'; done"#,
        to: folder + "/maskct_nnunet.py")
      let python = PythonEnvironment(python: "/bin/sh", scripts: folder)
      await #expect(throws: Stop.self) {
        try await Prediction(model: model).run(
          input: folder + "/in", output: folder + "/out", environment: python
        ) { _ in throw Stop() }
      }
    }
  }
}
