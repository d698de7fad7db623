public import Evaluation

/// Scores as tables of plain text.
public enum ScoreTable {
  /// The measures in the tables and their decimals.
  private static let columns: [(metric: Metric, title: String, digits: Int)] = [
    (.dice, "Dice", 3), (.normalisedSurfaceDice, "NSD", 3), (.hausdorff95, "HD95 mm", 1),
    (.meanSurfaceDistance, "ASSD mm", 2), (.predicted, "voxels", 0), (.referenced, "reference", 0),
  ]

  /// One structure: a line a case, then mean, median and standard deviation.
  ///
  /// `-` is a value that does not exist, `inf` a distance to an empty mask; neither is part of a mean.
  public static func cases(_ summary: EvaluationSummary, structure index: Int) -> TextTable {
    var table = TextTable(["case"] + columns.map(\.title))
    for scores in summary.cases {
      table.add(
        [scores.name] + columns.map { fixed(scores.scores[index][$0.metric], digits: $0.digits) })
    }
    table.addRule()
    let statistics = columns.map { summary.statistics($0.metric, structure: index) }
    for (name, value) in [
      ("mean", \Statistics.mean), ("median", \.median), ("sd", \.deviation),
    ] {
      table.add(
        [name] + zip(columns, statistics).map { fixed($1[keyPath: value], digits: $0.digits) })
    }
    return table
  }

  /// All structures: a line each with the number of cases and the means, then the mean over structures.
  public static func structures(_ summary: EvaluationSummary) -> TextTable {
    let measures = columns.filter { !$0.metric.isCount }
    var table = TextTable(
      ["structure", "cases"] + measures.flatMap { [$0.title, "sd"] })
    for (index, structure) in summary.structures.enumerated() {
      let dice = summary.statistics(.dice, structure: index)
      table.add(
        [structure.name, String(dice.count)]
          + measures.flatMap { measure in
            let values = summary.statistics(measure.metric, structure: index)
            return [values.mean, values.deviation].map { fixed($0, digits: measure.digits) }
          })
    }
    if summary.structures.count > 1 {
      table.addRule()
      table.add(
        ["mean", ""]
          + measures.flatMap { [fixed(summary.foregroundMean($0.metric), digits: $0.digits), ""] })
    }
    return table
  }
}
