extension ComparisonReport {
  /// The page: one HTML file that needs no other and no network.
  public func html() -> String { page.source + "\n" }

  private var page: Markup {
    ReportPage(
      title: title, version: version, style: viewer.rules,
      script: ReportPage.resource(PackageResources.report_js), definitions: ArmStyle.definitions,
      introduction: Markup(paragraphs), sections: sections
    ).markup
  }

  private var viewer: ExampleViewer {
    ExampleViewer(examples, comparison: comparison, styles: ArmStyle.all(of: comparison))
  }

  /// The parts that there is something to show of.
  private var sections: [ReportPage.Section] {
    let styles = ArmStyle.all(of: comparison)
    let style = { (name: String) in arm(of: name).map { styles[$0.arm] } }
    let called = { (name: String) in
      arm(of: name).map { comparison.arms[$0.arm].title + $0.run } ?? name
    }
    let parts: [(String, String, Markup?)] = [
      ("result", "Result", result),
      ("table", "Scores", ResultTable(comparison, published: published, styles: styles).section()),
      ("examples", "Examples", viewer.section()),
      ("method", "Method", PictureStrip.list(method, isNumbered: true)),
      ("cases", "Dice of every case", DicePlot(comparison, styles: styles).section()),
      ("histograms", "Attenuation", histogramSection(style: style)),
      (
        "curves", "Learning curves",
        CurvePlot(curves, name: called, style: style).section()
      ),
      ("methods", "Methods text", methods?.section()),
      ("checklist", "Checklist", ChecklistItem.section(checklist, source: checklistSource)),
      ("settings", "Settings", settingsSection),
    ]
    return parts.compactMap { id, title, content in
      content.map { ReportPage.Section(id: id, title: title, content: $0) }
    }
  }

  /// The arm that a name means, and which of its runs: `video-seed1` is a run of `video`.
  private func arm(of name: String) -> (arm: Int, run: String)? {
    if let arm = comparison.arms.firstIndex(where: { $0.name == name || $0.title == name }) {
      return (arm, "")
    }
    let arms = comparison.arms.indices.filter { name.hasPrefix(comparison.arms[$0].name + "-") }
    guard
      let arm = arms.max(by: { comparison.arms[$0].name.count < comparison.arms[$1].name.count })
    else { return nil }
    return (arm, ", " + name.dropFirst(comparison.arms[arm].name.count + 1))
  }

  private var paragraphs: [Markup] {
    var paragraphs: [[Substring]] = [[]]
    for line in description.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.allSatisfy({ $0 == " " || $0 == "\r" }) {
        paragraphs.append([])
      } else {
        paragraphs[paragraphs.count - 1].append(line)
      }
    }
    return paragraphs.filter { !$0.isEmpty }.map { lines in
      "<p>\(lines.joined(separator: " "))</p>"
    }
  }

  private var result: Markup {
    let headline = Headline(comparison)
    let remarks = headline.remarks.map { remark -> Markup in "<p>\(remark)</p>" }
    let items = notes.map { note -> Markup in "<li>\(note)</li>" }
    // A long list would push the scores off the screen.
    let shown = items.count > 6 ? 4 : items.count
    let more: Markup? =
      items.count > shown
      ? """

      <details>
      <summary>\(items.count - shown) more</summary>
      <ul>
      \(Array(items[shown...]))
      </ul>
      </details>
      """ : nil
    let list: Markup? =
      items.isEmpty
      ? nil
      : """
      <aside aria-label="Notes"><h3>To be read with the numbers</h3>
      <ul>
      \(Array(items[..<shown]))
      </ul>\(more)</aside>
      """
    return """
      <div class="findings">
      <div>
      <p class="lead">\(headline.lead)</p>
      \(remarks)
      </div>
      \(list)
      </div>
      """
  }

  private func histogramSection(style: (String) -> ArmStyle?) -> Markup? {
    let figures = histograms.compactMap { HistogramPlot($0, style: style).figure() }
    guard !figures.isEmpty else { return nil }
    return """
      <div class="multiples broad">
      \(figures)
      </div>
      """
  }

  private var settingsSection: Markup? {
    guard !settings.isEmpty else { return nil }
    let sections = settings.map { section -> Markup in
      """
      <details>
      <summary>\(section.title)</summary>
      <div class="scroll" role="region" tabindex="0" aria-label="Settings, \(section.title)">
      \(ReportPage.rows(section))
      </div>
      </details>
      """
    }
    return Markup(sections)
  }
}
