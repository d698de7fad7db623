import Anatomy
import FoundationEssentials
import Support
import TestSupport
import Testing
import Volumes
@testable import Experiments

/// A collection laid out as TotalSegmentator's, of subjects that differ in liver and height.
@Suite struct SubjectSelectionTests {
  /// Number, liver in voxels of 0.1 ml, height in mm.
  private struct Subject {
    var number: Int
    var liver: Int
    var height: Int
    var name: String { "s\(1000 + number)" }
  }

  /// 16 subjects: every fourth has a small liver, every third is low.
  private let subjects = (0..<16).map {
    Subject(number: $0, liver: $0 % 4 == 0 ? 20 : 120, height: $0 % 3 == 0 ? 40 : 100)
  }

  private func write(_ subject: Subject, to folder: String) throws {
    let path = "\(folder)/\(subject.name)"
    try FileManager.default.createDirectory(
      atPath: path + "/segmentations", withIntermediateDirectories: true)
    let grid = Grid(shape: [10, 10, subject.height / 10], spacing: [2, 5, 10])
    var liver = LabelMap(grid: grid, repeating: 0)
    for index in 0..<subject.liver { liver.values[index] = 1 }
    let frame = FileFrame.canonical(grid)
    try NIfTI.write(
      liver, to: path + "/segmentations/liver.nii.gz", frame: frame, workers: Workers())
    try NIfTI.write(
      LabelMap(grid: grid, repeating: 1), to: path + "/segmentations/spleen.nii.gz", frame: frame,
      workers: Workers())
    try NIfTI.write(
      Volume<Float>(grid: grid, repeating: Float(subject.number)), to: path + "/ct.nii.gz",
      frame: frame, workers: Workers())
  }

  private func experiment(_ folder: String, training: Int, test: Int, seed: Int = 1) throws
    -> Experiment
  {
    let file = folder + "/experiment.yaml"
    try AtomicFile.write(
      """
      title: Selected
      targets: [liver]
      labels: [{path: data}]
      selection: {training: \(training), test: \(test), seed: \(seed), volume: 5, height: 80}
      test: {images: data, labels: data}
      training: {folds: [all]}
      arms:
        - {name: clinical, images: data}
        - {name: constant, recipe: constant}
      """, to: file)
    return try Experiment.load(file, data: nil)
  }

  private func withCollection(_ body: (_ folder: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      for subject in subjects { try write(subject, to: folder + "/data") }
      try body(folder)
    }
  }

  private func apply(_ experiment: Experiment, _ folder: String) throws -> (
    training: Set<String>, test: Set<String>
  ) {
    let chosen = try SubjectSelection.applied(
      to: experiment, folder: folder + "/out", workers: Workers(count: 2)
    ) { _, _, _ in }
    let training = try LabelSource(path: chosen.labels[0].path).cases
    let (test, missing) = try RealCases.find(
      images: chosen.test.images,
      sources: [.init(path: chosen.test.labels, scheme: nil, region: nil)])
    let (clinical, _) = try RealCases.find(
      images: chosen.arms[0].images!, sources: chosen.labels)
    #expect(missing.isEmpty)
    #expect(Set(clinical.map(\.name)) == Set(training.map(\.name)))
    return (Set(training.map(\.name)), Set(test.map(\.name)))
  }

  @Test func chosenSubjectsQualifyAndAreApart() throws {
    try withCollection { folder in
      let (training, test) = try apply(experiment(folder, training: 5, test: 4), folder)
      #expect(training.count == 5 && test.count == 4)
      #expect(training.isDisjoint(with: test))
      let byName = Dictionary(uniqueKeysWithValues: subjects.map { ($0.name, $0) })
      // 5 ml are 50 voxels.
      #expect(training.union(test).allSatisfy { byName[$0]!.liver >= 50 })
      #expect(test.allSatisfy { byName[$0]!.height >= 80 })
    }
  }

  @Test func seedDecidesAndNothingElse() throws {
    try withCollection { folder in
      let first = try apply(experiment(folder, training: 5, test: 4), folder)
      // The stored choice is taken, and the same is made again where it is gone.
      #expect(try apply(experiment(folder, training: 5, test: 4), folder) == first)
      try FileManager.default.removeItem(atPath: folder + "/out")
      #expect(try apply(experiment(folder, training: 5, test: 4), folder) == first)
      let others = try (2...5).map {
        try apply(experiment(folder, training: 5, test: 4, seed: $0), folder)
      }
      #expect(others.contains { $0 != first })
      // More to train on change nothing about who is tested on.
      #expect(try apply(experiment(folder, training: 7, test: 4), folder).test == first.test)
    }
  }

  @Test func tooFewSubjectsAreAnError() throws {
    try withCollection { folder in
      let all = try experiment(folder, training: 9, test: 4)
      #expect {
        _ = try apply(all, folder)
      } throws: {
        "\($0)".contains("4 subjects to test on and 8 to train on, 4 and 9 are asked for")
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/out/selection.json"))
    }
  }

  @Test func testAndTrainingMustBeOneCollection() throws {
    try withCollection { folder in
      var split = try experiment(folder, training: 2, test: 2)
      split.test.labels = folder + "/other"
      #expect {
        _ = try apply(split, folder)
      } throws: {
        "\($0)".contains("one folder of label maps")
      }
    }
  }
}
