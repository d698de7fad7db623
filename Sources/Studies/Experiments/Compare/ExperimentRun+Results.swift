import Datasets
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
    let facts = ExperimentFacts(run: self, comparison: comparison)
    let methods = facts.methods
    try AtomicFile.write(methods.markdown, to: layout.folder + "/methods.md")
    try AtomicFile.write(methods.latex, to: layout.folder + "/methods.tex")
    try AtomicFile.write(methods.bibTeX, to: layout.folder + "/references.bib")
    try AtomicFile.write(
      ClaimChecklist(facts: facts).markdown, to: layout.folder + "/claim.md")
    let report = try ExperimentReport(run: self, comparison: comparison, facts: facts)
      .make(progress: progress)
    try AtomicFile.write(report.html(), to: layout.report)
    try AtomicFile.write(
      ExperimentCard(facts: facts, table: table.markdown).text,
      to: layout.folder + "/" + ExperimentCard.fileName)
    var files = FileDigests(path: layout.folder + "/digests.json")
    defer { files.save() }
    try JSONFile.write(
      manifest(facts, files: &files), to: layout.folder + "/" + Manifest.fileName)
  }

  /// The table of what has been scored on the inputs as they are now.
  ///
  /// Scores of other inputs, and those that cannot be read, are a problem of their arm and no result.
  func comparison(failed: [String: MaskCTError]) -> Comparison {
    let current = Set(plan().filter(\.isDone).map(\.step))
    let arms = experiment.arms.map { arm in
      var runs: [EvaluationSummary] = []
      var problem = failed[arm.name]?.description
      for run in experiment.runs(of: arm.name) where failed[arm.name] == nil {
        let file = layout.summary(run)
        do {
          guard exists(file) else { continue }
          guard current.contains(.evaluate(run)) else {
            problem = "\(file): was made of other inputs; run the experiment again"
            continue
          }
          runs.append(try SummaryFile.read(file))
        } catch {
          problem = "\(error)"
        }
      }
      return Comparison.Arm(
        name: arm.name, title: arm.displayTitle, runs: runs,
        problem: problem ?? (runs.isEmpty ? "has not been run" : nil))
    }
    return Comparison(
      arms: arms,
      baseline: experiment.baseline.flatMap { name in
        experiment.arms.firstIndex { $0.name == name }
      }, structures: structures)
  }
}
