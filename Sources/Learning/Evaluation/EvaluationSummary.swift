import Support
/// The scores of a whole evaluation, and what could not be scored.
public struct EvaluationSummary: Equatable, Sendable {
  /// What was compared.
  public var structures: [EvaluatedStructure]
  /// The tolerance of the normalised surface Dice, mm.
  public var tolerance: Double
  /// The scored cases, by name.
  public var cases: [CaseScores]
  /// Cases that could not be scored: one line each, naming the file and the remedy.
  public var failures: [CaseFailure]

  /// A case without scores.
  public struct CaseFailure: Equatable, Sendable {
    /// The case's name.
    public var name: String
    /// What is wrong, with file and remedy.
    public var problem: String

    /// Creates a failure.
    public init(name: String, problem: String) {
      self.name = name
      self.problem = problem
    }
  }

  /// Creates a summary.
  public init(
    structures: [EvaluatedStructure], tolerance: Double, cases: [CaseScores],
    failures: [CaseFailure] = []
  ) {
    self.structures = structures
    self.tolerance = tolerance
    self.cases = cases
    self.failures = failures
  }

  /// Whether every case was scored.
  public var isComplete: Bool { failures.isEmpty }

  /// A metric of one structure over all cases.
  ///
  /// Undefined values (both masks empty) and infinite distances (one mask empty) are left out, and
  /// counted in `excluded`.
  public func statistics(_ metric: Metric, structure index: Int) -> Statistics {
    Statistics(cases.map { $0.scores[index][metric] })
  }

  /// The mean over structures of their mean over cases, as nnU-Net's `foreground_mean`.
  public func foregroundMean(_ metric: Metric) -> Double {
    Statistics(structures.indices.map { statistics(metric, structure: $0).mean }).mean
  }

  /// What a reader of the numbers has to know: one sentence each.
  public var notes: [String] {
    var notes: [String] = []
    for (index, structure) in structures.enumerated() {
      let overlaps = cases.map { ($0.name, $0.scores[index].overlap) }
      let nowhere = overlaps.filter { $0.1.predicted == 0 && $0.1.referenced == 0 }.map(\.0)
      let missed = overlaps.filter { $0.1.predicted == 0 && $0.1.referenced > 0 }.map(\.0)
      let invented = overlaps.filter { $0.1.predicted > 0 && $0.1.referenced == 0 }.map(\.0)
      if !nowhere.isEmpty {
        notes.append(
          "\(structure.name): in neither prediction nor reference of \(Self.list(nowhere)); "
            + "not part of any mean")
      }
      if !missed.isEmpty {
        notes.append(
          "\(structure.name): not predicted in \(Self.list(missed)); Dice and NSD count as 0, "
            + "distances are infinite and not part of their mean")
      }
      if !invented.isEmpty {
        notes.append(
          "\(structure.name): predicted but not in the reference of \(Self.list(invented)); Dice "
            + "and NSD count as 0, distances are infinite and not part of their mean")
      }
    }
    for scores in cases { notes += scores.notes.map { "\(scores.name): \($0)" } }
    return notes
  }

  private static func list(_ names: [String]) -> String {
    names.count <= 5
      ? names.joined(separator: ", ")
      : names[..<4].joined(separator: ", ") + " and \(names.count - 4) more cases"
  }
}
