/// Several models scored on the same cases: an arm each, compared with a baseline case by case.
///
/// Where an arm was trained several times (seeds, folds), a case's value is its mean over the runs, so
/// that the number of cases, not of runs, decides how wide an interval is.
public struct Comparison: Sendable, Equatable {
  /// One row of the table.
  public struct Arm: Sendable, Equatable {
    /// The arm's name, unique.
    public var name: String
    /// What it is called in tables.
    public var title: String
    /// The scores of every run; empty where the arm failed.
    public var runs: [EvaluationSummary]
    /// Why there are no scores, or not all; one line.
    public var problem: String?

    /// Creates an arm with the scores of all its runs.
    public init(name: String, title: String, runs: [EvaluationSummary], problem: String? = nil) {
      self.name = name
      self.title = title
      self.runs = runs
      self.problem = problem
    }

    /// Creates an arm with one run, or none.
    public init(name: String, title: String, summary: EvaluationSummary?, problem: String? = nil) {
      self.init(name: name, title: title, runs: summary.map { [$0] } ?? [], problem: problem)
    }

    /// The first run's scores; nil where the arm failed.
    public var summary: EvaluationSummary? { runs.first }
  }

  /// A metric of an arm over all cases.
  public struct Result: Sendable, Equatable {
    /// Cases with a finite value.
    public var count: Int
    /// Cases without: the structure is in neither mask, or a distance is infinite.
    public var excluded: Int
    /// Mean over cases.
    public var mean: Double
    /// Median over cases.
    public var median: Double
    /// 95 % bootstrap interval of the mean.
    public var interval: ClosedRange<Double>?
    /// How often Dice is under `failureDice`: cases, or over all structures pairs of case and structure.
    public var failures: Int
    /// Against the baseline; nil for the baseline itself and where there is none.
    public var difference: Difference?
  }

  /// What an arm has more than the baseline on the same cases.
  public struct Difference: Sendable, Equatable {
    /// Cases that both have.
    public var count: Int
    /// Mean of the differences.
    public var mean: Double
    /// 95 % bootstrap interval of that mean.
    public var interval: ClosedRange<Double>?
    /// Two-sided p of Wilcoxon's signed-rank test; nil where all differences are zero.
    public var p: Double?
  }

  /// A Dice under this is a failure, not an inaccuracy.
  public static let failureDice = 0.5

  /// The rows of the table.
  public var arms: [Arm]
  /// The index of the arm that the others are compared with.
  public var baseline: Int?
  /// Names of the structures, in the order of the scores.
  public var structures: [String]

  /// Creates a comparison; every run has scores for `structures` in this order.
  public init(arms: [Arm], baseline: Int?, structures: [String]) {
    self.arms = arms
    self.baseline = baseline
    self.structures = structures
  }

  /// The value of every case, by name.
  ///
  /// - Parameter structure: an index, or nil for the mean over the structures of a case.
  /// - Returns: finite values alone; see `Result.excluded`.
  public func values(
    arm: Int, structure: Int?, metric: Metric
  ) -> [(case: String, value: Double)] {
    var sums: [String: (sum: Double, count: Int)] = [:]
    for run in arms[arm].runs {
      for scores in run.cases {
        let value = Self.value(of: scores, structure: structure, metric: metric)
        guard value.isFinite else { continue }
        let old = sums[scores.name] ?? (0, 0)
        sums[scores.name] = (old.sum + value, old.count + 1)
      }
    }
    return sums.keys.sorted().map { ($0, sums[$0]!.sum / Double(sums[$0]!.count)) }
  }

  private static func value(
    of scores: CaseScores, structure: Int?, metric: Metric
  ) -> Double {
    if let structure { return scores.scores[structure][metric] }
    return Statistics(scores.scores.map { $0[metric] }).mean
  }

  /// A cell of the table; nil for an arm without scores.
  public func result(arm: Int, structure: Int?, metric: Metric) -> Result? {
    guard !arms[arm].runs.isEmpty else { return nil }
    let values = values(arm: arm, structure: structure, metric: metric)
    let numbers = values.map(\.value)
    let statistics = Statistics(numbers)
    let cases = Set(arms[arm].runs.flatMap { $0.cases.map(\.name) }).count
    return Result(
      count: numbers.count, excluded: cases - numbers.count, mean: statistics.mean,
      median: statistics.median, interval: Bootstrap.interval(ofMean: numbers),
      failures: failures(arm: arm, structure: structure),
      difference: difference(values, structure: structure, metric: metric, arm: arm))
  }

  private func failures(arm: Int, structure: Int?) -> Int {
    (structure.map { [$0] } ?? Array(structures.indices)).reduce(0) { sum, structure in
      sum
        + values(arm: arm, structure: structure, metric: .dice)
        .count { $0.value < Self.failureDice }
    }
  }

  private func difference(
    _ values: [(case: String, value: Double)], structure: Int?, metric: Metric, arm: Int
  ) -> Difference? {
    guard let baseline, baseline != arm, !arms[baseline].runs.isEmpty else { return nil }
    let others = Dictionary(
      uniqueKeysWithValues: self.values(arm: baseline, structure: structure, metric: metric)
        .map { ($0.case, $0.value) })
    let differences = values.compactMap { value in others[value.case].map { value.value - $0 } }
    guard !differences.isEmpty else { return nil }
    return Difference(
      count: differences.count, mean: Statistics(differences).mean,
      interval: Bootstrap.interval(ofMean: differences), p: WilcoxonSignedRank.p(differences))
  }
}
