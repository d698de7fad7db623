import Reporting
import Testing
import Volumes

@Suite struct MeasurementReportTests {
  private let report = MeasurementReport(
    title: "Quality <A>", description: "Phantoms.",
    sections: [
      .init(
        id: "water", title: "Water", text: "A cylinder.",
        rows: [
          .init(name: "water", value: "0.1 HU", limit: "± 2 HU", verdict: .passed),
          .init(name: "air", value: "-980 HU", limit: "± 3 HU", verdict: .failed, note: "a & b"),
          .init(name: "noise", value: "12 HU", limit: "", verdict: .reported),
        ],
        charts: [
          .init(
            title: "Noise", xTitle: "mAs", yTitle: "HU",
            series: [
              .init(name: "measured", points: [[25, 20], [100, 10], [400, 5]]),
              .init(name: "theory", points: [[25, 20], [400, 5]], isReference: true),
            ], isLogarithmic: true)
        ],
        pictures: [
          MethodFigure(title: "Slice", caption: "Gray.", picture: Picture(width: 4, height: 4))
        ])
    ], settings: [.init(title: "Scanner", rows: [.init(key: "rows", value: "64")])],
    version: "1")

  @Test func pageSaysWhatFailed() {
    let html = report.html()
    #expect(html.contains("1 of 2 figures with a limit are within it, 1 is not."))
    #expect(html.contains("<h2 id=\"failed-title\">Outside the limits</h2>"))
    #expect(html.contains("Quality &lt;A&gt;") && html.contains("a &amp; b"))
    #expect(html.contains("src=\"data:image/png;base64,") && !html.contains("http"))
  }

  /// On logarithmic axes a power law is straight: its middle lies on the line between its ends.
  @Test func logarithmicAxesAreLogarithmic() throws {
    let html = report.html()
    // 20, 10, 5 at 25, 100, 400: five per cent of room above and below.
    #expect(html.contains("d=\"M0 45.5L500 500L1000 954.5\""))
  }

  @Test func allWithinIsSaid() {
    var report = report
    report.sections[0].rows.removeAll { $0.verdict == .failed }
    #expect(report.html().contains("All 1 figures with a limit are within it."))
    #expect(!report.html().contains("id=\"failed\""))
  }
}
