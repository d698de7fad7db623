import Evaluation

/// The Dice of every case as a dot, in a column an arm, over a box plot.
struct DicePlot {
  /// The range of Dice that is drawn; the upper end is 1.
  struct Axis: Equatable {
    /// The lower end, a multiple of 0.1.
    var lower: Double

    /// An axis that holds all but the lowest twentieth of the values: a few failures must not press all others
    /// together.
    init(for values: [Double]) {
      let sorted = values.sorted()
      let low = sorted.isEmpty ? 0 : sorted[sorted.count / 20]
      lower = min(0.9, max(0, ((low - 0.02) * 10).rounded(.down) / 10))
    }

    /// Where a value is, 0 to 1 and below 0 for values under the axis.
    func place(_ value: Double) -> Double { (value - lower) / (1 - lower) }
  }

  private let comparison: Comparison
  private let styles: [ArmStyle]

  init(_ comparison: Comparison, styles: [ArmStyle]) {
    self.comparison = comparison
    self.styles = styles
  }

  /// All charts: over all structures, then one for every structure if there are several; nil where
  /// no arm has a score.
  func section() -> Markup? {
    let all = axis([nil])
    guard !values([nil]).isEmpty else { return nil }
    var content: Markup = """
      <figure class="wide">
      \(chart(nil, title: overallTitle, axis: all, height: 300))
      <figcaption>\(caption([nil], axis: all))</figcaption>
      </figure>
      """
    if comparison.structures.count > 1 {
      let structures = comparison.structures.indices.map(Optional.some)
      let shared = axis(structures)
      let panels = structures.map { structure -> Markup in
        let title = comparison.structures[structure!]
        return """
          <div class="panel-cell">
          <h3>\(title)</h3>
          \(chart(structure, title: title, axis: shared, height: 190))
          </div>
          """
      }
      content += """

        <figure>
        <div class="multiples">
        \(panels)
        </div>
        <figcaption>One chart a structure, all with one axis. \
        \(caption(structures, axis: shared))</figcaption>
        </figure>
        """
    }
    return content
  }

  private var overallTitle: String {
    comparison.structures.count == 1 ? comparison.structures[0] : "mean over structures"
  }

  private func values(_ structures: [Int?]) -> [Double] {
    structures.flatMap { structure in
      comparison.arms.indices.flatMap {
        comparison.values(arm: $0, structure: structure, metric: .dice).map(\.value)
      }
    }
  }

  private func axis(_ structures: [Int?]) -> Axis { Axis(for: values(structures)) }

  private func caption(_ structures: [Int?], axis: Axis) -> String {
    let below = values(structures).count { $0 < axis.lower }
    var text =
      "A dot is a case: point at it for its name. The box holds the middle half of the cases, its line is "
      + "the median; whiskers reach to the last case within 1.5 box heights. "
    text +=
      axis.lower > 0
      ? "The axis runs from \(fixed(axis.lower, digits: 1)) to 1, not from 0"
      : "The axis runs from 0 to 1"
    if below > 0 {
      text +=
        "; \(below == 1 ? "one value lies" : "\(below) values lie") below it and "
        + "\(below == 1 ? "is" : "are") drawn as a small arrow at its foot"
    }
    return text + "."
  }

  /// One chart.
  private func chart(_ structure: Int?, title: String, axis: Axis, height: Int) -> Markup {
    let ticks = PlotFrame.roundValues(axis.lower...1, count: 5)
    let medians = comparison.arms.indices.map { arm -> String in
      let values = comparison.values(arm: arm, structure: structure, metric: .dice).map(\.value)
      let name = comparison.arms[arm].title
      guard !values.isEmpty else { return "\(name): no scores" }
      let median = ReportNumbers.text(Statistics(values).median, digits: 3)
      return "\(name): median \(median) of \(ReportNumbers.count(values.count, "case"))"
    }
    let frame = PlotFrame(
      label: "Dice of every case, \(title). \(medians.joined(separator: "; ")).", height: height,
      yTitle: "Dice",
      yTicks: ticks.values.map {
        .init(place: axis.place($0), text: fixed($0, digits: max(1, ticks.digits)))
      },
      columns: comparison.arms.map(\.name))
    let lines = frame.yTicks.map { tick -> Markup in
      let y = ReportNumbers.attribute(Double(height) * (1 - tick.place), digits: 1)
      return "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"\(y)\" y2=\"\(y)\"/>"
    }
    let columns = comparison.arms.indices.map {
      column(arm: $0, structure: structure, axis: axis, height: Double(height))
    }
    return frame.markup(
      """
      <svg class="swarm" width="100%" height="\(height)">
      \(lines + columns)
      </svg>
      """)
  }

  /// The dots and the box of an arm, drawn around x = 0 at the middle of its column.
  private func column(arm: Int, structure: Int?, axis: Axis, height: Double) -> Markup {
    let count = Double(comparison.arms.count)
    let middle = ReportNumbers.attribute(100 * (Double(arm) + 0.5) / count)
    let values = comparison.values(arm: arm, structure: structure, metric: .dice)
    guard let box = BoxNumbers(values.map(\.value)) else {
      return """
        <svg class="column" x="\(middle)%"><text class="none" text-anchor="middle" \
        y="\(ReportNumbers.attribute(height / 2))">none</text></svg>
        """
    }
    // The narrowest screen leaves about 310 pixels for all columns.
    let half = min(26, 310 / count / 2 - 4)
    func y(_ value: Double) -> Double { height * (1 - max(0, axis.place(value))) }
    let visible = values.filter { $0.value >= axis.lower }
    let offsets = Swarm.offsets(
      visible.map { y($0.value) }, diameter: 7.6, limit: half - 4)
    var dots = zip(visible, offsets).map { dot, offset -> Markup in
      """
      <use href="#\(styles[arm].shape)" x="\(ReportNumbers.attribute(offset, digits: 1))" \
      y="\(ReportNumbers.attribute(y(dot.value), digits: 1))">\(hover(dot))</use>
      """
    }
    let hidden = values.filter { $0.value < axis.lower }
    for (place, dot) in hidden.enumerated() {
      let x = 9 * (Double(place) - Double(hidden.count - 1) / 2)
      let left = ReportNumbers.attribute(max(-half, min(half, x)), digits: 1)
      dots.append(
        """
        <path class="below" d="M0-9V-1M-3-4.5 0-1 3-4.5" transform="translate(\(left) \
        \(ReportNumbers.attribute(height, digits: 1)))">\(hover(dot))</path>
        """)
    }
    return """
      <svg class="column \(styles[arm].colorClass)" x="\(middle)%">
      \(drawn(box, half: half, y: y))
      \(dots)
      </svg>
      """
  }

  private func hover(_ dot: (case: String, value: Double)) -> Markup {
    "<title>\(dot.case): \(ReportNumbers.text(dot.value, digits: 3))</title>"
  }

  private func drawn(_ box: BoxNumbers, half: Double, y: (Double) -> Double) -> Markup {
    func number(_ value: Double) -> String { ReportNumbers.attribute(value, digits: 1) }
    let top = number(y(box.upper))
    let bottom = number(y(box.lower))
    let boxHeight = number(y(box.lower) - y(box.upper))
    return """
      <path class="whisker" d="M0 \(number(y(box.greatest)))V\(top)M0 \(bottom)V\
      \(number(y(box.least)))"/>
      <rect class="box" x="\(number(-half))" y="\(top)" width="\(number(2 * half))" \
      height="\(boxHeight)"/>
      <path class="median" d="M\(number(-half)) \(number(y(box.median)))H\(number(half))"/>
      """
  }
}
