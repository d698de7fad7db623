import Testing

@testable import maskct

@Suite struct ProgressLineTests {
  @Test func saysHowFarAndHowLong() {
    #expect(
      line(16, of: 64, reached: 41, elapsed: 41, "a")
        == "Scan 16/64  25 %  elapsed 0:41  left 2:03  a")
    #expect(line(0, of: 64, reached: 0, elapsed: 3) == "Scan 0/64  0 %  elapsed 0:03")
    #expect(
      line(2.5, of: 5, reached: 3700, elapsed: 3700)
        == "Scan 2/5  50 %  elapsed 1:01:40  left 1:01:40")
    #expect(line(5, of: 5, reached: 9, elapsed: 9) == "Scan 5/5  100 %  elapsed 0:09")
  }

  @Test func timeLeftCountsDownBetweenUpdates() {
    // One of four pieces after 10 s: 40 s in all, as long as the second takes no longer than that.
    #expect(line(1, of: 4, reached: 10, elapsed: 10).hasSuffix("left 0:30"))
    #expect(line(1, of: 4, reached: 10, elapsed: 16).hasSuffix("left 0:24"))
    #expect(line(1, of: 4, reached: 10, elapsed: 30).hasSuffix("left 0:30"))
  }

  /// The first of three pieces costs as much as the two others: done after 10 s, and so the whole after 20.
  @Test func costsOfPiecesCount() {
    func line(_ done: Double, reached: Int) -> String {
      ProgressLine.text(
        stage: "Scan", done: done, total: 3, costs: [6, 2, 4], detail: "",
        reached: .seconds(reached), elapsed: .seconds(reached))
    }
    #expect(line(1, reached: 10) == "Scan 1/3  50 %  elapsed 0:10  left 0:10")
    #expect(line(2.5, reached: 15) == "Scan 2/3  83 %  elapsed 0:15  left 0:03")
    #expect(line(3, reached: 20) == "Scan 3/3  100 %  elapsed 0:20")
  }

  /// Two of four pieces were there before: one more takes 10 s, and so does the last.
  @Test func workThatGoesOnIsTimedByWhatIsNew() {
    let line = ProgressLine.text(
      stage: "Scan", done: 3, total: 4, first: 2, detail: "", reached: .seconds(10),
      elapsed: .seconds(10))
    #expect(line == "Scan 3/4  75 %  elapsed 0:10  left 0:10")
  }

  private func line(
    _ done: Double, of total: Int, reached: Int, elapsed: Int, _ detail: String = ""
  ) -> String {
    ProgressLine.text(
      stage: "Scan", done: done, total: total, detail: detail, reached: .seconds(reached),
      elapsed: .seconds(elapsed))
  }
}
