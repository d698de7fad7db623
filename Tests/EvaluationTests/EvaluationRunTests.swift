import FoundationEssentials
import Support
import Testing
import Volumes
@testable import Datasets
import Evaluation

@Suite struct EvaluationRunTests {
  let liver = EvaluatedStructure(name: "liver", prediction: [1], reference: [1])
  let workers = Workers(count: 2)

  @Test func matchesNamesAndReportsWhatIsMissing() throws {
    let folders = try Folders()
    defer { folders.remove() }
    try folders.write(cube(2), "prediction/a_0000.nii.gz")
    try folders.write(cube(3), "prediction/b.nii")
    try folders.write(cube(3), "prediction/lonely.nii")
    try folders.write(cube(2), "reference/a.nii")
    try folders.write(cube(2), "reference/b.nii.gz")
    try folders.write(cube(2), "reference/only.nii.gz")
    try AtomicFile.write("{}", to: folders.path("prediction/plans.json"))
    let run = try folders.run([liver])
    #expect(run.pairs.map(\.name) == ["a", "b"])
    var seen: [String] = []
    let summary = run.run(workers: workers) { done, name in seen.append("\(done) \(name)") }
    #expect(seen == ["1 a", "2 b"])
    #expect(summary.cases.map { $0.scores[0].overlap.dice } == [1, 0.8])
    #expect(summary.failures.map(\.name) == ["lonely", "only"])
    #expect(summary.failures[0].problem.contains("prediction/lonely.nii: has no reference in"))
    #expect(summary.failures[1].problem.contains("reference/only.nii.gz: has no prediction in"))
    #expect(!summary.isComplete)
    #expect(try folders.run([liver], sharedOnly: true).run(workers: workers).isComplete)
  }

  @Test func twoFilesAreOneCase() throws {
    let folders = try Folders()
    defer { folders.remove() }
    try folders.write(cube(2), "prediction/x.nii.gz")
    try folders.write(cube(3), "reference/y.nii")
    let run = try EvaluationRun(
      prediction: folders.path("prediction/x.nii.gz"), reference: folders.path("reference/y.nii"),
      structures: [liver])
    let summary = run.run(workers: workers)
    #expect(summary.cases.map(\.name) == ["y"])
    #expect(summary.cases[0].scores[0].overlap.dice == 0.8)
  }

  @Test func anotherGridIsRefusedNamingBothOrResampled() throws {
    let folders = try Folders()
    defer { folders.remove() }
    // The same box at half the resolution: a cube from 4 to 8 mm either way.
    let fine = labelMap([12, 12, 12], [(1, [4, 4, 4], [8, 8, 8])])
    let coarse = labelMap([6, 6, 6], spacing: [2, 2, 2], [(1, [2, 2, 2], [4, 4, 4])])
    try folders.write(coarse, "prediction/a.nii")
    try folders.write(fine, "reference/a.nii")
    try folders.write(fine, "prediction/b.nii")
    try folders.write(fine, "reference/b.nii")
    let strict = try folders.run([liver]).run(workers: workers)
    #expect(strict.cases.map(\.name) == ["b"])
    #expect(strict.failures[0].problem.contains("prediction/a.nii: lies on another grid"))
    #expect(strict.failures[0].problem.contains("6 x 6 x 6 instead of 12 x 12 x 12 voxels"))
    #expect(strict.failures[0].problem.contains("reference/a.nii;"))
    let resampled = try folders.run([liver], resample: true).run(workers: workers)
    #expect(resampled.cases[0].scores[0].overlap.dice == 1)
    #expect(resampled.cases[0].notes.count == 1)
    #expect(resampled.isComplete)
  }

  @Test func roundedHeadersAreTheSameGridAndMovedOnesAreNot() throws {
    let folders = try Folders()
    defer { folders.remove() }
    var map = cube(2)
    try folders.write(map, "reference/a.nii")
    try folders.write(map, "reference/b.nii")
    try folders.write(map, "reference/c.nii")
    map.grid.affine.translation.x += 0.04
    try folders.write(map, "prediction/a.nii")
    map.grid.affine.translation.x += 3
    try folders.write(map, "prediction/b.nii")
    map.grid.affine.translation.x += 300
    try folders.write(map, "prediction/c.nii")
    let strict = try folders.run([liver]).run(workers: workers)
    #expect(strict.cases.map(\.name) == ["a"])
    #expect(strict.failures[0].problem.contains("first voxel 3.0 mm away"))
    let resampled = try folders.run([liver], resample: true).run(workers: workers)
    // The cube of 4 voxels a side moved by 3.
    #expect(resampled.cases.map { $0.scores[0].overlap.dice } == [1, 0.25])
    #expect(resampled.failures[0].problem.contains("lies elsewhere in space"))
  }

  @Test func oneBadFileDoesNotLoseTheOthers() throws {
    let folders = try Folders()
    defer { folders.remove() }
    try folders.write(cube(2), "prediction/a.nii")
    try folders.write(cube(2), "reference/a.nii")
    try folders.write(cube(2), "reference/b.nii")
    try AtomicFile.write("not a volume", to: folders.path("prediction/b.nii"))
    let summary = try folders.run([liver]).run(workers: workers)
    #expect(summary.cases.map(\.name) == ["a"])
    #expect(summary.failures.count == 1)
    #expect(summary.failures[0].problem.contains("prediction/b.nii"))
  }

  @Test func refusesUnusableFolders() throws {
    let folders = try Folders()
    defer { folders.remove() }
    func problem(_ body: () throws -> Void) -> String? {
      #expect(throws: MaskCTError.self, performing: body)?.description
    }
    #expect(problem { _ = try folders.run([liver]) }?.contains("holds no .nii") == true)
    try folders.write(cube(2), "prediction/a.nii")
    try folders.write(cube(2), "reference/b.nii")
    #expect(problem { _ = try folders.run([liver]) }?.contains("shares no case") == true)
    try folders.write(cube(2), "prediction/a.nii.gz")
    #expect(
      problem { _ = try folders.run([liver]) }?.contains("two files of one case, 'a'") == true)
    #expect(
      problem {
        _ = try EvaluationRun(
          prediction: folders.path("nowhere"), reference: folders.path("reference"),
          structures: [liver])
      }?.contains("nowhere: does not exist") == true)
    #expect(problem { _ = try folders.run([liver], tolerance: -1) }?.contains("tolerance") == true)
  }

  @Test func datasetNamesItsLabels() throws {
    let folders = try Folders()
    defer { folders.remove() }
    try AtomicFile.write(
      #"{"labels": {"background": 0, "spleen": 2, "liver": 1, "lungs": [3, 4], "ignore": 9}}"#,
      to: folders.path("dataset.json"))
    let file = try #require(DatasetDescription.file(for: folders.path("prediction")))
    #expect(
      try EvaluatedStructure.named(in: file).map(\.description) == [
        "liver=1", "spleen=2", "lungs=3,4",
      ])
    #expect(DatasetDescription.file(for: folders.path("dataset.json")) == file)
    try AtomicFile.write("{}", to: folders.path("dataset.json"))
    #expect(throws: MaskCTError.self) { try EvaluatedStructure.named(in: file) }
  }

  /// A cube of `side + 2` voxels: volumes 64 and, for overlap 0.8 with it, 96 (see `cube`).
  private func cube(_ kind: Int) -> LabelMap {
    // Kind 2: 4 x 4 x 4. Kind 3: 6 x 4 x 4, which holds it: Dice 2 * 64 / (64 + 96) = 0.8.
    labelMap([12, 10, 10], [(1, [3, 3, 3], [kind == 2 ? 7 : 9, 7, 7])])
  }
}

/// A folder for predictions and one for references, below one that is removed in the end.
private struct Folders {
  let root: String

  init() throws {
    root = FileManager.default.temporaryDirectory.path + "/maskct-" + UUID().uuidString
    for name in ["prediction", "reference"] {
      try FileManager.default.createDirectory(
        atPath: root + "/" + name, withIntermediateDirectories: true)
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: root) }
  func path(_ name: String) -> String { root + "/" + name }

  func write(_ map: LabelMap, _ name: String) throws {
    try NIfTI.write(
      map, to: path(name), frame: .canonical(map.grid), workers: Workers(count: 1))
  }

  func run(
    _ structures: [EvaluatedStructure], tolerance: Double = 2, resample: Bool = false,
    sharedOnly: Bool = false
  ) throws -> EvaluationRun {
    try EvaluationRun(
      prediction: path("prediction"), reference: path("reference"), structures: structures,
      tolerance: tolerance, resample: resample, sharedOnly: sharedOnly)
  }
}
