public import Evaluation

/// Figures of structures in CT images as a table of plain text, and as comma-separated values.
public enum HUTable {
  private typealias Figure = KeyPath<HUStatistics, Double>

  private static var columns: [(title: String, figure: Figure, digits: Int)] {
    [
      ("within", \.deviation, 0), ("noise", \.noise, 0), ("corr xy", \.planeCorrelation, 2),
      ("corr z", \.axialCorrelation, 2),
    ]
  }

  /// A line a structure: cases, mean HU, spread between cases, and medians of the other figures.
  public static func text(_ summary: HUStatisticsRun.Summary) -> TextTable {
    var table = TextTable(["structure", "cases", "mean HU", "between"] + columns.map(\.title))
    for (index, name) in summary.structures.enumerated() {
      let means = summary.statistics(\.mean, structure: index)
      table.add(
        [
          name, String(means.count), fixed(means.mean, digits: 0),
          fixed(means.deviation, digits: 0),
        ]
          + columns.map {
            fixed(summary.statistics($0.figure, structure: index).median, digits: $0.digits)
          })
    }
    return table
  }

  /// Two sets in one table: for every structure a line of each, and one with what lies between them.
  ///
  /// - Parameter names: what the sets are called.
  public static func text(
    _ first: HUStatisticsRun.Summary, _ second: HUStatisticsRun.Summary,
    names: (first: String, second: String)
  ) -> TextTable {
    var table = TextTable(
      ["structure", "set", "cases", "mean HU", "between"] + columns.map(\.title)
        + ["distance", "shape", "texture"])
    for comparison in HUComparison.all(first, second) {
      for (summary, name) in [(first, names.first), (second, names.second)] {
        guard let index = summary.structures.firstIndex(of: comparison.structure) else { continue }
        let means = summary.statistics(\.mean, structure: index)
        table.add(
          [
            comparison.structure, name, String(means.count), fixed(means.mean, digits: 0),
            fixed(means.deviation, digits: 0),
          ]
            + columns.map {
              fixed(summary.statistics($0.figure, structure: index).median, digits: $0.digits)
            } + ["", "", ""])
      }
      table.add([
        comparison.structure, "ratio", "", "", "", fixed(comparison.deviation, digits: 2),
        fixed(comparison.noise, digits: 2), "", "", fixed(comparison.distance, digits: 0),
        fixed(comparison.shape, digits: 0), fixed(comparison.texture, digits: 2),
      ])
    }
    return table
  }

  /// A line a case and structure; a structure without figures has empty fields.
  public static func csv(_ summary: HUStatisticsRun.Summary) -> String {
    var lines = [
      "case,structure,voxels,mean,deviation,noise,plane_correlation,axial_correlation"
        + HUStatistics.lags.map { ",structure_function_\($0)" }.joined()
    ]
    for item in summary.cases {
      for (name, figures) in zip(summary.structures, item.structures) {
        let numbers =
          figures.map { figures in
            [String(figures.voxels), fixed(figures.mean, digits: 2)]
              + columns.map { number(figures[keyPath: $0.figure]) }
              + figures.structureFunction.map(number)
          } ?? ["0", "", "", "", "", ""] + HUStatistics.lags.map { _ in "" }
        lines.append(
          ([SummaryCSV.quoted(item.name), SummaryCSV.quoted(name)] + numbers).joined(separator: ",")
        )
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func number(_ value: Double) -> String {
    value.isNaN ? "" : fixed(value, digits: 3)
  }
}
