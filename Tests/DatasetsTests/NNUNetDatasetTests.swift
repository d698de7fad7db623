import TestSupport
import Datasets
import Support
import Testing

@Suite struct NNUNetDatasetTests {
  @Test("the three folders lie side by side unless variables say otherwise")
  func folders() throws {
    let plain = NNUNetFolders(raw: "work/nnUNet_raw", environment: [:], workingFolder: "/home/a")
    #expect(plain.raw == "/home/a/work/nnUNet_raw")
    #expect(plain.preprocessed == "/home/a/work/nnUNet_preprocessed")
    #expect(plain.results == "/home/a/work/nnUNet_results")

    let variables = NNUNetFolders(
      environment: ["nnUNet_raw": "/data/raw", "nnUNet_results": "/models"],
      workingFolder: "/home/a")
    #expect(variables.raw == "/data/raw")
    #expect(variables.preprocessed == "/data/nnUNet_preprocessed")
    #expect(variables.results == "/models")

    let dataset = try NNUNetDataset(
      folder: "../b/nnUNet_raw/Dataset007_X", environment: ["nnUNet_raw": "/data/raw"],
      workingFolder: "/home/a")
    #expect(dataset.rawFolder == "/home/b/nnUNet_raw/Dataset007_X")
    #expect(dataset.image(of: "c1") == "/home/b/nnUNet_raw/Dataset007_X/imagesTr/c1_0000.nii.gz")
    #expect(dataset.folders.environment["nnUNet_results"] == "/home/b/nnUNet_results")
  }

  @Test("a dataset is found by number, by name and by path; also where only its model is left")
  func find() throws {
    try withTemporaryFolder { folder in
      try write("{}", to: folder + "/nnUNet_raw/Dataset503_LiverVideo/dataset.json")
      try write("", to: folder + "/nnUNet_results/Dataset504_Model/x")
      try write("", to: folder + "/nnUNet_raw/Dataset005_A/x")
      try write("", to: folder + "/nnUNet_raw/Dataset005_B/x")
      func find(_ text: String) throws -> String {
        try NNUNetDataset.find(text, environment: [:], workingFolder: folder).name.description
      }
      #expect(try find("503") == "Dataset503_LiverVideo")
      #expect(try find("Dataset503_LiverVideo") == "Dataset503_LiverVideo")
      #expect(try find("nnUNet_raw/Dataset503_LiverVideo/") == "Dataset503_LiverVideo")
      #expect(try find("504") == "Dataset504_Model")
      for text in ["5", "506", "Dataset506_A", "nnUNet_raw/Dataset506_A", "liver", "-1"] {
        #expect(throws: MaskCTError.self) { try find(text) }
      }
    }
  }

  @Test func description() throws {
    try withTemporaryFolder { folder in
      let dataset = try NNUNetDataset(folder: folder + "/nnUNet_raw/Dataset001_T", environment: [:])
      for name in ["a", "b"] { try write("", to: dataset.image(of: name)) }
      for name in ["a", "b", "c"] { try write("", to: dataset.label(of: name)) }
      #expect(dataset.cases == ["a", "b"])
      try dataset.writeDescription(structures: ["liver", "left kidney"], comment: "made up")
      #expect(
        readText(dataset.descriptionFile) == """
          {
              "channel_names": {
                  "0": "CT"
              },
              "labels": {
                  "background": 0,
                  "liver": 1,
                  "left kidney": 2
              },
              "numTraining": 2,
              "file_ending": ".nii.gz",
              "overwrite_image_reader_writer": "NibabelIOWithReorient",
              "description": "made up"
          }

          """)
      let back = try dataset.description()
      #expect(back.structures == ["liver", "left kidney"])
      #expect(back.comment == "made up")
    }
  }
}
