import Evaluation
import Reporting
import Support
import Training

extension ExperimentFacts {
  /// The method of the experiment in words, with its numbers and citations.
  var methods: CitedText {
    var text = CitedText()
    text.add("Data", data(&text))
    text.add("Network and training", training(&text))
    text.add("Testing", testing)
    text.add("Metrics", metrics(&text))
    text.add("Missing structures", missingStructures)
    text.add("Statistics", statistics(&text))
    return text
  }

  /// The same for the page.
  var methodsText: MethodsText {
    let text = methods
    return MethodsText(
      paragraphs: text.numbered.map { .init(title: $0.title, text: $0.text) },
      references: text.citations.map(\.line))
  }

  var structures: String { Self.list(comparison.structures.map { spaced($0) }) }

  private func data(_ text: inout CitedText) -> String {
    let tool = text.cite(.maskCT(version: version("maskct")))
    var sentences = ["Networks were trained to segment \(structures) in CT."]
    if arms.contains(where: { !$0.isClinical }) {
      sentences.append(
        """
        MaskCT \(version("maskct")) \(tool) painted label maps with plausible attenuation and \
        scanned the painted bodies in a simulated helical CT scanner; no CT image went into these \
        training data.
        """)
    }
    sentences += arms.map(sentence)
    if usesTotalSegmentator {
      sentences.append("TotalSegmentator's data are described in \(text.cite(.totalSegmentator)).")
    }
    return sentences.joined(separator: " ")
  }

  private func sentence(_ arm: Arm) -> String {
    guard let cases = arm.cases else { return "The arm “\(arm.title)” has no dataset." }
    let seeds = experiment.training.seeds.count
    let each = seeds > 1 ? " for each of \(seeds) seeds" : ""
    let spacing =
      arm.spacing.map {
        ", at a voxel spacing of " + $0.map { "\($0)" }.joined(separator: " × ") + " mm"
      } ?? ""
    if arm.isClinical {
      return
        """
        The arm “\(arm.title)” learned from \(cases) real CT scans with their \
        labels\(each)\(spacing).
        """
    }
    let without = arm.without.isEmpty ? "" : " without its sections \(Self.list(arm.without))"
    let scanners = arm.scanners.isEmpty ? "" : ", scanner \(Self.list(arm.scanners))"
    let protocols = arm.protocols.isEmpty ? "" : ", protocol \(Self.list(arm.protocols))"
    let texture = arm.texture.map { ", textures from \($0)" } ?? ""
    let simulated = cases - (arm.real?.cases ?? 0)
    let real =
      arm.real.map { real in
        let times = real.patients > 0 ? real.cases / real.patients : 0
        return "\(real.patients) real CT scans with their labels"
          + (times > 1 ? ", each of them \(times) times," : "") + " and from "
      } ?? ""
    let sentence =
      """
      The arm “\(arm.title)” learned from \(real)\(simulated) simulated CT scans\(each), made from label \
      maps of \(Self.list(arm.collections)) with the recipe \
      \(arm.recipe ?? "")\(without)\(texture)\(scanners)\(protocols)\(spacing).
      """
    return ([sentence] + arm.changes).joined(separator: " ")
  }

  private func training(_ text: inout CitedText) -> String {
    let budget = experiment.training
    let isSmall = budget.configuration == SmallConfiguration.name
    let configuration =
      isSmall
      ? "a 3D U-Net that sees the region of all structures at once, resampled to about "
        + "\(budget.voxels ?? SmallConfiguration.voxels) voxels (configuration “small”, with AdamW)"
      : "the configuration “\(budget.configuration)” as nnU-Net planned it"
    let runs =
      runsPerArm == 1
      ? "one network per arm (seed \(budget.seeds[0]), fold \(budget.folds[0]))"
      : "\(runsPerArm) networks per arm (seeds \(Self.list(budget.seeds.map(String.init))), folds "
        + "\(Self.list(budget.folds)))"
    return
      """
      All arms used nnU-Net \(version("nnunetv2")) \(text.cite(.nnUNet)) on PyTorch \
      \(version("torch")) with the same budget: \(configuration), trained from random weights for \
      \(epochs) epochs of \(iterations) iterations; \(runs). Images were clipped and normalised \
      by the same fixed range of HU in all arms. The network after the last epoch was used; no \
      network was chosen by test results.
      """
        + (experiment.largestComponent
          ? " Of every predicted structure the largest connected part was kept, in all arms." : "")
  }

  private var testing: String {
    let scans =
      experiment.phantoms.map {
        """
        \(testCases) simulated scans of phantoms that were not learned from (recipe \
        “\($0.scans.recipe)”, scanner \($0.scans.scanner), protocol \($0.scans.protocol)); no \
        real CT was tested on
        """
      }
      ?? "\(testCases) CT scans of \(Self.collection(experiment.test.images)) with reference labels"
    var sentences = ["All networks were tested on the same \(scans)."]
    if let selection = experiment.selection {
      sentences.append(
        """
        Subjects were drawn at random (seed \(selection.seed)): \(selection.training) to train on \
        and \(selection.test) to test on, each with at least \(selection.volume) ml of every \
        structure, test images at least \(selection.height) mm high.
        """)
    }
    if isSeparated {
      sentences.append(
        """
        Every training case was compared with every test case by content (HU, masks in their \
        bounding boxes, axial slices of masks), and none was the same patient.
        """)
    }
    if !leftOut.isEmpty {
      sentences.append(
        "\(leftOut.count) cases could not be used and were left out; the report names them.")
    }
    return sentences.joined(separator: " ")
  }

  private func metrics(_ text: inout CitedText) -> String {
    let reloaded = text.cite(.metrics)
    return
      """
      Segmentation of organs is semantic segmentation at voxel level, for which Metrics Reloaded \
      \(reloaded) recommends an overlap measure together with one of boundaries. Overlap was \
      measured by the Dice similarity coefficient \(text.cite(.dice)), which most related work \
      reports; it depends on the size of a structure and says little about its shape. Boundaries \
      were measured by the normalised surface Dice \(text.cite(.surfaceDice)) at a tolerance of \
      \(experiment.tolerance) mm, the share of both surfaces that lies within the tolerance of \
      the other. The 95 % Hausdorff distance shows outliers that both miss, the mean surface \
      distance the size of typical errors. Distances weigh surface elements by their area in mm².
      """
  }

  private var missingStructures: String {
    let counts = comparison.arms.indices.map { (comparison.arms[$0].title, missing(arm: $0)) }
    let neither = counts.map(\.1.neither).max() ?? 0
    let missed = counts.filter { $0.1.missed > 0 }
      .map { "\($0.1.missed) of \($0.1.scored) in “\($0.0)”" }
    let misses =
      missed.isEmpty
      ? "No structure was missed altogether."
      : "Missed altogether, or found where there is none: \(Self.list(missed))."
    return """
      A structure that is in the reference and not in the prediction, or in the prediction alone, \
      counts with Dice and surface Dice 0; its distances are infinite and in no mean. A structure \
      that is in neither has no value and is in no mean (\(neither) pairs of case and structure). \
      \(misses) Means of distances are therefore to be read beside Dice and surface Dice.
      """
  }

  private func statistics(_ text: inout CitedText) -> String {
    let bootstrap = text.cite(.bootstrap)
    let test =
      experiment.baseline == nil
      ? ""
      : """
      Arms were compared with the baseline case by case: the mean of the paired differences \
      with its interval, and Wilcoxon's signed-rank test \(text.cite(.wilcoxon)), two-sided, \
      not corrected for the number of arms and structures.
      """
    return
      """
      Values are means over cases; a case counts once, with its mean over structures and over \
      networks of an arm. Intervals are 95 % percentile bootstrap intervals of the mean over \
      cases with 10 000 resamples \(bootstrap).\(test.isEmpty ? "" : " " + test) A Dice below \
      \(Comparison.failureDice) counts as a failure.
      """
  }

  /// `a, b and c`.
  static func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "none" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }

  private func spaced(_ name: String) -> String { String(name.map { $0 == "_" ? " " : $0 }) }
}
