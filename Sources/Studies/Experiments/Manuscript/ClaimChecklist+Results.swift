import Evaluation
import Reporting
import Support

/// The items from the model on: what the network is, how it was trained and scored, and what came out.
extension ClaimChecklist {
  var model: [(String, String?, String?)] {
    let budget = experiment.training
    return [
      (
        "Detailed description of the model",
        """
        nnU-Net, configuration “\(budget.configuration)”; its plans are in \
        nnUNet_results/DATASET/*/plans.json.
        """,
        nil
      ),
      (
        "Software with versions",
        facts.versions.map { "\($0.name) \($0.version)" }.joined(separator: ", ") + ".", nil
      ),
      ("Initialisation of the parameters", "Random, by nnU-Net; no weights from elsewhere.", nil),
    ]
  }

  var training: [(String, String?, String?)] {
    let budget = experiment.training
    return [
      (
        "Training approach",
        """
        \(facts.epochs) epochs of \(facts.iterations) iterations on \
        \(budget.device == "auto" ? "a GPU if there is one" : budget.device), nnU-Net's \
        augmentation and loss; seeds \(budget.seeds.map(String.init).joined(separator: ", ")), \
        folds \(budget.folds.joined(separator: ", ")).
        """,
        nil
      ),
      ("How the final model was chosen", "The one after the last epoch.", nil),
      (
        "Ensembles",
        facts.runsPerArm == 1
          ? "None."
          : """
          None: \(facts.runsPerArm) trainings per arm are scored one by one, and scores \
          averaged.
          """,
        nil
      ),
    ]
  }

  var evaluation: [(String, String?, String?)] {
    let isReal = experiment.phantoms == nil
    return [
      (
        "Metrics",
        """
        Dice, normalised surface Dice at \(experiment.tolerance) mm, 95 % Hausdorff distance, \
        mean surface distance; reasons in the methods text.
        """,
        nil
      ),
      (
        "Significance and uncertainty",
        "95 % bootstrap intervals over cases"
          + (experiment.baseline == nil
            ? "." : "; paired differences with Wilcoxon's signed-rank test."),
        nil
      ),
      (
        "Robustness or sensitivity",
        facts.arms.contains { !$0.without.isEmpty } || facts.arms.count > 2
          ? "The arms vary the training data; each is a row of the table." : nil,
        "state further analyses, or none."
      ),
      ("Explainability", "None.", nil),
      (
        "Evaluation on internal data",
        isReal ? nil : "Phantoms of the same kind, not learned from.",
        isReal
          ? "say whether the test scans come from the collections that were learned from." : nil
      ),
      (
        "Testing on external data", isReal ? nil : "None: the test scans are simulated.",
        isReal ? "say which test scans come from elsewhere." : nil
      ),
      ("Trial registration", nil, "state it, or that it does not apply."),
    ]
  }

  var resultData: [(String, String?, String?)] {
    let arms = facts.arms.map { "\($0.title) \($0.cases.map(String.init) ?? "none")" }
      .joined(separator: ", ")
    return [
      (
        "Numbers included and excluded",
        """
        Training cases: \(arms). Test scans: \(facts.testCases). Left out: \
        \(facts.leftOut.count).
        """,
        nil
      ),
      (
        "Demographic and clinical characteristics", nil,
        "describe the people in each partition; label maps and scans do not say."
      ),
    ]
  }

  var performance: [(String, String?, String?)] {
    let scores = facts.comparison.arms.indices.compactMap { index -> String? in
      guard let result = facts.comparison.result(arm: index, structure: nil, metric: .dice) else {
        return nil
      }
      let ends =
        result.interval.map {
          " (\(three($0.lowerBound)) to \(three($0.upperBound)))"
        } ?? ""
      return "\(facts.comparison.arms[index].title) \(three(result.mean))\(ends)"
    }
    let failures = facts.comparison.arms.indices.compactMap { index in
      facts.comparison.result(arm: index, structure: nil, metric: .dice).map {
        "\(facts.comparison.arms[index].title) \($0.failures)"
      }
    }
    return [
      (
        "Performance with uncertainty",
        scores.isEmpty
          ? nil
          : "Mean Dice (95 % interval): \(scores.joined(separator: ", ")). All scores: table.md.",
        scores.isEmpty ? "no arm has scores." : nil
      ),
      ("Diagnostic performance with precision", "Does not apply to segmentation.", nil),
      (
        "Failure analysis",
        failures.isEmpty
          ? nil
          : """
          Pairs of case and structure with Dice below \(Comparison.failureDice): \
          \(failures.joined(separator: ", ")). The page shows the worst case of every arm.
          """,
        "explain the failures."
      ),
    ]
  }

  var discussion: [(String, String?, String?)] {
    [
      (
        "Limitations",
        learnsFromMasks
          ? """
          Simulated images lack disease, implants and anatomy that the masks do not show, unless \
          the recipe draws lesions. Differences are not corrected for multiple comparisons.
          """ : nil, "discuss yours."
      ),
      ("Implications for practice", "For research; not a medical device.", "write them."),
    ]
  }

  var other: [(String, String?, String?)] {
    [
      (
        "Full protocol or technical details",
        "manifest.json, the experiment's YAML file, steps/, and the settings on the page.", nil
      ),
      (
        "Availability of software, model and data",
        """
        MaskCT \(facts.version("maskct")), Apache 2.0; 'maskct pack' makes a model that others \
        can install.
        """,
        "say where models and data are."
      ),
      ("Funding, and the funders' role", nil, "state them."),
    ]
  }

  private func three(_ value: Double) -> String { fixed(value, digits: 3) }
}
