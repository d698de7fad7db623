public import Evaluation
import Reporting
import Support

extension ExperimentRun {
  /// Published mean Dice by arm and structure.
  private var published: [String: [String: Double]] {
    var table: [String: [String: Double]] = [:]
    for entry in experiment.published {
      table[entry.arm, default: [:]][entry.structure] = entry.dice
    }
    return table
  }

  /// The table as a terminal shows it.
  public func text(_ comparison: Comparison) -> String {
    ComparisonTable(comparison, published: published).text
  }

  /// Writes tables and report.
  ///
  /// - Throws: `MaskCTError` (output) if the disk does not take them.
  func writeResults(
    _ comparison: Comparison, progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void
  ) throws {
    let table = ComparisonTable(comparison, published: published)
    try AtomicFile.write(table.csv, to: layout.folder + "/table.csv")
    try AtomicFile.write(table.markdown, to: layout.folder + "/table.md")
    try AtomicFile.write(table.latex, to: layout.folder + "/table.tex")
    try AtomicFile.write(table.scores, to: layout.folder + "/scores.csv")
    let report = try ExperimentReport(run: self, comparison: comparison).make(progress: progress)
    try AtomicFile.write(report.html(), to: layout.report)
  }
}
