import Evaluation

/// The scores of all arms, a table over all structures and one a structure.
struct ResultTable {
  private let comparison: Comparison
  private let published: [PublishedResult]
  private let styles: [ArmStyle]
  /// Where the published numbers come from, in the order of their first use.
  private let sources: [String]

  init(_ comparison: Comparison, published: [PublishedResult], styles: [ArmStyle]) {
    self.comparison = comparison
    self.published = published
    self.styles = styles
    sources = published.reduce(into: []) { if !$0.contains($1.source) { $0.append($1.source) } }
  }

  /// The tables; script turns them into tabs where there are several.
  func section() -> Markup {
    let single = comparison.structures.count == 1
    let choices: [Int?] = single ? [0] : [nil] + comparison.structures.indices.map(Optional.some)
    let panels = choices.enumerated().map { place, structure -> Markup in
      let title = structure.map { comparison.structures[$0] } ?? "All structures"
      return """
        <section class="panel" id="scores-\(place)" aria-labelledby="scores-\(place)-title">
        <h3 id="scores-\(place)-title">\(title)</h3>
        \(table(structure, title: title))
        \(values(structure, title: title))
        </section>
        """
    }
    return """
      <div class="tabs" data-label="Structure">
      \(panels)
      </div>
      \(footnotes)
      \(publishedList)
      """
  }

  private var hasBaseline: Bool { comparison.baseline != nil }

  // MARK: - One table

  private func table(_ structure: Int?, title: String) -> Markup {
    let shown = comparison.arms.indices.map { publishedResult(arm: $0, structure: structure) }
    let hasPublished = shown.contains { $0 != nil }
    let reference: Markup? = hasPublished ? "<th scope=\"col\">published Dice</th>" : nil
    let difference: Markup? =
      hasBaseline
      ? """
      <th scope="col">difference <span class="unit">95 % interval</span></th>
      <th scope="col">p</th>
      """ : nil
    let rows = comparison.arms.indices.map { arm in
      row(arm: arm, structure: structure, published: hasPublished ? .some(shown[arm]) : nil)
    }
    return """
      <div class="scroll" role="region" tabindex="0" aria-label="Scores, \(title)">
      <table class="scores">
      <thead><tr><th scope="col" class="name">arm</th><th scope="col">cases</th>
      <th scope="col">mean Dice <span class="unit">95 % interval</span></th>\(reference)
      <th scope="col">median</th><th scope="col">failures</th><th scope="col">NSD</th>
      <th scope="col">HD95 <span class="unit">mm</span></th>\(difference)</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      </div>
      """
  }

  private func row(
    arm index: Int, structure: Int?, published: PublishedResult??
  ) -> Markup {
    let arm = comparison.arms[index]
    let isBaseline = index == comparison.baseline
    let baseline: Markup? = isBaseline ? " <span class=\"tag\">baseline</span>" : nil
    let runs: Markup? =
      arm.runs.count > 1 ? " <span class=\"unit\">mean of \(arm.runs.count) runs</span>" : nil
    let key: Markup? = arm.title == arm.name ? nil : " <span class=\"unit\">\(arm.name)</span>"
    let head: Markup = """
      <th scope="row" class="name">\(styles[index].badge) \(arm.title)\(key)\(baseline)\(runs)</th>
      """
    let reference = published.map(publishedCell)
    let columns = 7 + (hasBaseline ? 2 : 0) + (reference == nil ? 0 : 1)
    guard let dice = comparison.result(arm: index, structure: structure, metric: .dice),
      dice.count > 0
    else {
      let dashes: (Int) -> Markup = {
        Markup(repeatElement("<td>–</td>", count: $0), separator: "")
      }
      return """
        <tr class="failed">\(head)<td>0</td><td>–</td>\(reference)\
        \(dashes(4 + (hasBaseline ? 2 : 0)))</tr>
        \(reason(arm.problem ?? "No case has a score.", columns: columns))
        """
    }
    let incomplete = arm.problem.map { reason($0, columns: columns) }
    return """
      <tr class="\(isBaseline ? "baseline" : "other")\(arm.problem == nil ? "" : " failed")">\
      \(head)<td>\(dice.count)</td>\
      <td><b>\(ReportNumbers.text(dice.mean, digits: 3))</b>\(interval(dice.interval))</td>\
      \(reference)<td>\(ReportNumbers.text(dice.median, digits: 3))</td>\
      <td>\(dice.failures)</td>\
      <td>\(mean(.normalisedSurfaceDice, arm: index, structure: structure, digits: 3))</td>\
      <td>\(mean(.hausdorff95, arm: index, structure: structure, digits: 1))</td>\
      \(differenceCells(dice, isBaseline: isBaseline))</tr>\(incomplete)
      """
  }

  /// Why an arm has no scores, or not all, in a row of its own that stays in view.
  private func reason(_ text: String, columns: Int) -> Markup {
    "<tr class=\"reason\"><td colspan=\"\(columns)\"><div>\(text)</div></td></tr>"
  }

  private func interval(_ interval: ClosedRange<Double>?, isSigned: Bool = false) -> Markup? {
    ReportNumbers.interval(interval, digits: 3, isSigned: isSigned).map { text -> Markup in
      " <span class=\"interval\">\(text)</span>"
    }
  }

  /// The mean of a metric, and how many values are not part of it.
  private func mean(_ metric: Metric, arm: Int, structure: Int?, digits: Int) -> Markup {
    let values = comparison.values(arm: arm, structure: structure, metric: metric)
    let cases = Set(comparison.arms[arm].runs.flatMap { $0.cases.map(\.name) }).count
    let without: Markup? =
      values.count < cases
      ? " <span class=\"interval\">without \(cases - values.count)</span>" : nil
    let mean = Statistics(values.map(\.value)).mean
    return "\(ReportNumbers.text(mean, digits: digits))\(without)"
  }

  private func differenceCells(_ dice: Comparison.Result, isBaseline: Bool) -> Markup? {
    guard hasBaseline else { return nil }
    guard !isBaseline, let difference = dice.difference else { return "<td>–</td><td>–</td>" }
    return """
      <td>\(ReportNumbers.signed(difference.mean, digits: 3))\
      \(interval(difference.interval, isSigned: true))</td>\
      <td>\(ReportNumbers.p(difference.p))</td>
      """
  }

  // MARK: - Every case

  private func values(_ structure: Int?, title: String) -> Markup? {
    let columns = comparison.arms.indices.map { arm in
      Dictionary(
        uniqueKeysWithValues: comparison.values(arm: arm, structure: structure, metric: .dice)
          .map { ($0.case, $0.value) })
    }
    let cases = Set(columns.flatMap(\.keys)).sorted()
    guard !cases.isEmpty else { return nil }
    let heads = comparison.arms.map { arm -> Markup in "<th scope=\"col\">\(arm.name)</th>" }
    let rows = cases.map { name -> Markup in
      let cells = columns.map { column -> Markup in
        "<td>\(ReportNumbers.text(column[name] ?? .nan, digits: 3))</td>"
      }
      return "<tr><th scope=\"row\" class=\"name\">\(name)</th>\(Markup(cells, separator: ""))</tr>"
    }
    return """
      <details>
      <summary>Dice of every case</summary>
      <div class="scroll" role="region" tabindex="0" aria-label="Dice of every case, \(title)">
      <table><thead><tr><th scope="col" class="name">case</th>\
      \(Markup(heads, separator: ""))</tr></thead>
      <tbody>
      \(rows)
      </tbody></table>
      </div>
      </details>
      """
  }

  // MARK: - Published numbers

  /// The number published for an arm and structure; nil structure: for the mean over all, or for the only one.
  private func publishedResult(arm: Int, structure: Int?) -> PublishedResult? {
    let name = comparison.arms[arm].name
    let own = published.filter { $0.arm == name }
    guard let structure else { return own.first { $0.structure.isEmpty } }
    return own.first { $0.structure == comparison.structures[structure] }
      ?? (comparison.structures.count == 1 ? own.first { $0.structure.isEmpty } : nil)
  }

  private func publishedCell(_ result: PublishedResult?) -> Markup {
    guard let result else { return "<td>–</td>" }
    let number = sources.firstIndex(of: result.source)! + 1
    return """
      <td>\(ReportNumbers.text(result.dice, digits: 3)) <a class="source" \
      href="#source-\(number)" aria-label="source \(number)">[\(number)]</a></td>
      """
  }

  private var publishedList: Markup? {
    guard !published.isEmpty else { return nil }
    let items = sources.enumerated().map { place, source -> Markup in
      let numbers = published.filter { $0.source == source }.map { result in
        let arm = comparison.arms.first { $0.name == result.arm }?.title ?? result.arm
        let structure = result.structure.isEmpty ? "" : " (\(result.structure))"
        return "\(arm)\(structure) \(ReportNumbers.text(result.dice, digits: 3))"
      }
      return "<li id=\"source-\(place + 1)\">\(source): \(numbers.joined(separator: ", ")).</li>"
    }
    return """
      <div class="small">
      <p>Published numbers, from other test cases than those here:</p>
      <ol>
      \(items)
      </ol>
      </div>
      """
  }

  private var footnotes: Markup {
    let tolerances = Set(
      comparison.arms.flatMap { $0.runs.map { ReportNumbers.attribute($0.tolerance) } }
    ).sorted()
    let tolerance = tolerances.isEmpty ? "" : " at \(tolerances.joined(separator: ", ")) mm"
    let limit = ReportNumbers.attribute(Comparison.failureDice)
    let several = comparison.structures.count > 1
    let counted =
      several
      ? "cases, over all structures pairs of case and structure, with Dice under \(limit)"
      : "cases with Dice under \(limit)"
    let overall: Markup? =
      several
      ? "<li>All structures: a case's value is its mean over the structures.</li>" : nil
    let baseline = comparison.baseline.map { comparison.arms[$0].title }
    let difference: Markup? = baseline.map { title -> Markup in
      """
      <li>Difference: Dice less that of \(title) on the same cases, mean and 95 % bootstrap \
      interval; p is of Wilcoxon's signed-rank test, two-sided, not corrected for the number of \
      comparisons.</li>
      """
    }
    return """
      <ul class="small">
      \(overall)
      <li>Mean Dice with the 95 % bootstrap interval over cases. Failures: \(counted).</li>
      <li>NSD: normalised surface Dice\(tolerance). HD95: 95 % Hausdorff distance. \
      “Without k”: k cases have no finite value and are not part of the mean.</li>
      \(difference)
      </ul>
      """
  }
}
