import Evaluation
import Reporting
import Support

/// The checklist CLAIM 2024, filled from what an experiment knows of itself.
///
/// Numbers and order are those of Tejani et al., *Radiology: Artificial Intelligence* 6 (2024) e240300; what each item
/// asks for is put in short words here. What only the authors know is marked for them.
struct ClaimChecklist {
  let facts: ExperimentFacts

  /// Whose checklist it is.
  static let source =
    """
    CLAIM 2024 (Tejani et al., Radiology: Artificial Intelligence 2024;6:e240300, \
    doi:10.1148/ryai.240300), in short words: read the items there before submitting.
    """

  private var experiment: Experiment { facts.experiment }
  private var learnsFromMasks: Bool { facts.arms.contains { !$0.isClinical } }

  /// All 44 items.
  var items: [ChecklistItem] {
    let parts: [(String, [(String, String?, String?)])] = [
      ("Title and abstract", titleAndAbstract), ("Introduction", introduction),
      ("Methods: study design", studyDesign), ("Methods: data", data),
      ("Methods: reference standard", reference), ("Methods: data partitions", partitions),
      ("Methods: testing data", testingData), ("Methods: model", model),
      ("Methods: training", training), ("Methods: evaluation", evaluation),
      ("Results: data", resultData), ("Results: model performance", performance),
      ("Discussion", discussion), ("Other information", other),
    ]
    var number = 0
    return parts.flatMap { part, items in
      items.map { question, answer, author in
        number += 1
        return ChecklistItem(
          number: number, part: part, question: question, answer: answer, author: author)
      }
    }
  }

  /// `claim.md`.
  var markdown: String {
    func cell(_ text: String) -> String { String(text.map { $0 == "|" ? "/" : $0 }) }
    var text =
      """
      # Checklist\n\n\(Self.source)\n\n| item | asks for | in this experiment |\n| --- | --- | \
      --- |\n
      """
    var part = ""
    for item in items {
      if item.part != part {
        part = item.part
        text += "| | **\(part)** | |\n"
      }
      let answer = [item.answer, item.author.map { "**Author:** \($0)" }].compactMap(\.self)
      text +=
        "| \(item.number) | \(cell(item.question)) | \(cell(answer.joined(separator: " "))) |\n"
    }
    return text
  }

  private var titleAndAbstract: [(String, String?, String?)] {
    [
      (
        "Named as a study of AI, with the kind of technology",
        "Deep learning: nnU-Net \(facts.version("nnunetv2")), a U-Net for segmentation.",
        "name it in the title or abstract."
      ),
      ("Summary of design, methods, results, conclusions", nil, "write it."),
    ]
  }

  private var introduction: [(String, String?, String?)] {
    [
      ("Background, intended use and role of the AI", nil, "write it."),
      (
        "Aims, objectives, hypotheses",
        experiment.description.isEmpty ? nil : oneLine(experiment.description),
        "state the hypothesis."
      ),
    ]
  }

  private var studyDesign: [(String, String?, String?)] {
    [
      ("Prospective or retrospective", "Retrospective: existing label maps and scans.", nil),
      (
        "Goal of the study",
        """
        Compares \(facts.arms.count) kinds of training data by the same network on the same test \
        scans.
        """,
        nil
      ),
    ]
  }

  private var data: [(String, String?, String?)] {
    let sources = Set(facts.arms.flatMap(\.collections)).sorted().joined(separator: ", ")
    let test =
      experiment.phantoms == nil
      ? ExperimentFacts.collection(experiment.test.images) : "simulated scans of built-in phantoms"
    let selection = experiment.selection.map {
      """
      Subjects with at least \($0.volume) ml of every structure, test images at least \
      \($0.height) mm high; drawn with seed \($0.seed).
      """
    }
    return [
      (
        "Sources of the data", "Training: \(sources). Testing: \(test).",
        experiment.phantoms == nil ? "cite the collections, with dates and licences." : nil
      ),
      (
        "Inclusion and exclusion criteria",
        (selection ?? "All cases of the folders that have an image and a reference.")
          + " \(facts.leftOut.count) cases could not be used.",
        "state those of the collections."
      ),
      (
        "Preprocessing",
        "By nnU-Net: cropping, resampling, clipping and normalisation by one fixed range of HU."
          + facts.arms.compactMap { arm in
            arm.spacing.map {
              " \(arm.title): resampled to \($0.map { "\($0)" }.joined(separator: " x ")) mm."
            }
          }.joined(), nil
      ),
      (
        "Selection of subsets of the data",
        experiment.selection == nil ? "None." : "See item 8; the subjects are in selection.json.",
        nil
      ),
      (
        "De-identification",
        learnsFromMasks
          ? "Simulated images have no patient; label maps and scans are used as they come." : nil,
        "state how the collections were de-identified."
      ),
      (
        "Missing data",
        """
        Cases without image, reference or a readable file are left out and named \
        (\(facts.leftOut.count)). Structures that are in neither mask have no score.
        """, nil
      ),
      (
        "Image acquisition",
        learnsFromMasks
          ? """
          Simulated: scanner, tube voltage, mAs, pitch, kernel and slice thickness of every \
          case are in its record and, in summary, in each DATASET_CARD.md.
          """
          : nil,
        experiment.phantoms == nil ? "describe scanners and protocols of the test scans." : nil
      ),
    ]
  }

  private var reference: [(String, String?, String?)] {
    let isReal = experiment.phantoms == nil
    return [
      (
        "How the reference standard was obtained",
        isReal
          ? "Reference labels as they come with the test scans, on the targets' numbers."
          : "Exact: the phantoms' own label maps.",
        isReal ? "describe how they were drawn." : nil
      ),
      (
        "Rationale for the reference standard", isReal ? nil : "It is what was scanned.",
        isReal ? "state it." : nil
      ),
      (
        "Source of the annotations",
        isReal ? nil : "Does not apply: the phantoms are generated with their labels.",
        isReal ? "who drew them, with which experience and tool." : nil
      ),
      (
        "Annotation of the test set",
        isReal ? nil : "Phantoms are generated with their labels.",
        isReal ? "state whether it differs from that of the training data." : nil
      ),
      (
        "Variability within and between annotators", isReal ? nil : "Does not apply.",
        isReal ? "state it, or that it is not known." : nil
      ),
    ]
  }

  private var partitions: [(String, String?, String?)] {
    [
      (
        "How data were assigned to partitions",
        experiment.selection.map {
          "At random, seed \($0.seed): \($0.training) subjects to train on, \($0.test) to test on."
        }
          ?? (experiment.phantoms == nil
            ? "By the folders that the experiment names." : "By their number."),
        experiment.selection == nil && experiment.phantoms == nil
          ? "say how the folders were made." : nil
      ),
      (
        "Level at which partitions are disjoint",
        facts.isSeparated
          ? """
          Subjects. Every training case was compared with every test case by content, not by \
          name; none was the same.
          """
          : nil,
        facts.isSeparated ? nil : "the check of this experiment was not completed."
      ),
    ]
  }

  private var testingData: [(String, String?, String?)] {
    [
      (
        "Intended sample size", "\(facts.testCases) test scans were used.",
        "say how many were intended, and why."
      )
    ]
  }

  private var model: [(String, String?, String?)] {
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

  private var training: [(String, String?, String?)] {
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

  private var evaluation: [(String, String?, String?)] {
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

  private var resultData: [(String, String?, String?)] {
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

  private var performance: [(String, String?, String?)] {
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

  private var discussion: [(String, String?, String?)] {
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

  private var other: [(String, String?, String?)] {
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

  private func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
