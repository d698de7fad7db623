import Configuration
import Evaluation
import Support
import Testing

@testable import Experiments

@Suite struct ManuscriptTests {
  @Test("citations are numbered by their order, and keys in LaTeX")
  func citations() {
    var text = CitedText()
    let first = text.cite(.nnUNet)
    text.add("A & B", "50 % of x_1 \(first), again \(text.cite(.dice, .nnUNet)).")
    text.add("C", "See \(text.cite(.dice)). [[not a citation]]")
    #expect(
      text.numbered.map(\.text) == [
        "50 % of x_1 [1], again [1,2].", "See [2]. [[not a citation]]",
      ])
    #expect(text.latex.contains("\\paragraph{A \\& B.}"))
    #expect(
      text.latex.contains(
        """
        50 \\% of x\\_1 \\cite{isensee2021nnunet}, again \
        \\cite{dice1945measures,isensee2021nnunet}.
        """
      ))
    #expect(
      text.markdown.contains("1. Isensee F, Jaeger PF, Kohl SAA, Petersen J, Maier-Hein KH. nnU-"))
    #expect(text.bibTeX.hasPrefix("@article{isensee2021nnunet,\n  author = {Isensee, Fabian and "))
    #expect(text.bibTeX.filter { $0 == "{" }.count == text.bibTeX.filter { $0 == "}" }.count)
  }

  @Test("an item of the checklist is filled, marked for the author, or both; never empty")
  func checklist() throws {
    var facts = try Self.facts()
    facts.experiment = try Experiment.load("demo", data: nil)
    for item in ClaimChecklist(facts: facts).items {
      #expect(item.answer != nil || item.author != nil, "phantoms: \(item.question)")
    }
    facts = try Self.facts()
    let items = ClaimChecklist(facts: facts).items
    #expect(items.map(\.number) == Array(1...44))
    for item in items { #expect(item.answer != nil || item.author != nil, "\(item.question)") }
    let markdown = ClaimChecklist(facts: facts).markdown
    #expect(
      markdown.split(separator: "\n").count { $0.hasPrefix("| ") && !$0.hasPrefix("| |") } == 46)
    #expect(items.first { $0.number == 20 }?.author != nil, "the separation was not checked")
    #expect(
      items.first { $0.number == 44 }?.answer == nil, "nobody but the author knows the funding")
  }

  @Test("the method has the numbers of the experiment")
  func methods() throws {
    let text = try Self.facts().methods.markdown
    for part in [
      "segment liver and spleen", "learned from 12 simulated CT scans", "“mine.yaml”",
      "7 epochs of 25 iterations", "tolerance of 3.0 mm", "on the same 4 CT scans", "seed 5",
      "1 of 2 in “Masks”", "0 pairs of case and structure", "Metrics Reloaded [",
    ] {
      #expect(text.contains(part), "\(part)\n\(text)")
    }
    #expect(!text.contains("none was the same patient"), "the check was not made")
    #expect(!text.contains("/data"), "no path of the machine")
  }

  /// An experiment of one arm with three scores, one of a structure that was missed.
  private static func facts() throws -> ExperimentFacts {
    let experiment = try YAML.decode(
      Experiment.self,
      text: """
        title: T
        description: what for
        targets: [liver, spleen]
        labels: [{path: /data/btcv, scheme: btcv}]
        test: {images: /data/ct, labels: /data/labels, scheme: btcv}
        training: {configuration: small, epochs: 7, seeds: [5]}
        tolerance: 3
        arms: [{name: masks, title: Masks, recipe: constant}]
        """, name: "mine.yaml")
    func scores(_ dice: Double, distance: Double) -> StructureScores {
      let n = 100
      let hit = Int((dice * Double(n)).rounded())
      return StructureScores(
        overlap: Overlap(
          truePositives: hit, falsePositives: n - hit, falseNegatives: n - hit, trueNegatives: 0),
        normalisedSurfaceDice: dice, hausdorff95: distance, meanSurfaceDistance: distance)
    }
    let summary = EvaluationSummary(
      structures: ["liver", "spleen"].enumerated().map {
        EvaluatedStructure(name: $1, prediction: [UInt16($0 + 1)], reference: [UInt16($0 + 1)])
      }, tolerance: 3,
      cases: [
        CaseScores(
          name: "a", predictionFile: "a", referenceFile: "a",
          scores: [scores(0.9, distance: 2), scores(0, distance: .infinity)])
      ])
    return ExperimentFacts(
      experiment: experiment,
      comparison: Comparison(
        arms: [.init(name: "masks", title: "Masks", summary: summary)], baseline: nil,
        structures: ["liver", "spleen"]),
      arms: [
        .init(
          name: "masks", title: "Masks", isClinical: false, cases: 12,
          recipe: "“mine.yaml” (varied)", without: [], collections: ["btcv"], scanners: [],
          protocols: [], texture: nil, spacing: nil, changes: [])
      ], epochs: 7, iterations: 25, testCases: 4, leftOut: [], isSeparated: false,
      versions: [("maskct", "0.1.0"), ("nnunetv2", "2.8.1"), ("torch", "2.0")], seconds: [:])
  }
}
