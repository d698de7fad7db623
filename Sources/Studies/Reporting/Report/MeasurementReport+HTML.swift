extension MeasurementReport {
  /// The page: one HTML file that needs no other and no network.
  public func html() -> String { page.source + "\n" }

  private static let style: Markup = """
    .verdict { font-weight: 600; white-space: nowrap; }
    .verdict.fail { color: var(--warn); }
    .measured td, .measured th { text-align: left; }
    .measured .figure { text-align: right; white-space: nowrap; }
    .measured .note { color: var(--soft); font-size: 0.82rem; min-width: 14rem; }
    .measured { min-width: 100%; margin-bottom: 1.6rem; }
    """

  private var page: Markup {
    let listed = sections.map { section in
      ReportPage.Section(
        id: section.id, title: section.title, mark: Self.mark(section.rows),
        content: Self.markup(section))
    }
    return ReportPage(
      title: title, version: version, style: Self.style,
      introduction: """
        <p class="lead">\(summary)</p>
        <p>\(description)</p>
        """, sections: failures + listed + settingsSection
    ).markup
  }

  /// All rows of all sections.
  private var rows: [Row] { sections.flatMap(\.rows) }

  /// How many figures are within their limits.
  private var summary: String {
    let judged = rows.filter { $0.verdict != .reported }
    let failed = judged.filter { $0.verdict == .failed }.count
    return failed == 0
      ? "All \(judged.count) figures with a limit are within it."
      : "\(judged.count - failed) of \(judged.count) figures with a limit are within it, "
        + "\(failed) \(failed == 1 ? "is" : "are") not."
  }

  private var failures: [ReportPage.Section] {
    let failed = sections.compactMap { section -> Markup? in
      let rows = section.rows.filter { $0.verdict == .failed }
      return rows.isEmpty ? nil : Self.table(rows, label: "Outside the limits, \(section.title)")
    }
    guard !failed.isEmpty else { return [] }
    return [
      ReportPage.Section(
        id: "failed", title: "Outside the limits", isListed: false, content: Markup(failed))
    ]
  }

  private static func mark(_ rows: [Row]) -> String {
    let failed = rows.filter { $0.verdict == .failed }.count
    return failed == 0 ? "" : " (\(failed) outside)"
  }

  private static func markup(_ section: Section) -> Markup {
    let charts = section.charts.map { MeasurementChart($0).figure() }
    let figures: Markup? =
      charts.isEmpty
      ? nil
      : """
      <div class="multiples broad">
      \(charts)
      </div>
      """
    return """
      <p>\(section.text)</p>
      \(section.rows.isEmpty ? nil : table(section.rows, label: section.title))
      \(figures)
      \(PictureStrip.list(section.pictures, isNumbered: false))
      """
  }

  private static func table(_ rows: [Row], label: String) -> Markup {
    let lines = rows.map { row -> Markup in
      let kind = row.verdict == .failed ? " fail" : ""
      return """
        <tr><th scope="row">\(row.name)</th><td class="figure">\(row.value)</td>\
        <td class="figure">\(row.limit)</td><td class="verdict\(kind)">\(row.verdict.rawValue)</td>\
        <td class="note">\(row.note)</td></tr>
        """
    }
    return """
      <div class="scroll" role="region" tabindex="0" aria-label="\(label)">
      <table class="measured"><thead><tr><th scope="col">Figure</th><th scope="col" class="figure">\
      Measured</th><th scope="col" class="figure">Limit</th><th scope="col"></th>\
      <th scope="col">Note</th></tr></thead>
      <tbody>
      \(lines)
      </tbody></table>
      </div>
      """
  }

  private var settingsSection: [ReportPage.Section] {
    guard !settings.isEmpty else { return [] }
    let tables = settings.map { section -> Markup in
      """
      <h3>\(section.title)</h3>
      \(ReportPage.rows(section))
      """
    }
    return [
      ReportPage.Section(
        id: "settings", title: "Settings", isListed: false, content: Markup(tables))
    ]
  }
}
