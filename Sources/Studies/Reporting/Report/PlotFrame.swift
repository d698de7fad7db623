/// Axes around a chart.
///
/// The labels are text of the page at places in per cent and the chart between them is stretched, so that
/// text keeps its size on a narrow screen. Fractions run from 0 to 1, to the right and up.
struct PlotFrame {
  /// A mark on an axis.
  struct Tick: Equatable {
    /// Where it is, 0 to 1.
    var place: Double
    /// What stands there.
    var text: String
  }

  /// What the chart shows, for those who do not see it.
  var label: String
  /// The height of the chart, pixels.
  var height: Int
  /// What the vertical axis is; stands above it.
  var yTitle: String
  /// Marks of the vertical axis.
  var yTicks: [Tick]
  /// What the horizontal axis is; empty for none.
  var xTitle = ""
  /// Marks of the horizontal axis.
  var xTicks: [Tick] = []
  /// In place of marks: names of columns of equal width.
  var columns: [String] = []

  /// The chart with its axes; `content` is an SVG element of the frame's height.
  func markup(_ content: Markup) -> Markup {
    let yLabels = yTicks.map { tick -> Markup in
      "<span style=\"bottom:\(percent(tick.place))\">\(tick.text)</span>"
    }
    let xLabels = xTicks.map { tick -> Markup in
      "<span style=\"left:\(percent(tick.place))\">\(tick.text)</span>"
    }
    let names = columns.map { name -> Markup in "<span>\(name)</span>" }
    let below: Markup =
      columns.isEmpty
      ? "<div class=\"plot-x\">\(xLabels)</div>"
      : """
      <div class="plot-columns" style="grid-template-columns:repeat(\(columns.count),minmax(0,1fr))">
      \(names)
      </div>
      """
    let title: Markup? = xTitle.isEmpty ? nil : "<div class=\"plot-x-title\">\(xTitle)</div>"
    return """
      <div class="plot" role="img" aria-label="\(label)">
      <div class="plot-y-title">\(yTitle)</div>
      <div class="plot-y" style="height:\(height)px">\(yLabels)</div>
      <div class="plot-area" style="height:\(height)px">\(content)</div>
      \(below)
      \(title)
      </div>
      """
  }

  private func percent(_ place: Double) -> String {
    ReportNumbers.attribute(100 * place) + "%"
  }

  /// A chart that is stretched to the frame: paths in a square of 1000 by 1000 with (0, 0) at the top
  /// left, over the frame's grid.
  func stretched(_ paths: [Markup]) -> Markup {
    let lines = yTicks.map { tick -> Markup in
      let y = ReportNumbers.attribute(1000 * (1 - tick.place), digits: 1)
      return "<path class=\"grid\" d=\"M0 \(y)H1000\"/>"
    }
    return markup(
      """
      <svg width="100%" height="\(height)" viewBox="0 0 1000 1000" preserveAspectRatio="none">
      \(lines + paths)
      </svg>
      """)
  }

  /// Round values that divide a range into about `count` parts, within the range.
  static func roundValues(
    _ range: ClosedRange<Double>, count: Int
  ) -> (values: [Double], digits: Int) {
    let extent = range.upperBound - range.lowerBound
    guard extent > 0, extent.isFinite, count > 0 else { return ([range.lowerBound], 2) }
    var power = 1.0
    var digits = 0
    while power * 10 <= extent / Double(count) { power *= 10 }
    while power > extent / Double(count) && digits < 9 {
      power /= 10
      digits += 1
    }
    let factor = [1, 2, 5, 10].first { $0 * power * Double(count) >= extent * 0.999 } ?? 10
    if factor == 10 && digits > 0 { digits -= 1 }
    let step = factor * power
    let first = Int((range.lowerBound / step - 1e-6).rounded(.up))
    let last = Int((range.upperBound / step + 1e-6).rounded(.down))
    return (first > last ? [] : (first...last).map { Double($0) * step }, digits)
  }

  /// A path through points in the square of 1000 by 1000; a gap where a point is missing.
  static func path(_ points: [SIMD2<Double>?]) -> String {
    var path = ""
    var isDown = false
    for point in points {
      guard let point, point.x.isFinite, point.y.isFinite else {
        isDown = false
        continue
      }
      path += isDown ? "L" : "M"
      path += ReportNumbers.attribute(1000 * point.x, digits: 1)
      path += " " + ReportNumbers.attribute(1000 * (1 - point.y), digits: 1)
      isDown = true
    }
    return path
  }
}
