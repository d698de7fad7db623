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
      Gives Dice, IoU, normalised surface Dice (NSD), 95 % Hausdorff distance (HD95) and mean surface \
      distance (ASSD) per case and structure: a table on standard output, and summary.json in nnU-Net's \
      shape. Files belong together by name, up to _0000 and .nii or .nii.gz; two single files are one \
      case.

      Where a structure is in neither mask its scores do not exist and are no part of a mean. Where it is \
      in one alone, Dice and NSD are 0 and the distances infinite (null in summary.json). docs/evaluation.md \
      has the definitions.

      EXAMPLES
        Livers that nnU-Net predicted as 1, which are 6 in the references:
          maskct evaluate --prediction predictions --reference labels \\
            --structure liver=1:6

        All structures of the dataset.json beside the files, and a spreadsheet:
          maskct evaluate --prediction predictions --reference labelsTs \\
            --csv scores.csv

        Both lungs (ids 10 to 14) as one structure, tolerance 3 mm:
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
      What to score: NAME=ID, NAME=PREDICTION:REFERENCE, several ids joined by commas. Repeat for more. \
      (default: the labels of a dataset.json in or above the folder of predictions or references)
      """, valueName: "name=id"))
  var structure: [String] = []

  @Option(help: ArgumentHelp("Tolerance of the NSD, mm.", valueName: "mm"))
  var tolerance: Double = 2

  @Option(
    help: ArgumentHelp(
      "Where the scores go. (default: summary.json in the folder of predictions)",
      valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Write one line a case and structure there, too.", valueName: "file"))
  var csv: String?

  @Flag(
    help: """
      Bring a prediction on another grid to its reference's grid by nearest neighbour, instead of \
      refusing it.
      """)
  var resample = false

  @Flag(help: "Score the cases that both folders hold; others are no failure.")
  var sharedOnly = false

  @Flag(help: "Print a table of cases for every structure, however many there are.")
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
