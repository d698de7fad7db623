import Evaluation
import Testing

@testable import Reporting

@Suite struct HeadlineTests {
  /// Arms with the given Dice a case, of one structure; nil for an arm that failed.
  private func headline(_ arms: [[Double]?], baseline: Int?) -> Headline {
    let structure = EvaluatedStructure(name: "liver", prediction: [1], reference: [1])
    return Headline(
      Comparison(
        arms: arms.enumerated().map { index, dice in
          .init(
            name: "arm\(index)", title: "Arm \(index)",
            summary: dice.map { dice in
              EvaluationSummary(
                structures: [structure], tolerance: 2,
                cases: dice.enumerated().map {
                  CaseScores(
                    name: "case\($0)", predictionFile: "", referenceFile: "",
                    scores: [SampleReport.score($1)])
                })
            }, problem: dice == nil ? "broken" : nil)
        }, baseline: baseline, structures: ["liver"]))
  }

  private func text(_ headline: Headline) -> String {
    Markup([headline.lead] + headline.remarks, separator: " ").source
  }

  @Test func namesTheBestSyntheticArm() {
    let text = text(headline([[0.9, 0.9], [0.7, 0.8], [0.8, 0.8]], baseline: 0))
    #expect(text.contains("The best of 2 synthetic arms, <strong>Arm 2</strong>, has a mean Dice"))
    #expect(text.contains("<strong>0.800</strong>") && text.contains("<strong>0.900</strong>"))
    #expect(text.contains("Case by case the difference is −0.100"))
    #expect(text.contains("With only 2 cases the intervals are rough"))
    #expect(text.contains("the interval lies below 0"))
  }

  @Test func saysWhatIsMissing() {
    #expect(
      text(headline([[0.8, 0.8]], baseline: nil)).contains("no arm trained on real CT to compare"))
    #expect(
      text(headline([nil, [0.8, 0.7]], baseline: 0)).contains(
        "<strong>Arm 0</strong>, has no scores")
    )
    #expect(text(headline([[0.8, 0.7], nil], baseline: 0)).contains("Only the baseline"))
    #expect(text(headline([nil, nil], baseline: 0)).contains("2 of 2 arms have no scores"))
  }

  @Test func oneCaseHasNoInterval() {
    let text = text(headline([[0.9], [0.8]], baseline: 0))
    #expect(text.contains("With only one case there is no interval"))
  }

  @Test func noDifferenceIsNotEquality() {
    let a = (0..<12).map { 0.8 + 0.01 * Double($0 % 4) }
    let b = (0..<12).map { 0.8 + 0.01 * Double(($0 + 2) % 4) }
    let text = text(headline([a, b], baseline: 0))
    #expect(text.contains("does not make them equal") && !text.contains("With only"), "\(text)")
  }
}
