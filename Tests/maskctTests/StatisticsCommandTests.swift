import Support
import Testing

@Suite struct StatisticsCommandTests {
  @Test func printsATableAndWritesASpreadsheet() async throws {
    let files = try TemporaryFolder()
    try files.folder("ct")
    try files.folder("labels")
    try files.writeImage("ct/a_0000.nii.gz")
    try files.writeLabels("labels/a.nii.gz", upper: [8, 8, 7])
    let arguments = [
      "statistics", "--images", files("ct"), "--labels", files("labels"), "--structure", "liver=1",
      "--csv", files("hu.csv"),
    ]
    let outcome = try await Command.run(arguments)
    #expect(outcome.code == 0, "\(outcome.errors)")
    // Water: no spread, so no correlation; one case has no spread between cases.
    #expect(
      outcome.output.split(separator: "\n") == [
        "structure  cases  mean HU  between  within  noise  corr xy  corr z",
        "------------------------------------------------------------------",
        "liver          1        0        -       0      0        -       -",
      ])
    let csv = String(decoding: try ByteFile.read(files("hu.csv")), as: UTF8.self)
    #expect(csv.split(separator: "\n").last == "a,liver,48,0.00,0.000,0.000,,,0.000,0.000,,")
    let again = try await Command.run(arguments)
    #expect(again.code == 1 && again.errors.contains("hu.csv: exists already; use --overwrite"))
  }

  /// Water of 30 HU beside water of 0, which clips to 10.
  @Test func comparesTwoSets() async throws {
    let files = try TemporaryFolder()
    for folder in ["ct", "real", "labels"] { try files.folder(folder) }
    try files.writeImage("ct/a_0000.nii.gz", value: 30)
    try files.writeImage("real/b_0000.nii.gz", value: 0)
    try files.writeLabels("labels/a.nii.gz", upper: [8, 8, 7])
    try files.writeLabels("labels/b.nii.gz", upper: [8, 8, 7])
    let arguments = [
      "statistics", "--images", files("ct"), "--labels", files("labels"), "--structure", "liver=1",
      "--against", files("real"), "--against-labels", files("labels"),
    ]
    let outcome = try await Command.run(arguments)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines[0].hasSuffix("distance  shape  texture"))
    #expect(lines[4].split(separator: " ").prefix(2) == ["liver", "ratio"])
    #expect(lines[4].split(separator: " ").suffix(3) == ["30", "0", "-"])
    let clipped = try await Command.run(arguments + ["--limits", "-100,10"])
    let last = try #require(clipped.output.split(separator: "\n").last)
    #expect(last.split(separator: " ").suffix(3).first == "10")
    let lonely = try await Command.run(Array(arguments.dropLast(2)))
    #expect(lonely.code == 2 && lonely.errors.contains("add --against-labels"))
  }

  @Test func structuresMustBeNamed() async throws {
    let files = try TemporaryFolder()
    try files.writeImage("a_0000.nii.gz")
    try files.writeLabels("a.nii.gz", upper: [8, 8, 7])
    let outcome = try await Command.run([
      "statistics", "--images", files("a_0000.nii.gz"), "--labels", files("a.nii.gz"),
    ])
    #expect(outcome.code == 2)
    #expect(outcome.errorLines.count == 1 && outcome.errors.contains("--structure liver=1"))
  }
}
