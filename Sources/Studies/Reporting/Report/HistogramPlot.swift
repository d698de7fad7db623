/// Histograms of HU over one another: real CT as a gray area, the others as lines.
struct HistogramPlot {
  /// Bins with less than this share of the greatest bin at either end are not drawn.
  static let negligible = 1e-4

  private let panel: HistogramPanel
  private let styles: [ArmStyle]
  /// Shares of the sum, in per cent, a series.
  private let shares: [[Double]]

  /// - Parameter style: the style of the arm of a name; nil where it is none.
  init(_ panel: HistogramPanel, style: (String) -> ArmStyle?) {
    self.panel = panel
    var next = 0
    styles = panel.series.map { series in
      if series.isReal { return .baseline }
      next += 1
      return style(series.name) ?? .other(next - 1)
    }
    shares = panel.series.map { series in
      let values = series.densities.map { $0.isFinite ? max(0, $0) : 0 }
      let sum = values.reduce(0, +)
      return values.map { sum > 0 ? 100 * $0 / sum : 0 }
    }
  }

  /// The chart with its legend; nil where all bins are empty.
  func figure() -> Markup? {
    let greatest = shares.joined().max() ?? 0
    guard greatest > 0, panel.binWidth > 0 else { return nil }
    let bins = drawnBins(greatest: greatest)
    let lowest = panel.lowest + Double(bins.lowerBound) * panel.binWidth
    let range = lowest...(lowest + Double(bins.count) * panel.binWidth)
    let xTicks = PlotFrame.roundValues(range, count: 6)
    let extent = range.upperBound - range.lowerBound
    let frame = PlotFrame(
      label: "\(panel.title): \(description)", height: 230,
      yTitle: "% of voxels in \(ReportNumbers.attribute(panel.binWidth)) HU, square-root scale",
      yTicks: yTicks(greatest: greatest),
      xTitle: "HU",
      xTicks: xTicks.values.map {
        .init(
          place: ($0 - range.lowerBound) / extent,
          text: ReportNumbers.text($0, digits: xTicks.digits))
      })
    // Real CT lies below the lines.
    let order =
      panel.series.indices.filter { panel.series[$0].isReal }
      + panel.series.indices.filter { !panel.series[$0].isReal }
    let paths = order.map { path($0, bins: bins, greatest: greatest) }
    let legend = panel.series.indices.map { index -> Markup in
      let swatch: Markup =
        panel.series[index].isReal ? "<span class=\"swatch-real\"></span>" : styles[index].line
      return "<li>\(swatch) \(panel.series[index].name)</li>"
    }
    return """
      <figure class="panel-cell">
      <h3>\(panel.title)</h3>
      \(frame.stretched(paths))
      <ul class="legend">\(legend)</ul>
      </figure>
      """
  }

  /// The means, in words.
  private var description: String {
    zip(panel.series, shares).map { series, shares in
      let mean = shares.enumerated().reduce(0) { sum, bin in
        sum + bin.element / 100 * (panel.lowest + (Double(bin.offset) + 0.5) * panel.binWidth)
      }
      return "\(series.name) has mean \(ReportNumbers.text(mean, digits: 0)) HU"
    }.joined(separator: "; ")
  }

  private func drawnBins(greatest: Double) -> Range<Int> {
    let count = shares.map(\.count).max() ?? 0
    let used = (0..<count).filter { bin in
      shares.contains { bin < $0.count && $0[bin] > Self.negligible * greatest }
    }
    return (used.first ?? 0)..<((used.last ?? 0) + 1)
  }

  private func yTicks(greatest: Double) -> [PlotFrame.Tick] {
    let round = PlotFrame.roundValues(0...greatest, count: 3)
    // The square root spreads what is small: one more mark there.
    let step = round.values.count > 1 ? round.values[1] : greatest
    let values = [0, step / 10] + round.values.dropFirst()
    return values.map { value in
      .init(
        place: (value / greatest).squareRoot(),
        text: ReportNumbers.attribute(value, digits: round.digits + 1))
    }
  }

  private func path(_ index: Int, bins: Range<Int>, greatest: Double) -> Markup {
    var points: [SIMD2<Double>] = []
    for (place, bin) in bins.enumerated() {
      let value = bin < shares[index].count ? shares[index][bin] : 0
      let height = (value / greatest).squareRoot()
      points.append([Double(place) / Double(bins.count), height])
      points.append([Double(place + 1) / Double(bins.count), height])
    }
    if panel.series[index].isReal {
      let area = PlotFrame.path([[0, 0]] + points + [[1, 0]])
      return "<path class=\"area base\" d=\"\(area)Z\"/>"
    }
    return """
      <path class="line \(styles[index].colorClass)" stroke-dasharray="\(styles[index].dash)" \
      d="\(PlotFrame.path(points))"/>
      """
  }
}
