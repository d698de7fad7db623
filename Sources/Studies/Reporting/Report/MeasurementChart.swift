import Support

/// A chart of a measurement report: curves with dots at their points, linear or logarithmic axes.
struct MeasurementChart {
  private let chart: MeasurementReport.Chart
  private let x: Axis
  private let y: Axis

  init(_ chart: MeasurementReport.Chart) {
    self.chart = chart
    let points = chart.series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
    x = Axis(points.map(\.x), isLogarithmic: chart.isLogarithmic, room: 0)
    y = Axis(points.map(\.y), isLogarithmic: chart.isLogarithmic, room: 0.05)
  }

  /// An axis with its marks.
  private struct Axis {
    let range: ClosedRange<Double>
    let isLogarithmic: Bool
    let ticks: [PlotFrame.Tick]

    /// - Parameter room: part of the extent that is left free at both ends.
    init(_ values: [Double], isLogarithmic: Bool, room: Double) {
      self.isLogarithmic = isLogarithmic
      let scaled = values.map { isLogarithmic ? logarithm($0) : $0 }
      let (low, high) = (scaled.min() ?? 0, scaled.max() ?? 1)
      let extent = max(high - low, isLogarithmic ? 0.1 : 1e-6)
      let range = low - room * extent...max(high, low + extent) + room * extent
      self.range = range
      func tick(_ value: Double, digits: Int) -> PlotFrame.Tick {
        let place = (isLogarithmic ? logarithm(value) : value) - range.lowerBound
        return .init(
          place: place / (range.upperBound - range.lowerBound),
          text: ReportNumbers.text(value, digits: digits))
      }
      guard isLogarithmic else {
        let round = PlotFrame.roundValues(range, count: 5)
        ticks = round.values.map { tick($0, digits: round.digits) }
        return
      }
      let steps = (-3...6).flatMap { decade in
        [1.0, 2, 5].map { (value: $0 * power(10, Double(decade)), digits: max(0, -decade)) }
      }
      ticks = steps.filter { range.contains(logarithm($0.value)) }.map {
        tick($0.value, digits: $0.digits)
      }
    }

    func place(_ value: Double) -> Double {
      ((isLogarithmic ? logarithm(value) : value) - range.lowerBound)
        / (range.upperBound - range.lowerBound)
    }
  }

  /// The chart with legend and caption.
  func figure() -> Markup {
    var next = 0
    let styles = chart.series.map { series -> ArmStyle in
      if series.isReference {
        var style = ArmStyle.baseline
        style.dash = "5 3"
        return style
      }
      next += 1
      return .other(next - 1)
    }
    let ends = chart.series.map { series in
      let last = series.points.last.map { ReportNumbers.text($0.y, digits: 2) } ?? "nothing"
      return "\(series.name) ends at \(last)"
    }
    let frame = PlotFrame(
      label: "\(chart.title): \(ends.joined(separator: "; "))", height: 220, yTitle: chart.yTitle,
      yTicks: y.ticks, xTitle: chart.xTitle, xTicks: x.ticks)
    let paths = zip(chart.series, styles).map { series, style -> Markup in
      let places = series.points.map { point -> SIMD2<Double>? in
        point.x.isFinite && point.y.isFinite ? [x.place(point.x), y.place(point.y)] : nil
      }
      return """
        <path class="line \(style.colorClass)" stroke-dasharray="\(style.dash)" \
        d="\(PlotFrame.path(places))"/>
        """
    }
    let legend = zip(chart.series, styles).map { series, style -> Markup in
      "<li>\(style.line) \(series.name)</li>"
    }
    return """
      <figure class="panel-cell">
      <h3>\(chart.title)</h3>
      \(frame.stretched(paths))
      <ul class="legend">\(legend)</ul>
      <figcaption>\(chart.caption)</figcaption>
      </figure>
      """
  }
}
