import Testing

@testable import Reporting

@Suite struct ReportChartTests {
  @Test func dotsOfASwarmDoNotTouch() {
    let places = [10.0, 10, 11, 12, 30, 10]
    let offsets = Swarm.offsets(places, diameter: 6, limit: 40)
    for i in places.indices {
      for j in places.indices where j < i {
        let (dx, dy) = (offsets[i] - offsets[j], places[i] - places[j])
        #expect(dx * dx + dy * dy >= 36 - 1e-6)
      }
    }
    #expect(offsets[0] == 0 && offsets[4] == 0)
    #expect(Swarm.offsets([1, 1, 1, 1, 1], diameter: 6, limit: 5).allSatisfy { abs($0) <= 5 })
  }

  @Test func boxesHoldTheMiddleHalf() throws {
    let box = try #require(BoxNumbers([1, 2, 3, 4, 5, 6, 7, 8, 30]))
    #expect(box.lower == 3 && box.median == 5 && box.upper == 7)
    #expect(box.least == 1 && box.greatest == 8)
    let one = try #require(BoxNumbers([4]))
    #expect(one.least == 4 && one.greatest == 4 && one.median == 4)
    #expect(BoxNumbers([]) == nil)
  }

  @Test func axesHaveRoundMarks() {
    func tenths(_ values: [Double]) -> [Int] { values.map { Int(($0 * 10).rounded()) } }
    #expect(tenths(PlotFrame.roundValues(0...1, count: 5).values) == [0, 2, 4, 6, 8, 10])
    let zoomed = PlotFrame.roundValues(0.6...1, count: 5)
    #expect(tenths(zoomed.values) == [6, 7, 8, 9, 10] && zoomed.digits == 1)
    let units = PlotFrame.roundValues(-1024...1500, count: 6).values
    #expect(units == [-1000, -500, 0, 500, 1000, 1500])
    #expect(PlotFrame.roundValues(0...50, count: 5).values == [0, 10, 20, 30, 40, 50])
    #expect(PlotFrame.roundValues(3...3, count: 5).values == [3])
  }

  @Test func theDiceAxisLeavesFewFailuresBelow() {
    #expect(DicePlot.Axis(for: []).lower == 0)
    #expect(DicePlot.Axis(for: [0.95, 0.97]).lower == 0.9)
    let good = (0..<30).map { 0.8 + 0.005 * Double($0) }
    #expect(DicePlot.Axis(for: good + [0]).lower == 0.7)
    #expect(DicePlot.Axis(for: [0, 0.1, 0.9]).lower == 0)
  }

  @Test func pathsBreakWhereAPointIsMissing() {
    #expect(PlotFrame.path([[0, 0], [0.5, 1], nil, [1, 0.25]]) == "M0 1000L500 0M1000 750")
  }

  @Test func markupEscapesText() {
    let name = "a<b>&\"'\u{1}"
    let markup: Markup = "<i title=\"\(name)\">\(name)</i>"
    let escaped = "a&lt;b&gt;&amp;&quot;&#39;\u{FFFD}"
    #expect(markup.source == "<i title=\"\(escaped)\">\(escaped)</i>")
    let outer: Markup = "<p>\(markup)\([markup, markup])\(nil as Markup?)</p>"
    #expect(outer.source.hasPrefix("<p><i title=") && outer.source.hasSuffix("</i></p>"))
  }

  @Test func numbersHaveTrueMinusSigns() {
    #expect(ReportNumbers.text(-0.1234, digits: 3) == "−0.123")
    #expect(ReportNumbers.signed(0.02, digits: 3) == "+0.020")
    #expect(ReportNumbers.signed(0.0001, digits: 3) == "0.000")
    #expect(ReportNumbers.p(0.0004) == "<\u{A0}0.001" && ReportNumbers.p(nil) == "–")
    #expect(ReportNumbers.attribute(12.50) == "12.5" && ReportNumbers.attribute(100) == "100")
  }
}
