import Evaluation
import Support

/// What the numbers say, in sentences.
struct Headline {
  /// Fewer cases than this make an interval rough.
  static let fewCases = 10

  private let comparison: Comparison
  /// Mean Dice over all structures, an arm; nil where it has no scores.
  private let results: [Comparison.Result?]

  init(_ comparison: Comparison) {
    self.comparison = comparison
    results = comparison.arms.indices.map { arm in
      let result = comparison.result(arm: arm, structure: nil, metric: .dice)
      return result.map { $0.count > 0 ? $0 : nil } ?? nil
    }
  }

  /// The sentence above all: the best arm against the baseline.
  var lead: Markup {
    guard let best = best else {
      if let baseline = comparison.baseline, let result = results[baseline] {
        return """
          Only the baseline, \(name(baseline)), has scores: mean Dice \(dice(result)) on \
          \(cases(result)). There is nothing to compare it with.
          """
      }
      return "No arm has scores, so there is nothing to compare."
    }
    let result = results[best]!
    let others = candidates.count - 1
    let scored = failed.isEmpty ? "" : " with scores"
    let among =
      others > 0
      ? "The best of \(candidates.count) synthetic arms\(scored)" : "The synthetic arm\(scored)"
    let own: Markup = "\(name(best)), has a mean Dice of \(dice(result)) on \(cases(result))"
    guard let baseline = comparison.baseline else {
      let first =
        others > 0 ? "The best of \(candidates.count) arms\(scored)" : "The only arm\(scored)"
      return "\(first), \(own). There is no arm trained on real CT to compare it with."
    }
    guard let reference = results[baseline] else {
      return """
        \(among), \(own). The arm to compare it with, \(name(baseline)), has no scores.
        """
    }
    return "\(among), \(own); \(name(baseline)) has \(dice(reference)) on \(cases(reference))."
  }

  /// What has to be said beside it.
  var remarks: [Markup] {
    [difference, choice, failures, gaps, smallness, unequalCases].compactMap(\.self)
  }

  /// Arms other than the baseline that have scores.
  private var candidates: [Int] {
    comparison.arms.indices.filter { $0 != comparison.baseline && results[$0] != nil }
  }

  private var best: Int? { candidates.max { results[$0]!.mean < results[$1]!.mean } }

  private var difference: Markup? {
    guard let best, let difference = results[best]?.difference else { return nil }
    let mean = ReportNumbers.signed(difference.mean, digits: 3)
    guard let interval = difference.interval else {
      return "The difference is \(mean) on one case, which says nothing of others."
    }
    let verdict =
      interval.lowerBound > 0
      ? "the interval lies above 0: the synthetic arm is better on such cases"
      : interval.upperBound < 0
        ? "the interval lies below 0: the synthetic arm is worse on such cases"
        : "the interval holds 0, so these cases do not tell the two apart, which does not make them "
          + "equal"
    let ends = ReportNumbers.interval(interval, digits: 3, isSigned: true)!
    let p = difference.p == nil ? "" : ", p\u{A0}\(ReportNumbers.p(difference.p).withEquals)"
    return """
      Case by case the difference is \(mean) \(ends) on \
      \(ReportNumbers.count(difference.count, "case"))\(p); \(verdict).
      """
  }

  private var choice: Markup? {
    guard candidates.count > 1, comparison.baseline.flatMap({ results[$0] }) != nil else {
      return nil
    }
    return """
      The best arm was picked by these same cases, which flatters it a little, and p is not \
      corrected for the number of arms.
      """
  }

  private var failed: [Int] { comparison.arms.indices.filter { results[$0] == nil } }

  private var failures: Markup? {
    guard !failed.isEmpty else { return nil }
    let names = failed.map { comparison.arms[$0].title }.joined(separator: ", ")
    return """
      \(failed.count) of \(ReportNumbers.count(comparison.arms.count, "arm")) \
      \(failed.count == 1 ? "has" : "have") no scores: \(names). The table says why.
      """
  }

  private var gaps: Markup? {
    let partly = comparison.arms.indices.filter {
      results[$0] != nil && comparison.arms[$0].problem != nil
    }
    guard !partly.isEmpty else { return nil }
    let names = partly.map { comparison.arms[$0].title }.joined(separator: ", ")
    return "Not all was scored of \(names); the table says what is missing."
  }

  private var smallness: Markup? {
    let counts = results.compactMap { $0?.count }
    guard let least = counts.min(), least < Self.fewCases else { return nil }
    let what =
      least == 1 ? "one case there is no interval" : "\(least) cases the intervals are rough"
    return "With only \(what): read the dots, not the third decimal."
  }

  private var unequalCases: Markup? {
    let counts = results.compactMap { $0?.count }
    guard let least = counts.min(), let most = counts.max(), least < most else { return nil }
    return """
      The arms were scored on \(least) to \(most) cases; a difference is over the cases that both \
      arms have.
      """
  }

  private func name(_ arm: Int) -> Markup { "<strong>\(comparison.arms[arm].title)</strong>" }

  private func dice(_ result: Comparison.Result) -> Markup {
    let mean = ReportNumbers.text(result.mean, digits: 3)
    guard let interval = ReportNumbers.interval(result.interval, digits: 3) else {
      return "<strong>\(mean)</strong>"
    }
    return "<strong>\(mean)</strong> \(interval)"
  }

  private func cases(_ result: Comparison.Result) -> String {
    ReportNumbers.count(result.count, "case")
  }
}

extension String {
  /// A p value with its sign of relation: `= 0.031`, `< 0.001`.
  fileprivate var withEquals: String { hasPrefix("<") ? self : "=\u{A0}" + self }
}
