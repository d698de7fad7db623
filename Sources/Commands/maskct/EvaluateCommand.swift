import Support
import ArgumentParser
import Datasets
import Evaluation
import FoundationEssentials
import Reporting

/// `maskct evaluate`: scores of predictions against references.
struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score predicted label maps against references.",
    discussion: """
      Computes Dice, IoU, normalised surface Dice (NSD), 95 % Hausdorff distance (HD95) and mean surface \
      distance (ASSD) per case and structure. Prints a table and writes summary.json in nnU-Net's format. \
      Predictions and references are paired by file name without _0000, .nii and .nii.gz; two single \
      files are one case.

      A structure that is absent from both masks has no score and does not count in a mean. If only one \
      mask has it, Dice and NSD are 0 and the distances are infinite (null in summary.json). The \
      definitions are in docs/background/evaluation.md.

      EXAMPLES
        The liver is 1 in the predictions and 6 in the references:
          maskct evaluate --prediction predictions --reference labels \\
            --structure liver=1:6

        All structures of the dataset.json beside the files, also as CSV:
          maskct evaluate --prediction predictions --reference labelsTs \\
            --csv scores.csv

        Both lungs (ids 10 to 14) as one structure, with a tolerance of 3 mm:
          maskct evaluate --prediction p.nii.gz --reference r.nii.gz \\
            --structure lungs=10,11,12,13,14 --tolerance 3
      """)

  @Option(help: ArgumentHelp("Folder of predicted label maps, or one file.", valueName: "path"))
  var prediction: String

  @Option(help: ArgumentHelp("Folder of reference label maps, or one file.", valueName: "path"))
  var reference: String

  @Option(
    help: ArgumentHelp(
      """
      Structure to score: NAME=ID or NAME=PREDICTION:REFERENCE; join several ids with commas. Repeatable. \
      (default: the labels of a dataset.json in or above the folder of predictions or references)
      """, valueName: "name=id"))
  var structure: [String] = []

  @Option(help: ArgumentHelp("Tolerance of the NSD in mm.", valueName: "mm"))
  var tolerance: Double = 2

  @Option(
    help: ArgumentHelp(
      "File for the scores. (default: summary.json in the folder of predictions)",
      valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Also write one line per case and structure to this file.", valueName: "file"))
  var csv: String?

  @Flag(
    help: """
      Resample a prediction on another grid to its reference's grid (nearest neighbour) instead of \
      refusing it.
      """)
  var resample = false

  @Flag(help: "Score only the cases that both folders have; the others are not failures.")
  var sharedOnly = false

  @Flag(help: "Print the table of cases for every structure, however many there are.")
  var perCase = false

  @OptionGroup var overwrite: OverwriteOptions
  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    let run = try EvaluationRun(
      prediction: prediction, reference: reference, structures: try structures(),
      tolerance: tolerance, resample: resample, sharedOnly: sharedOnly)
    let summaryFile = summaryFile()
    for path in [summaryFile, csv].compactMap(\.self) { try overwrite.check(path) }
    let progress = ProgressLine("Scoring", total: run.pairs.count)
    let summary = run.run(workers: threads.workers) { progress.update($0, detail: $1) }
    progress.finish()
    if !summary.cases.isEmpty {
      if let summaryFile { try SummaryFile.write(summary, to: summaryFile) }
      if let csv { try AtomicFile.write(SummaryCSV.text(summary), to: csv) }
      show(summary, summaryFile: summaryFile)
    }
    for failure in summary.failures { Terminal.error("maskct: error: \(failure.problem)\n") }
    if !summary.isComplete {
      Terminal.error(
        "maskct: error: \(summary.failures.count) of "
          + "\(summary.cases.count + summary.failures.count) cases not scored\n")
      throw ExitCode(1)
    }
  }

  private func structures() throws -> [EvaluatedStructure] {
    if !structure.isEmpty { return try structure.map { try EvaluatedStructure(parsing: $0) } }
    for path in [prediction, reference] {
      if let file = DatasetDescription.file(for: path) {
        return try EvaluatedStructure.named(in: file)
      }
    }
    throw MaskCTError(
      .usage, "no structure is named and there is no dataset.json beside the files",
      remedy: "name what to score, for example --structure liver=1")
  }

  /// Where the summary goes; nil for a single file without `--output`.
  private func summaryFile() -> String? {
    if let output { return output }
    var isFolder = false
    _ = FileManager.default.fileExists(atPath: prediction, isDirectory: &isFolder)
    return isFolder
      ? (prediction.hasSuffix("/") ? prediction : prediction + "/") + "summary.json" : nil
  }

  private func show(_ summary: EvaluationSummary, summaryFile: String?) {
    if perCase || summary.structures.count <= 3 {
      for (index, structure) in summary.structures.enumerated() {
        print("\(structure)  (NSD at \(number(tolerance)) mm)")
        print(ScoreTable.cases(summary, structure: index).text)
      }
    }
    if summary.structures.count > 1 { print(ScoreTable.structures(summary).text) }
    for note in summary.notes { print("note: \(note)") }
    if let summaryFile { print("scores: \(summaryFile)") }
    if let csv { print("table: \(csv)") }
  }

  private func number(_ value: Double) -> String {
    value == value.rounded() ? fixed(value, digits: 0) : String(value)
  }
}
