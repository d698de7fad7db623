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

  var experiment: Experiment { facts.experiment }
  var learnsFromMasks: Bool { facts.arms.contains { !$0.isClinical } }

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

  var titleAndAbstract: [(String, String?, String?)] {
    [
      (
        "Named as a study of AI, with the kind of technology",
        "Deep learning: nnU-Net \(facts.version("nnunetv2")), a U-Net for segmentation.",
        "name it in the title or abstract."
      ),
      ("Summary of design, methods, results, conclusions", nil, "write it."),
    ]
  }

  var introduction: [(String, String?, String?)] {
    [
      ("Background, intended use and role of the AI", nil, "write it."),
      (
        "Aims, objectives, hypotheses",
        experiment.description.isEmpty ? nil : oneLine(experiment.description),
        "state the hypothesis."
      ),
    ]
  }

  var studyDesign: [(String, String?, String?)] {
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

  var data: [(String, String?, String?)] {
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

  var reference: [(String, String?, String?)] {
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

  var partitions: [(String, String?, String?)] {
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

  var testingData: [(String, String?, String?)] {
    [
      (
        "Intended sample size", "\(facts.testCases) test scans were used.",
        "say how many were intended, and why."
      )
    ]
  }

  func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
