import Evaluation
import FoundationEssentials
import Support
import Testing
@testable import Reporting

@Suite struct ComparisonReportTests {
  private static let report = SampleReport.make(cases: 12, slices: 20)
  private static let html = report.html()

  @Test func everyArmAndStructureAppears() {
    let html = Self.html
    for arm in Self.report.comparison.arms {
      #expect(html.contains(arm.title) && html.contains(">\(arm.name)<"))
    }
    for structure in Self.report.comparison.structures {
      #expect(html.contains(">\(structure)</h3>"))
    }
    for example in Self.report.examples { #expect(html.contains(example.caseName)) }
    for note in Self.report.notes { #expect(html.contains(note)) }
    #expect(html.contains("nnunetv2") && html.contains("MaskCT 0.1.0"))
  }

  @Test func methodsAndChecklistAreThere() {
    let html = Self.html
    #expect(html.contains("<p><b>Network.</b> All arms used nnU-Net 2.6.2 [1]"))
    #expect(html.contains("<li>Nikolov S, et al. Surface Dice.</li>"))
    #expect(html.contains("A checklist. 1 of 3 items are filled in"))
    #expect(html.contains("<td>2</td><th scope=\"row\">Summary</th>"))
    #expect(html.contains("Author: cite them."))
    #expect(html.components(of: "scope=\"colgroup\"") == 2)
  }

  @Test func aFailedArmKeepsItsRowAndReason() {
    let html = Self.html
    #expect(html.contains("not enough memory on the GPU"))
    #expect(html.contains("1 of 5 arms has no scores: Structures in a cylinder."))
  }

  @Test func numbersAreThoseOfTheComparison() throws {
    let comparison = Self.report.comparison
    for (arm, structure) in [(0, nil), (3, nil), (4, 2)] as [(Int, Int?)] {
      let result = try #require(
        comparison.result(arm: arm, structure: structure, metric: .dice))
      let ends = try #require(result.interval)
      let cell =
        "<td><b>\(fixed(result.mean, digits: 3))</b> <span class=\"interval\">"
        + "[\(fixed(ends.lowerBound, digits: 3)),\u{A0}\(fixed(ends.upperBound, digits: 3))]</span></td>"
      #expect(Self.html.contains(cell))
    }
    let difference = try #require(
      comparison.result(arm: 3, structure: nil, metric: .dice)?.difference)
    #expect(Self.html.contains(ReportNumbers.signed(difference.mean, digits: 3)))
    #expect(Self.html.contains("0.874 <a class=\"source\" href=\"#source-1\""))
  }

  @Test func textFromDataIsEscaped() {
    let evil = "<script>alert('\"&')</script>"
    let escaped = "&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"
    var report = SampleReport.make(cases: 3, slices: 8, failing: nil)
    let before = report.html().components(of: "<script>")
    report.title = evil
    report.description = evil
    report.notes = [evil]
    report.version = evil
    report.comparison.arms[1].title = evil
    report.comparison.arms[2].name = evil
    report.comparison.arms[3].problem = evil
    report.comparison.arms[3].runs[0].cases[0].name = evil
    report.comparison.structures[0] = evil
    report.published[0].source = evil
    report.method[0].caption = evil
    report.histograms[0].series[1].name = evil
    report.curves[0].arm = evil
    report.examples[0].caseName = evil
    report.settings[0].rows[0].value = evil
    report.methods?.paragraphs[0].text = evil
    report.checklist[0].answer = evil
    report.checklistSource = evil
    let html = report.html()
    #expect(html.components(of: "<script>") == before)
    #expect(!html.contains("alert('"))
    #expect(html.components(of: escaped) > 15)
    expectBalanced(html)
  }

  @Test func tagsAreBalancedAndIdentifiersUnique() {
    expectBalanced(Self.html)
    var seen: Set<String> = []
    for id in Self.attributes(" id=", of: Self.html) {
      #expect(seen.insert(id).inserted, "id \(id) is used once")
    }
    for target in Self.attributes(" href=", of: Self.html) where target.hasPrefix("#") {
      #expect(seen.contains(String(target.dropFirst())), "\(target) leads somewhere")
    }
    for target in Self.attributes(" aria-labelledby=", of: Self.html) {
      #expect(seen.contains(target))
    }
  }

  @Test func nothingIsLoadedFromElsewhere() {
    let html = Self.html
    for text in ["http:", "https:", "@import", "url(", "//cdn"] {
      #expect(!html.contains(text), "\(text)")
    }
    for attribute in [" src=", " href="] {
      for target in Self.attributes(attribute, of: html) {
        #expect(target.hasPrefix("#") || target.hasPrefix("data:"))
      }
    }
  }

  @Test func equalReportsGiveEqualBytes() {
    #expect(SampleReport.make(cases: 12, slices: 20).html() == Self.html)
  }

  @Test func aLongListOfNotesIsFolded() {
    var report = Self.report
    report.examples = []
    report.notes = (0..<20).map { "Note \($0)." }
    let html = report.html()
    #expect(html.contains("<summary>16 more</summary>"))
    for note in report.notes { #expect(html.contains("<li>\(note)</li>")) }
    expectBalanced(html)
  }

  @Test func runsOfAnArmKeepItsStyle() {
    var report = Self.report
    report.examples = []
    report.curves = [1, 2].map { run in
      var curve = Self.report.curves[3]
      curve.arm = "video-seed\(run)"
      return curve
    }
    let html = report.html()
    #expect(html.contains("<h3>Natural video, seed1</h3>"))
    #expect(html.contains("<h3>Natural video, seed2</h3>"))
  }

  @Test func anEmptyReportIsStillAPage() {
    let comparison = Comparison(
      arms: [.init(name: "only", title: "Only", summary: nil, problem: "no GPU")], baseline: nil,
      structures: ["liver"])
    let html = ComparisonReport(
      title: "T", description: "", comparison: comparison, published: [], method: [],
      histograms: [], curves: [], examples: [], settings: [], notes: []
    ).html()
    #expect(html.contains("No arm has scores") && html.contains("no GPU"))
    #expect(!html.contains("id=\"examples\"") && !html.contains("id=\"cases\""))
    expectBalanced(html)
  }

  /// Writes the sample where a browser can open it: `MASKCT_REPORT_SAMPLE=page.html swift test`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["MASKCT_REPORT_SAMPLE"] != nil))
  func writesASample() throws {
    let path = ProcessInfo.processInfo.environment["MASKCT_REPORT_SAMPLE"]!
    let html = SampleReport.make().html()
    try AtomicFile.write(Array(html.utf8), to: path)
    #expect(html.utf8.count < 8_000_000)
  }

  private static func attributes(_ name: String, of html: String) -> [String] {
    var values: [String] = []
    var rest = html[...]
    while let found = rest.firstRange(of: name + "\"") {
      rest = rest[found.upperBound...]
      guard let end = rest.firstIndex(of: "\"") else { break }
      values.append(String(rest[..<end]))
    }
    return values
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}

/// Every start tag has its end tag, in order; elements without content have none.
func expectBalanced(_ html: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let void: Set<String> = ["meta", "link", "img", "input", "br", "hr", "!doctype"]
  let bytes = Array(html.utf8)
  var open: [String] = []
  var i = 0
  while i < bytes.count {
    guard bytes[i] == UInt8(ascii: "<") else {
      i += 1
      continue
    }
    var end = i
    var isQuoted = false
    while end < bytes.count && (isQuoted || bytes[end] != UInt8(ascii: ">")) {
      if bytes[end] == UInt8(ascii: "\"") { isQuoted.toggle() }
      end += 1
    }
    let tag = String(decoding: bytes[(i + 1)..<min(end, bytes.count)], as: UTF8.self)
    i = end + 1
    let isEnd = tag.hasPrefix("/")
    let name = tag.drop { $0 == "/" }.prefix { $0 != " " && $0 != "\n" && $0 != "/" }.lowercased()
    if isEnd {
      guard open.last == name else {
        Issue.record("</\(name)> closes \(open.suffix(4))", sourceLocation: sourceLocation)
        return
      }
      open.removeLast()
    } else if !void.contains(name) && !tag.hasSuffix("/") {
      open.append(name)
      if name == "script" || name == "style" {
        // Their content is no markup.
        let close = Array("</\(name)".utf8)
        while i < bytes.count && !bytes[i...].starts(with: close) { i += 1 }
      }
    }
  }
  #expect(open.isEmpty, "all is closed", sourceLocation: sourceLocation)
}
