import FoundationEssentials
import Support
import Testing
@testable import Evaluation

@Suite struct SummaryFileTests {
  /// Two structures; one case good, one with a missed spleen, one where the spleen is nowhere.
  let summary = EvaluationSummary(
    structures: [
      EvaluatedStructure(name: "liver", prediction: [1], reference: [6]),
      EvaluatedStructure(name: "spleen", prediction: [2, 3], reference: [1]),
    ],
    tolerance: 2,
    cases: [
      scores("a", (90, 10, 10), 0.9, 4, (50, 0, 0), 1, 0),
      scores("b", (80, 20, 20), 0.7, 6, (0, 0, 40), 0, .infinity),
      scores("c", (70, 30, 30), 0.5, 8, (0, 0, 0), .nan, .nan),
    ],
    failures: [.init(name: "d", problem: "ref/d.nii: has no prediction")])

  @Test func hasTheShapeOfNNUNet() throws {
    let text = SummaryFile.json(summary)
    let document = try JSONDecoder().decode(Shape.self, from: Data(text.utf8))
    // Liver: 0.9, 0.8, 0.7. Spleen: 1, 0, and one case undefined.
    #expect(close(document.mean["1"]!["Dice"]!!, 0.8))
    #expect(close(document.mean["(2, 3)"]!["Dice"]!!, 0.5))
    #expect(close(document.foreground_mean["Dice"]!!, 0.65))
    #expect(close(document.mean["(2, 3)"]!["n_ref"]!!, 30))
    #expect(document.mean["(2, 3)"]!["HD95"]! == 0)
    #expect(document.metric_per_case.count == 3)
    #expect(document.metric_per_case[1].reference_file == "ref/b.nii.gz")
    #expect(document.metric_per_case[1].metrics["(2, 3)"]!["HD95"]! == nil)
    #expect(document.metric_per_case[2].metrics["(2, 3)"]!["Dice"]! == nil)
    #expect(
      Set(document.mean["1"]!.keys)
        == ["Dice", "IoU", "TP", "FP", "FN", "TN", "n_pred", "n_ref", "NSD", "HD95", "ASSD"])
    #expect(text.contains("\"TP\" : 90,"))
  }

  @Test func comesBackAsItWas() throws {
    let path = TemporaryPath.file("summary.json")
    defer { TemporaryPath.remove(path) }
    try SummaryFile.write(summary, to: path)
    let back = try SummaryFile.read(path)
    #expect(back.structures == summary.structures && back.failures == summary.failures)
    #expect(back.tolerance == 2)
    #expect(back.cases.map(\.name) == ["a", "b", "c"])
    for (a, b) in zip(back.cases, summary.cases) {
      for (s, t) in zip(a.scores, b.scores) {
        #expect(s.overlap == t.overlap)
        for metric in Metric.allCases where !(s[metric].isNaN && t[metric].isNaN) {
          #expect(s[metric] == t[metric])
        }
      }
    }
  }

  @Test func readsWhatNNUNetWrites() throws {
    let path = TemporaryPath.file("nnunet.json")
    defer { TemporaryPath.remove(path) }
    try AtomicFile.write(
      """
      {"foreground_mean": {"Dice": NaN, "FN": 10.0}, "mean": {"1": {"Dice": 0.9}, "10": {}, "2": {}},
       "metric_per_case": [{"metrics": {"1": {"Dice": 0.9, "FN": 10, "FP": 10, "TP": 90, "TN": 5,
       "IoU": 0.81, "n_pred": 100, "n_ref": 100}, "2": {"Dice": NaN, "TP": 0}},
       "prediction_file": "p/a\\"NaN.nii.gz", "reference_file": "r/a_1.nii.gz"}]}
      """, to: path)
    let summary = try SummaryFile.read(path)
    #expect(summary.structures.map(\.name) == ["label 1", "label 2", "label 10"])
    #expect(summary.cases[0].name == "a_1")
    #expect(summary.cases[0].predictionFile == "p/a\"NaN.nii.gz")
    #expect(summary.cases[0].scores[0].overlap.dice == 0.9)
    #expect(summary.cases[0].scores[0].normalisedSurfaceDice.isNaN)
    #expect(summary.cases[0].scores[1].overlap.dice.isNaN)
  }

  @Test func namesABadFile() throws {
    let path = TemporaryPath.file("bad.json")
    defer { TemporaryPath.remove(path) }
    try AtomicFile.write("{\"mean\": 3", to: path)
    for file in [path, path + ".missing"] {
      let error = #expect(throws: MaskCTError.self) { try SummaryFile.read(file) }
      #expect(error?.path == file && error?.kind == .input)
    }
    let error = #expect(throws: MaskCTError.self) {
      try SummaryFile.write(summary, to: path + "/no/such/folder.json")
    }
    #expect(error?.kind == .output)
  }

  @Test func notesSayWhatIsLeftOut() {
    #expect(summary.notes.count == 2)
    #expect(summary.notes[0].contains("spleen: in neither prediction nor reference of c"))
    #expect(summary.notes[1].contains("spleen: not predicted in b"))
  }

  @Test func csvHasOneLineACaseAndStructure() {
    let lines = SummaryCSV.text(summary).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 8)
    #expect(lines[0] == "case,structure,Dice,IoU,TP,FP,FN,TN,n_pred,n_ref,NSD,HD95,ASSD")
    #expect(lines[1].hasPrefix("a,liver,0.9,"))
    #expect(lines[4] == "b,spleen,0.0,0.0,0,0,40,1000,0,40,0.0,inf,inf")
    #expect(lines[6] == "c,spleen,,,0,0,0,1000,0,0,,,")
  }

  private struct Shape: Decodable {
    var foreground_mean: [String: Double?]
    var mean: [String: [String: Double?]]
    var metric_per_case: [Case]
    struct Case: Decodable {
      var metrics: [String: [String: Double?]]
      var prediction_file: String
      var reference_file: String
    }
  }
}

private func scores(
  _ name: String, _ liver: (Int, Int, Int), _ liverNSD: Double, _ liverHD: Double,
  _ spleen: (Int, Int, Int), _ spleenNSD: Double, _ spleenHD: Double
) -> CaseScores {
  let score = { (counts: (Int, Int, Int), nsd: Double, distance: Double) in
    StructureScores(
      overlap: Overlap(
        truePositives: counts.0, falsePositives: counts.1, falseNegatives: counts.2,
        trueNegatives: 1000),
      normalisedSurfaceDice: nsd, hausdorff95: distance, meanSurfaceDistance: distance)
  }
  return CaseScores(
    name: name, predictionFile: "pred/\(name).nii.gz", referenceFile: "ref/\(name).nii.gz",
    scores: [score(liver, liverNSD, liverHD), score(spleen, spleenNSD, spleenHD)])
}

/// Files below the system's folder for temporary files.
enum TemporaryPath {
  static func file(_ name: String) -> String {
    let folder = FileManager.default.temporaryDirectory.path + "/maskct-" + UUID().uuidString
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    return folder + "/" + name
  }

  /// Removes the file and its folder.
  static func remove(_ path: String) {
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    try? FileManager.default.removeItem(atPath: "/" + folder)
  }
}
