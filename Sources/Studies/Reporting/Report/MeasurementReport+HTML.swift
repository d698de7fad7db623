import FoundationEssentials
import Volumes

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
    let links = sections.map { section -> Markup in
      "<li><a href=\"#\(section.id)\">\(section.title)\(Self.mark(section.rows))</a></li>"
    }
    let made = "MaskCT\(version.map { " " + $0 } ?? "")"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="\(made)">
      <title>\(title)</title>
      <link rel="icon" href="data:,">
      <style>
      \(Markup(trusted: String(decoding: PackageResources.report_css, as: UTF8.self)))
      \(Self.style)
      </style>
      </head>
      <body>
      <a class="skip" href="#content">Skip to the results</a>
      <header>
      <h1>\(title)</h1>
      <p class="lead">\(summary)</p>
      <p>\(description)</p>
      <nav aria-label="Contents"><ul>
      \(links)
      </ul></nav>
      </header>
      <main id="content" tabindex="-1">
      \(failures)
      \(sections.map(Self.markup))
      \(settingsSection)
      </main>
      <footer><p>Made by \(made).</p></footer>
      </body>
      </html>
      """
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

  private var failures: Markup? {
    let failed = sections.compactMap { section -> Markup? in
      let rows = section.rows.filter { $0.verdict == .failed }
      return rows.isEmpty ? nil : Self.table(rows, label: "Outside the limits, \(section.title)")
    }
    guard !failed.isEmpty else { return nil }
    return """
      <section id="failed" aria-labelledby="failed-title">
      <h2 id="failed-title">Outside the limits</h2>
      \(failed)
      </section>
      """
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
    let pictures = section.pictures.map { figure -> Markup in
      let encoded = Markup(
        trusted: "data:image/png;base64,"
          + Data(PNG.encode(figure.picture)).base64EncodedString())
      let isWide = figure.picture.width > 2 * figure.picture.height
      return """
        <li\(isWide ? " class=\"wide\"" as Markup : "")><figure>
        <img src="\(encoded)" width="\(figure.picture.width)" height="\(figure.picture.height)" \
        alt="\(figure.caption)">
        <figcaption><b>\(figure.title)</b> \(figure.caption)</figcaption>
        </figure></li>
        """
    }
    let strip: Markup? =
      pictures.isEmpty
      ? nil
      : """
      <ul class="strip">
      \(pictures)
      </ul>
      """
    return """
      <section id="\(section.id)" aria-labelledby="\(section.id)-title">
      <h2 id="\(section.id)-title">\(section.title)</h2>
      <p>\(section.text)</p>
      \(section.rows.isEmpty ? nil : table(section.rows, label: section.title))
      \(figures)
      \(strip)
      </section>
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

  private var settingsSection: Markup? {
    guard !settings.isEmpty else { return nil }
    let tables = settings.map { section -> Markup in
      let rows = section.rows.map { row -> Markup in
        "<tr><th scope=\"row\">\(row.key)</th><td>\(row.value)</td></tr>"
      }
      return """
        <h3>\(section.title)</h3>
        <table class="settings"><tbody>
        \(rows)
        </tbody></table>
        """
    }
    return """
      <section id="settings" aria-labelledby="settings-title">
      <h2 id="settings-title">Settings</h2>
      \(tables)
      </section>
      """
  }
}
