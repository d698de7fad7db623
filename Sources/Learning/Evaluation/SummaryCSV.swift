/// The scores as comma-separated values: one line a case and structure, for spreadsheets and R.
public enum SummaryCSV {
  /// The text: `case,structure,Dice,IoU,...`; a number that does not exist is an empty field, an
  /// infinite one `inf`.
  public static func text(_ summary: EvaluationSummary) -> String {
    var lines = [(["case", "structure"] + Metric.allCases.map(\.rawValue)).joined(separator: ",")]
    for scores in summary.cases {
      for (structure, score) in zip(summary.structures, scores.scores) {
        let numbers = Metric.allCases.map { metric -> String in
          let value = score[metric]
          if value.isNaN { return "" }
          if value.isInfinite { return "inf" }
          return metric.isCount ? String(Int(value)) : String(value)
        }
        lines.append(
          ([quoted(scores.name), quoted(structure.name)] + numbers).joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A field in quotes where it needs them (RFC 4180).
  public static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\n\r".contains($0) }) else { return field }
    return "\""
      + field.split(separator: "\"", omittingEmptySubsequences: false).joined(
        separator: "\"\"") + "\""
  }
}
