import FoundationEssentials
import Support
import Testing
import Volumes
@testable import Reporting

@Suite struct CaseLoaderTests {
  let workers = Workers(count: 1)
  let grid = Grid(shape: [6, 5, 4], spacing: [1, 1, 1])

  /// A small nnU-Net dataset with two cases, the second without labels.
  private func dataset(_ body: (String) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.path + "/maskct-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: root) }
    for folder in ["imagesTr", "labelsTr", "predictions"] {
      try FileManager.default.createDirectory(
        atPath: root + "/" + folder, withIntermediateDirectories: true)
    }
    let image = Volume<Float>(grid: grid, values: (0..<grid.count).map { Float($0) - 50 })
    var labels = LabelMap(grid: grid, repeating: 0)
    labels[2, 2, 2] = 1
    labels[3, 2, 2] = 2
    let frame = FileFrame.canonical(grid)
    for name in ["a", "b"] {
      try NIfTI.write(
        image, to: "\(root)/imagesTr/\(name)_0000.nii.gz", frame: frame, workers: workers)
      try NIfTI.write(
        labels, to: "\(root)/predictions/\(name).nii.gz", frame: frame, workers: workers)
    }
    try NIfTI.write(labels, to: "\(root)/labelsTr/a.nii.gz", frame: frame, workers: workers)
    try AtomicFile.write(
      #"{"labels": {"background": 0, "liver": 1, "spleen": 2}}"#, to: root + "/dataset.json")
    try body(root)
  }

  @Test func aDatasetIsItsCases() throws {
    try dataset { root in
      let cases = try CaseFinder.cases(at: root)
      #expect(cases.map(\.name) == ["a", "b"])
      #expect(cases[0].labels == root + "/labelsTr/a.nii.gz" && cases[1].labels == nil)
      #expect(cases[0].dataset == root + "/dataset.json")
      #expect(try CaseFinder.cases(at: root + "/a") == [cases[0]])
      #expect(try CaseFinder.cases(at: root + "/imagesTr/a_0000.nii.gz") == [cases[0]])
      #expect(try CaseFinder.cases(at: root + "/labelsTr").map(\.main) == [cases[0].labels])
      let error = #expect(throws: MaskCTError.self) { try CaseFinder.cases(at: root + "/c") }
      #expect(error?.path == root + "/c")
    }
  }

  @Test func loadsImageLabelsAndNames() throws {
    try dataset { root in
      let files = try CaseFinder.cases(at: root + "/a")[0]
      let images = try CaseLoader(
        prediction: root + "/predictions", targets: ["spleen"]
      ).load(files, workers: workers)
      #expect(images.image?.values[3] == -47)
      #expect(images.labels?[3, 2, 2] == 2 && images.prediction?[2, 2, 2] == 1)
      #expect(images.names == [1: "liver", 2: "spleen"])
      #expect(images.center == [3, 2, 2])
    }
  }

  @Test func aLabelMapIsToldByItsValues() throws {
    try dataset { root in
      let files = try CaseFinder.cases(at: root + "/labelsTr/a.nii.gz")[0]
      let images = try CaseLoader().load(files, workers: workers)
      #expect(images.image == nil && images.labels?[3, 2, 2] == 2)
    }
    func isLabelMap(_ values: [Float]) -> Bool {
      CaseLoader.isLabelMap(
        Volume(grid: Grid(shape: [values.count, 1, 1], spacing: [1, 1, 1]), values: values))
    }
    #expect(isLabelMap([0, 1, 1, 117]))
    #expect(!isLabelMap([0, -1]))
    #expect(!isLabelMap([0, 0.5]))
    #expect(!isLabelMap((0..<300).map(Float.init)))
  }

  @Test func refusesLabelsOnAnotherGridAndUnknownTargets() throws {
    try dataset { root in
      let files = try CaseFinder.cases(at: root + "/a")[0]
      let other = LabelMap(grid: Grid(shape: [6, 5, 3], spacing: [1, 1, 1]), repeating: 1)
      let path = root + "/predictions/a.nii.gz"
      try NIfTI.write(other, to: path, frame: .canonical(other.grid), workers: workers)
      let error = #expect(throws: MaskCTError.self) {
        try CaseLoader(prediction: path).load(files, workers: workers)
      }
      #expect(error?.path == path && error?.problem.contains(files.main) == true)
      let target = #expect(throws: MaskCTError.self) {
        try CaseLoader(targets: ["livr"]).load(files, workers: workers)
      }
      #expect(target?.description.contains("liver, spleen") == true)
      let missing = #expect(throws: MaskCTError.self) {
        try CaseLoader(labels: root + "/labelsTr").load(
          try CaseFinder.cases(at: root + "/b")[0], workers: workers)
      }
      #expect(missing?.problem.contains("case 'b'") == true)
    }
  }
}
