import Datasets
import Evaluation
import Support
import ArgumentParser
import Reporting

/// `maskct statistics`: what structures look like in CT, simulated or real.
struct StatisticsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statistics",
    abstract: "Measure HU, spread and noise of structures in CT images.",
    discussion: """
      Reports, for every structure, the mean HU over cases, its spread between cases, and the median over \
      cases of the spread within a case, of the noise, and of the correlation between neighbouring voxels \
      in the plane and along z. Voxels at the edge of a structure do not count. Run it on simulated and on \
      real images of the same spacing to see what a recipe or a protocol should change.

      EXAMPLES
        Simulated images, and real ones in which the liver is 6:
          maskct statistics --images Dataset001_Liver/imagesTr \\
            --labels Dataset001_Liver/labelsTr
          maskct statistics --images ct --labels labels --structure liver=6
      """)

  @Option(help: ArgumentHelp("Folder of CT images in HU, or one file.", valueName: "path"))
  var images: String

  @Option(help: ArgumentHelp("Folder of the matching label maps, or one file.", valueName: "path"))
  var labels: String

  @Option(
    help: ArgumentHelp(
      """
      Structure to measure: NAME=ID; join several ids with commas. Repeatable. (default: the labels of a \
      dataset.json in or above the folder of label maps)
      """, valueName: "name=id"))
  var structure: [String] = []

  @Option(
    help: ArgumentHelp(
      "Also write one line per case and structure to this file.", valueName: "file"))
  var csv: String?

  @OptionGroup var overwrite: OverwriteOptions
  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    let run = try HUStatisticsRun(images: images, labels: labels, structures: try structures())
    if let csv { try overwrite.check(csv) }
    let progress = ProgressLine("Measuring", total: run.cases.count)
    let summary = run.run(workers: threads.workers) { progress.update($0, detail: $1) }
    progress.finish()
    if !summary.cases.isEmpty {
      if let csv { try AtomicFile.write(HUTable.csv(summary), to: csv) }
      print(HUTable.text(summary).text)
    }
    for failure in summary.failures { Terminal.error("maskct: error: \(failure.problem)\n") }
    if !summary.failures.isEmpty {
      Terminal.error(
        "maskct: error: \(summary.failures.count) of \(run.cases.count) cases not measured\n")
      throw ExitCode(1)
    }
  }

  private func structures() throws -> [EvaluatedStructure] {
    if !structure.isEmpty { return try structure.map { try EvaluatedStructure(parsing: $0) } }
    if let file = DatasetDescription.file(for: labels) {
      return try EvaluatedStructure.named(in: file)
    }
    throw MaskCTError(
      .usage, "no structure is named and there is no dataset.json beside the label maps",
      remedy: "name what to measure, for example --structure liver=1")
  }
}
