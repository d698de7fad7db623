import Support
import Testing

@Suite struct EvaluateCommandTests {
  @Test func printsATableAndWritesASummary() async throws {
    let files = try TemporaryFolder()
    try files.folder("p")
    try files.folder("r")
    try files.writeLabels("r/a.nii.gz", upper: [6, 6, 6])
    try files.writeLabels("r/b.nii.gz", upper: [6, 6, 6])
    try files.writeLabels("p/a.nii.gz", upper: [6, 6, 6])
    try files.writeLabels("p/b_0000.nii.gz", upper: [8, 6, 6])
    let arguments = [
      "evaluate", "--prediction", files("p"), "--reference", files("r"), "--structure", "liver=1",
      "--csv", files("scores.csv"),
    ]
    let outcome = try await Command.run(arguments)
    #expect(outcome.code == 0)
    // 64 voxels, and 96 that hold them: Dice 128 / 160. A face 2 mm away, within the tolerance.
    #expect(
      outcome.output.hasPrefix(
        """
        liver=1  (NSD at 2 mm)
        case     Dice    NSD  HD95 mm  ASSD mm  voxels  reference
        ---------------------------------------------------------
        a       1.000  1.000      0.0     0.00      64         64
        b       0.800  1.000      2.0
        """))
    #expect(outcome.output.contains("scores: \(files("p/summary.json"))"))
    #expect(files.exists("p/summary.json") && files.exists("scores.csv"))

    let again = try await Command.run(arguments)
    #expect(again.code == 1 && again.output.isEmpty)
    #expect(again.errors.contains("p/summary.json: exists already; use --overwrite"))
    #expect(try await Command.run(arguments + ["--overwrite"]).code == 0)
  }

  @Test func aCaseThatCannotBeScoredChangesTheExitCode() async throws {
    let files = try TemporaryFolder()
    try files.folder("p")
    try files.folder("r")
    for name in ["a", "b", "c"] { try files.writeLabels("r/\(name).nii", upper: [6, 6, 6]) }
    try files.writeLabels("p/a.nii", upper: [6, 6, 6])
    try files.writeLabels("p/b.nii", upper: [6, 6, 6], shape: [12, 10, 9])
    let arguments = [
      "evaluate", "--prediction", files("p"), "--reference", files("r"), "--structure", "liver=1",
    ]
    let outcome = try await Command.run(arguments)
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("a     "))
    let lines = outcome.errorLines.filter { $0.hasPrefix("maskct: error:") }
    #expect(lines.count == 3)
    #expect(lines[0].contains("p/b.nii: lies on another grid (12 x 10 x 9"))
    #expect(lines[1].contains("r/c.nii: has no prediction in"))
    #expect(lines[2] == "maskct: error: 2 of 3 cases not scored")
    #expect(files.exists("p/summary.json"))
    let shared = try await Command.run(
      arguments + ["--shared-only", "--resample", "--overwrite"])
    #expect(shared.code == 0)
    #expect(shared.output.contains("note: b: prediction resampled"))
  }

  @Test func structuresComeFromTheDataset() async throws {
    let files = try TemporaryFolder()
    try files.writeLabels("p.nii", upper: [6, 6, 6])
    try files.writeLabels("r.nii", upper: [6, 6, 6])
    let arguments = ["evaluate", "--prediction", files("p.nii"), "--reference", files("r.nii")]
    let without = try await Command.run(arguments)
    #expect(without.code == 2)
    #expect(without.errors.contains("name what to score, for example --structure liver=1"))
    try AtomicFile.write(
      #"{"labels": {"background": 0, "liver": 1, "spleen": 2}}"#, to: files("dataset.json"))
    let with = try await Command.run(arguments)
    #expect(with.code == 0)
    #expect(with.output.contains("spleen=2  (NSD at 2 mm)"))
    #expect(with.output.contains("note: spleen: in neither prediction nor reference of r;"))
  }
}
