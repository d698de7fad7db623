import Evaluation
import Testing

@testable import Reporting

@Suite struct TextTableTests {
  @Test func columnsAreAligned() {
    var table = TextTable(["case", "Dice", "mm"])
    table.add(["a", "0.91", "12.5"])
    table.add(["longer name", "1", "3"])
    table.addRule()
    table.add(["mean"])
    #expect(
      table.text == """
        case         Dice    mm
        -----------------------
        a            0.91  12.5
        longer name     1     3
        -----------------------
        mean

        """)
  }

  @Test func scoresBecomeATable() {
    let score = { (tp: Int, fp: Int, nsd: Double, hd: Double) in
      StructureScores(
        overlap: Overlap(
          truePositives: tp, falsePositives: fp, falseNegatives: 0, trueNegatives: 9),
        normalisedSurfaceDice: nsd, hausdorff95: hd, meanSurfaceDistance: hd / 2)
    }
    let summary = EvaluationSummary(
      structures: [EvaluatedStructure(name: "liver", prediction: [1], reference: [1])],
      tolerance: 2,
      cases: [
        CaseScores(
          name: "a", predictionFile: "", referenceFile: "", scores: [score(90, 20, 0.8, 4)]),
        CaseScores(
          name: "b", predictionFile: "", referenceFile: "", scores: [score(100, 0, 1, 0)]),
        CaseScores(
          name: "c", predictionFile: "", referenceFile: "", scores: [score(0, 7, 0, .infinity)]),
      ])
    #expect(
      ScoreTable.cases(summary, structure: 0).text == """
        case     Dice    NSD  HD95 mm  ASSD mm  voxels  reference
        ---------------------------------------------------------
        a       0.900  0.800      4.0     2.00     110         90
        b       1.000  1.000      0.0     0.00     100        100
        c       0.000  0.000      inf      inf       7          0
        ---------------------------------------------------------
        mean    0.633  0.600      2.0     1.00      72         63
        median  0.900  0.800      2.0     1.00     100         90
        sd      0.551  0.529      2.8     1.41      57         55

        """)
    #expect(
      ScoreTable.structures(summary).text == """
        structure  cases   Dice     sd    NSD     sd  HD95 mm   sd  ASSD mm    sd
        -------------------------------------------------------------------------
        liver          3  0.633  0.551  0.600  0.529      2.0  2.8     1.00  1.41

        """)
  }
}
