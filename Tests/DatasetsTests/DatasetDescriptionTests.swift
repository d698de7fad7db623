import Datasets
import Support
import TestSupport
import Testing

@Suite struct DatasetDescriptionTests {
  private func read(_ text: String) throws -> DatasetDescription {
    try withTemporaryFolder { folder in
      try write(text, to: folder + "/dataset.json")
      return try DatasetDescription(path: folder + "/dataset.json")
    }
  }

  @Test("what is written is read back, whatever the names hold")
  func roundTrip() throws {
    var description = try DatasetDescription(
      structures: ["liver", "left \"kidney\"", "Milz/\u{E4}"], channels: ["CT"], cases: 3,
      comment: "one\ntwo")
    #expect(try read(description.json) == description)
    description.labels.append(.init(name: "both", values: [1, 3]))
    description.ignore = 9
    description.comment = nil
    #expect(try read(description.json).labels.map(\.values) == [[1, 3], [1], [2], [3]])
    #expect(try read(description.json).ignore == 9)
  }

  @Test(
    "background and the ignore label are not structures; regions are; other keys are passed over")
  func labels() throws {
    let description = try read(
      #"""
      {"labels": {"background": 0, "tumour": 2, "kidney": [1, 2, 3], "masses": [2, 3], "ignore": 4},
       "channel_names": {"1": "PET", "0": "CT"}, "regions_class_order": [1, 2, 3], "numTraining": 7}
      """#)
    #expect(description.structures == ["kidney", "masses", "tumour"])
    #expect(description.ignore == 4)
    #expect(description.channels == ["CT", "PET"])
    #expect(description.cases == 7)
    #expect(
      description.names == [1: "kidney", 2: "tumour", 3: "masses"],
      "a value means the smallest region that includes it")
  }

  @Test(
    "what breaks a rule is one line that names the file and the label",
    arguments: [
      ("", "is not JSON"), ("{}", #"has no "labels""#), (#"{"labels": [1]}"#, #""labels" is not"#),
      (#"{"labels": {"background": 0}}"#, "names no structure"),
      (#"{"labels": {"1": "liver"}}"#, "format of nnU-Net 1"),
      (#"{"labels": {"liver": -1}}"#, "'liver' has no value"),
      (#"{"labels": {"liver": 70000}}"#, "'liver' has no value"),
      (#"{"labels": {"liver": 1.5}}"#, "'liver' has no value"),
      (#"{"labels": {"liver": []}}"#, "region of no values"),
      (#"{"labels": {"liver": [0, 1]}}"#, "includes value 0"),
      (#"{"labels": {"background": 1, "liver": 2}}"#, "background has value 1"),
      (#"{"labels": {"a": 1, "ignore": [2, 3]}}"#, "'ignore' has several"),
      (#"{"labels": {"a": 1, "b": 1}}"#, "'a' and 'b' have the same value"),
      (#"{"labels": {"a": 1}, "channel_names": {"1": "CT"}}"#, "not numbered from 0"),
    ])
  func refuses(text: String, problem: String) throws {
    let error = #expect(throws: MaskCTError.self) { try read(text) }
    #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    #expect(error?.path?.hasSuffix("dataset.json") == true)
    #expect(error?.remedy != nil)
  }

  @Test(
    "what nnU-Net trains and MaskCT does not is refused before the training",
    arguments: [
      (#"{"labels": {"background": 0, "a": 1, "b": 2}}"#, nil),
      (#"{"labels": {"background": 0, "a": 1, "ignore": 2}}"#, nil),
      (#"{"labels": {"background": 0, "a": 2}}"#, "without a gap"),
      (#"{"labels": {"background": 0, "a": [1, 2]}}"#, "is a region"),
      (#"{"labels": {"a": 1}, "channel_names": {"0": "CT", "1": "PET"}}"#, "2 channels"),
    ])
  func trainable(text: String, problem: String?) throws {
    let description = try read(text)
    if let problem {
      let error = #expect(throws: MaskCTError.self) {
        try description.checkTrainable(path: "x/dataset.json")
      }
      #expect(error?.problem.contains(problem) == true)
    } else {
      try description.checkTrainable(path: "x/dataset.json")
    }
  }

  @Test(arguments: [[], ["background"], ["ignore"], ["a", "a"], [""]])
  func refusesStructures(names: [String]) {
    #expect(throws: MaskCTError.self) { try DatasetDescription(structures: names, cases: 1) }
  }

  @Test("the description of a file lies in its folder or in the one above")
  func file() throws {
    try withTemporaryFolder { folder in
      try write("{}", to: folder + "/dataset.json")
      try write("", to: folder + "/labelsTr/a.nii")
      try write("", to: folder + "/labelsTr/deep/a.nii")
      for path in ["", "/dataset.json", "/labelsTr", "/labelsTr/a.nii"] {
        #expect(DatasetDescription.file(for: folder + path) == folder + "/dataset.json")
      }
      #expect(DatasetDescription.file(for: folder + "/labelsTr/deep/a.nii") == nil)
    }
  }
}
