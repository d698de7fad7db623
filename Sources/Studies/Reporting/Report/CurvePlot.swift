import Support

/// How the trainings went: Dice of all arms in one chart, the losses in a chart an arm.
struct CurvePlot {
  private let curves: [LearningCurve]
  private let names: [String]
  private let styles: [ArmStyle]

  /// - Parameters:
  ///   - name: what an arm is called.
  ///   - style: the style of the arm of a name; nil where it is none.
  init(_ curves: [LearningCurve], name: (String) -> String, style: (String) -> ArmStyle?) {
    self.curves = curves.filter { !$0.points.isEmpty }
    names = self.curves.map { name($0.arm) }
    styles = self.curves.enumerated().map { style($1.arm) ?? .other($0) }
  }

  /// All charts; nil where there is nothing to draw.
  func section() -> Markup? {
    let charts = [diceChart()].compactMap(\.self)
    let losses = lossCharts()
    guard !charts.isEmpty || !losses.isEmpty else { return nil }
    let multiples: Markup? =
      losses.isEmpty
      ? nil
      : """
      <figure>
      <div class="multiples">
      \(losses)
      </div>
      <figcaption>Loss over the epochs, one chart an arm, all with one axis. A loss with Dice in it \
      is negative where the Dice is high.</figcaption>
      </figure>
      """
    return Markup(charts + [multiples].compactMap(\.self))
  }

  private func diceChart() -> Markup? {
    let series = curves.map { curve in curve.points.map { ($0.epoch, $0.dice) } }
    guard series.joined().contains(where: { $0.1?.isFinite == true }) else { return nil }
    let frame = frame(
      series, lower: 0, height: 240, yTitle: "Dice",
      label: "Dice on held-out cases over the epochs. "
        + zip(names, series).map { name, points in
          "\(name) ends at \(ReportNumbers.text(points.last?.1 ?? .nan, digits: 3))"
        }.joined(separator: "; "))
    let paths = zip(series, styles).map { points, style in
      path(points, frame: frame, style: style, dash: style.dash)
    }
    let legend = zip(names, styles).map { name, style -> Markup in
      "<li>\(style.line) \(name)</li>"
    }
    return """
      <figure class="wide">
      \(frame.plot.stretched(paths))
      <ul class="legend">\(legend)</ul>
      <figcaption>Dice on cases held out from training, as the training itself counts it; these cases \
      are made like those of the training, so the curve says nothing of real CT where the training \
      has none.</figcaption>
      </figure>
      """
  }

  private func lossCharts() -> [Markup] {
    let series = curves.map { curve in
      (
        curve.points.map { ($0.epoch, $0.trainLoss) },
        curve.points.map { ($0.epoch, $0.validationLoss) }
      )
    }
    let all = series.flatMap { [$0.0, $0.1] }
    guard all.joined().contains(where: { $0.1?.isFinite == true }) else { return [] }
    return series.indices.map { index in
      let (train, validation) = series[index]
      let frame = frame(
        all, lower: nil, height: 160, yTitle: "loss",
        label: "Loss of \(names[index]): training ends at "
          + "\(ReportNumbers.text(train.last?.1 ?? .nan, digits: 3)), held out at "
          + ReportNumbers.text(validation.last?.1 ?? .nan, digits: 3))
      let style = styles[index]
      let hasValidation = validation.contains { $0.1 != nil }
      var paths = [path(train, frame: frame, style: .baseline, dash: "3 2")]
      if hasValidation { paths.append(path(validation, frame: frame, style: style, dash: "")) }
      var solid = style
      solid.dash = ""
      var dashed = ArmStyle.baseline
      dashed.dash = "3 2"
      let held: Markup? = hasValidation ? "<li>\(solid.line) held out</li>" : nil
      return """
        <div class="panel-cell">
        <h3>\(names[index])</h3>
        \(frame.plot.stretched(paths))
        <ul class="legend"><li>\(dashed.line) training</li>\(held)</ul>
        </div>
        """
    }
  }

  /// A frame with the ranges that its marks are places in.
  private struct Frame {
    var plot: PlotFrame
    var x: ClosedRange<Double>
    var y: ClosedRange<Double>
  }

  /// The frame of series of epoch and value; the values begin at `lower` or, without it, at the least.
  private func frame(
    _ series: [[(Int, Double?)]], lower: Double?, height: Int, yTitle: String, label: String
  ) -> Frame {
    let epochs = series.joined().map { Double($0.0) }
    let values = series.joined().compactMap(\.1).filter(\.isFinite)
    let least = values.min() ?? 0
    let greatest = max(values.max() ?? 1, least)
    let x = (epochs.min() ?? 0)...max((epochs.min() ?? 0) + 1, epochs.max() ?? 1)
    var y = min(lower ?? least, least)...(lower == nil ? greatest : max(1, greatest))
    if y.upperBound - y.lowerBound < 1e-9 { y = y.lowerBound...(y.lowerBound + 1) }
    let (xTicks, yTicks) = (
      PlotFrame.roundValues(x, count: 5), PlotFrame.roundValues(y, count: 6)
    )
    let (width, rise) = (x.upperBound - x.lowerBound, y.upperBound - y.lowerBound)
    return Frame(
      plot: PlotFrame(
        label: label, height: height, yTitle: yTitle,
        yTicks: yTicks.values.map {
          .init(
            place: ($0 - y.lowerBound) / rise, text: ReportNumbers.text($0, digits: yTicks.digits))
        },
        xTitle: "epoch",
        xTicks: xTicks.values.filter { $0 == $0.rounded() }.map {
          .init(place: ($0 - x.lowerBound) / width, text: ReportNumbers.text($0, digits: 0))
        }), x: x, y: y)
  }

  private func path(
    _ points: [(Int, Double?)], frame: Frame, style: ArmStyle, dash: String
  ) -> Markup {
    let places = points.map { epoch, value -> SIMD2<Double>? in
      guard let value, value.isFinite else { return nil }
      return [
        (Double(epoch) - frame.x.lowerBound) / (frame.x.upperBound - frame.x.lowerBound),
        (value - frame.y.lowerBound) / (frame.y.upperBound - frame.y.lowerBound),
      ]
    }
    return """
      <path class="line \(style.colorClass)" stroke-dasharray="\(dash)" \
      d="\(PlotFrame.path(places))"/>
      """
  }
}
