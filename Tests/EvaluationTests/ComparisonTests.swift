import Testing

@testable import Evaluation

@Suite struct ComparisonTests {
  /// A summary with the Dice values of cases a, b, c ... for every structure.
  private func summary(_ dice: [[Double]]) -> EvaluationSummary {
    let structures = dice.indices.map {
      EvaluatedStructure(name: "s\($0)", prediction: [UInt16($0 + 1)], reference: [UInt16($0 + 1)])
    }
    let cases = dice[0].indices.map { index in
      CaseScores(
        name: String(UnicodeScalar(UInt8(97 + index))), predictionFile: "", referenceFile: "",
        scores: dice.map { Self.score($0[index]) })
    }
    return EvaluationSummary(structures: structures, tolerance: 2, cases: cases)
  }

  /// Masks of 1000 voxels each that overlap by the Dice; NaN for a structure in neither.
  private static func score(_ dice: Double) -> StructureScores {
    let overlap =
      dice.isNaN
      ? Overlap(truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 9)
      : Overlap(
        truePositives: Int((1000 * dice).rounded()),
        falsePositives: 1000 - Int((1000 * dice).rounded()),
        falseNegatives: 1000 - Int((1000 * dice).rounded()), trueNegatives: 0)
    return StructureScores(
      overlap: overlap, normalisedSurfaceDice: dice, hausdorff95: dice == 0 ? .infinity : 1,
      meanSurfaceDistance: 1)
  }

  private func comparison(_ arms: [[[Double]]], baseline: Int?) -> Comparison {
    Comparison(
      arms: arms.enumerated().map { .init(name: "\($0)", title: "\($0)", summary: summary($1)) },
      baseline: baseline, structures: arms[0].indices.map { "s\($0)" })
  }

  @Test func differencesArePaired() throws {
    let table = comparison([[[0.9, 0.8, 0.6]], [[0.7, 0.7, 0.4]]], baseline: 1)
    let result = try #require(table.result(arm: 0, structure: 0, metric: .dice))
    #expect(abs(result.mean - 2.3 / 3) < 1e-12)
    #expect(result.median == 0.8)
    let difference = try #require(result.difference)
    #expect(difference.count == 3)
    #expect(abs(difference.mean - 0.5 / 3) < 1e-12)
    #expect(difference.p == 0.25)
    #expect(table.result(arm: 1, structure: 0, metric: .dice)?.difference == nil)
    #expect(table.result(arm: 1, structure: 0, metric: .dice)?.failures == 1)
  }

  @Test func overAllStructuresEveryCaseCountsOnce() throws {
    // Case b lacks structure 1: its mean is that of structure 0 alone.
    let table = comparison([[[0.9, 0.8], [0.5, .nan]]], baseline: nil)
    let values = table.values(arm: 0, structure: nil, metric: .dice).map(\.value)
    #expect(abs(values[0] - 0.7) < 1e-12 && values[1] == 0.8)
    #expect(table.result(arm: 0, structure: 1, metric: .dice)?.excluded == 1)
  }

  @Test func failuresAreCountedWhereTheyHappen() {
    let table = comparison([[[0.9, 0.0], [0.1, 0.95]]], baseline: nil)
    #expect(table.result(arm: 0, structure: nil, metric: .dice)?.failures == 2)
    // The infinite distance of the missed structure is no number to average.
    #expect(table.result(arm: 0, structure: 0, metric: .hausdorff95)?.excluded == 1)
  }

  @Test func runsOfAnArmAreAveragedByCase() throws {
    let arm = Comparison.Arm(
      name: "a", title: "a", runs: [summary([[0.8, 0.6]]), summary([[0.6, 0.6]])])
    let table = Comparison(arms: [arm], baseline: nil, structures: ["s0"])
    let result = try #require(table.result(arm: 0, structure: 0, metric: .dice))
    #expect(result.count == 2)
    #expect(abs(result.mean - 0.65) < 1e-12)
  }

  @Test func failedArmHasNoResult() {
    let table = Comparison(
      arms: [.init(name: "a", title: "a", summary: nil, problem: "no")], baseline: 0,
      structures: ["s"])
    #expect(table.result(arm: 0, structure: nil, metric: .dice) == nil)
  }
}
