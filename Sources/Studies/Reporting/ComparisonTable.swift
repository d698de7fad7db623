public import Evaluation

/// A comparison as a table: a row an arm, in plain text, Markdown, LaTeX and CSV.
public struct ComparisonTable: Sendable {
  private let comparison: Comparison
  /// Published mean Dice by arm and structure.
  private let published: [String: [String: Double]]

  /// Prepares the tables of a comparison.
  ///
  /// - Parameter published: results of others, mean Dice by arm's name and structure.
  public init(_ comparison: Comparison, published: [String: [String: Double]] = [:]) {
    self.comparison = comparison
    self.published = published
  }

  /// Mean over all structures first where there are several, then each.
  public var sections: [(title: String, structure: Int?)] {
    let each = comparison.structures.enumerated().map { (title: $1, structure: Optional($0)) }
    return each.count > 1 ? [(title: "all structures", structure: nil)] + each : each
  }

  private static let header = [
    "arm", "cases", "Dice", "95 %", "median", "failures", "NSD", "HD95 mm", "difference", "95 %",
    "p",
  ]

  /// The cells of an arm's row; a failed arm has its name alone.
  private func cells(arm: Int, structure: Int?) -> [String] {
    let title = comparison.arms[arm].title
    guard let dice = comparison.result(arm: arm, structure: structure, metric: .dice) else {
      return [title]
    }
    func mean(_ metric: Metric, digits: Int) -> String {
      let result = comparison.result(arm: arm, structure: structure, metric: metric)
      return fixed(result?.mean ?? .nan, digits: digits)
    }
    let row = [
      title, "\(dice.count)", fixed(dice.mean, digits: 3), Self.interval(dice.interval),
      fixed(dice.median, digits: 3), "\(dice.failures)",
      mean(.normalisedSurfaceDice, digits: 3), mean(.hausdorff95, digits: 1),
    ]
    guard let difference = dice.difference else { return row + ["", "", ""] }
    return row + [
      Self.signed(difference.mean), Self.interval(difference.interval),
      Self.probability(difference.p),
    ]
  }

  private static func interval(_ range: ClosedRange<Double>?) -> String {
    range.map { "\(fixed($0.lowerBound, digits: 3)) to \(fixed($0.upperBound, digits: 3))" } ?? "-"
  }

  private static func signed(_ value: Double) -> String {
    (value > 0 ? "+" : "") + fixed(value, digits: 3)
  }

  private static func probability(_ p: Double?) -> String {
    guard let p else { return "-" }
    return p < 0.001 ? "<0.001" : fixed(p, digits: 3)
  }

  private func reference(arm: Int, structure: Int?) -> String? {
    guard !published.isEmpty else { return nil }
    let name =
      structure.map { comparison.structures[$0] }
      ?? (comparison.structures.count == 1 ? comparison.structures[0] : "")
    return published[comparison.arms[arm].name]?[name].map { fixed($0, digits: 3) } ?? ""
  }

  /// Header and rows of a section.
  private func rows(structure: Int?) -> (header: [String], rows: [[String]]) {
    var header = Self.header
    if !published.isEmpty { header.insert("published", at: 1) }
    let rows = comparison.arms.indices.map { arm -> [String] in
      var row = cells(arm: arm, structure: structure)
      while row.count < Self.header.count { row.append(row.count == 1 ? "failed" : "") }
      if let reference = reference(arm: arm, structure: structure) {
        row.insert(reference, at: 1)
      }
      return row
    }
    return (header, rows)
  }

  /// Plain text for a terminal: Dice of every structure side by side, then the section over all.
  public var text: String {
    let several = comparison.structures.count > 1
    var table = TextTable(
      ["arm", "cases"] + (several ? ["mean"] : []) + comparison.structures
        + ["NSD", "HD95 mm", "failures"])
    for arm in comparison.arms.indices {
      guard let all = comparison.result(arm: arm, structure: nil, metric: .dice) else {
        table.add([comparison.arms[arm].title, "failed"])
        continue
      }
      let each = comparison.structures.indices.map {
        fixed(
          comparison.result(arm: arm, structure: $0, metric: .dice)?.mean ?? .nan, digits: 3)
      }
      let surface = [(Metric.normalisedSurfaceDice, 3), (.hausdorff95, 1)].map { metric, digits in
        fixed(
          comparison.result(arm: arm, structure: nil, metric: metric)?.mean ?? .nan,
          digits: digits)
      }
      table.add(
        [comparison.arms[arm].title, "\(all.count)"]
          + (several ? [fixed(all.mean, digits: 3)] : []) + each + surface + ["\(all.failures)"])
    }
    return table.text
  }

  /// Markdown: a heading and a table a section.
  public var markdown: String {
    sections.map { section in
      let (header, rows) = rows(structure: section.structure)
      let lines =
        [header, header.indices.map { $0 == 0 ? "---" : "---:" }] + rows.map { $0.map(Self.plain) }
      return "### \(section.title)\n\n"
        + lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  private static func plain(_ cell: String) -> String {
    cell.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  /// LaTeX: a `tabular` a section, with `booktabs` rules.
  public var latex: String {
    let head =
      "% Needs \\usepackage{booktabs}. Dice: mean over cases and 95 % bootstrap interval.\n"
    return head
      + sections.map { section in
        let (header, rows) = rows(structure: section.structure)
        let columns = "l" + String(repeating: "r", count: header.count - 1)
        let body = rows.map { $0.map(Self.escaped).joined(separator: " & ") + " \\\\" }
        return "\n% \(section.title)\n\\begin{tabular}{\(columns)}\n\\toprule\n"
          + header.map(Self.escaped).joined(separator: " & ") + " \\\\\n\\midrule\n"
          + body.joined(separator: "\n") + "\n\\bottomrule\n\\end{tabular}\n"
      }.joined()
  }

  /// Text for LaTeX, with its special characters escaped.
  package static func escaped(_ cell: String) -> String {
    let words: [Character: String] = [
      "%": "\\%", "&": "\\&", "_": "\\_", "#": "\\#", "$": "\\$", "{": "\\{", "}": "\\}",
      "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "\\": "\\textbackslash{}",
      "<": "$<$", ">": "$>$", "×": "$\\times$", "≥": "$\\ge$", "–": "--", "²": "$^2$",
    ]
    return cell.map { words[$0] ?? String($0) }.joined()
  }

  /// Comma-separated values: one line per arm, structure and metric, with full precision.
  public var csv: String {
    var lines = [
      "arm,structure,metric,cases,excluded,mean,low,high,median,failures,difference,"
        + "difference_low,difference_high,p"
    ]
    let metrics: [Metric] = [.dice, .normalisedSurfaceDice, .hausdorff95, .meanSurfaceDistance]
    for arm in comparison.arms.indices {
      for section in sections {
        for metric in metrics {
          guard
            let result = comparison.result(arm: arm, structure: section.structure, metric: metric)
          else { continue }
          let numbers: [Double?] = [
            result.mean, result.interval?.lowerBound, result.interval?.upperBound, result.median,
            Double(result.failures), result.difference?.mean,
            result.difference?.interval?.lowerBound, result.difference?.interval?.upperBound,
            result.difference?.p,
          ]
          let fields =
            [
              SummaryCSV.quoted(comparison.arms[arm].name), SummaryCSV.quoted(section.title),
              metric.rawValue, "\(result.count)", "\(result.excluded)",
            ]
            + numbers.enumerated().map { index, number in
              guard let number, number.isFinite else { return "" }
              return index == 4 ? "\(Int(number))" : "\(number)"
            }
          lines.append(fields.joined(separator: ","))
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Comma-separated values: one line per arm, run, case and structure.
  public var scores: String {
    var lines = ["arm,run,case,structure,Dice,NSD,HD95,ASSD"]
    for arm in comparison.arms {
      for (run, summary) in arm.runs.enumerated() {
        for scores in summary.cases {
          for (name, score) in zip(comparison.structures, scores.scores) {
            let numbers = [
              Metric.dice, .normalisedSurfaceDice, .hausdorff95, .meanSurfaceDistance,
            ].map { metric -> String in
              let value = score[metric]
              return value.isNaN ? "" : value.isInfinite ? "inf" : "\(value)"
            }
            lines.append(
              ([arm.name, "\(run + 1)", scores.name, name].map(SummaryCSV.quoted) + numbers)
                .joined(separator: ","))
          }
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
