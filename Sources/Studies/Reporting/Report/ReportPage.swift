import FoundationEssentials
import Volumes

/// The frame that all reports share: one HTML file that needs no other and no network.
struct ReportPage {
  /// A part of the page.
  struct Section {
    /// Its anchor.
    var id: String
    /// Its heading.
    var title: String
    /// What the list of contents adds to the title.
    var mark = ""
    /// Whether the list of contents names it.
    var isListed = true
    /// What is in it, below the heading.
    var content: Markup
  }

  /// The heading.
  var title: String
  /// The version of MaskCT that made the page; nil leaves it out.
  var version: String?
  /// Rules of its own, after those that all pages have.
  var style: Markup
  /// What it runs; a page without is plain HTML.
  var script: Markup?
  /// What comes before the header and is not seen, such as symbols of charts.
  var definitions: Markup?
  /// What stands between heading and contents.
  var introduction: Markup
  /// The parts, in order.
  var sections: [Section]

  /// The page.
  var markup: Markup {
    let made = "MaskCT\(version.map { " " + $0 } ?? "")"
    let links = sections.filter(\.isListed).map { section -> Markup in
      "<li><a href=\"#\(section.id)\">\(section.title)\(section.mark)</a></li>"
    }
    let parts = sections.map { section -> Markup in
      """
      <section id="\(section.id)" aria-labelledby="\(section.id)-title">
      <h2 id="\(section.id)-title">\(section.title)</h2>
      \(section.content)
      </section>
      """
    }
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
      \(Self.resource(PackageResources.report_css))
      \(style)
      </style>\(script == nil ? nil : Self.hasScript)
      </head>
      <body>
      <a class="skip" href="#content">Skip to the results</a>
      \(definitions)
      <header>
      <h1>\(title)</h1>
      \(introduction)
      <nav aria-label="Contents"><ul>
      \(links)
      </ul></nav>
      </header>
      <main id="content" tabindex="-1">
      \(parts)
      </main>
      <footer>
      <p>Made by \(made).</p>
      </footer>\(script.map { "\n<script>\n\($0)\n</script>" as Markup })
      </body>
      </html>
      """
  }

  /// Lets rules tell whether scripts run.
  private static let hasScript: Markup? =
    "\n<script>document.documentElement.classList.add(\"js\")</script>"

  /// A file of the module's resources: style or script.
  static func resource(_ bytes: [UInt8]) -> Markup {
    Markup(trusted: String(decoding: bytes, as: UTF8.self))
  }

  /// The rows of a table of keys and values.
  static func rows(_ section: SettingsSection) -> Markup {
    let rows = section.rows.map { row -> Markup in
      "<tr><th scope=\"row\">\(row.key)</th><td>\(row.value)</td></tr>"
    }
    return """
      <table class="settings"><tbody>
      \(rows)
      </tbody></table>
      """
  }
}

/// Pictures with captions, in a row that wraps.
enum PictureStrip {
  /// The list; nil without a picture.
  ///
  /// - Parameter isNumbered: numbers the pictures, as steps of one method.
  static func list(_ figures: [MethodFigure], isNumbered: Bool) -> Markup? {
    guard !figures.isEmpty else { return nil }
    let items = figures.enumerated().map { place, figure -> Markup in
      let encoded = Markup(
        trusted: "data:image/png;base64,"
          + Data(PNG.encode(figure.picture)).base64EncodedString())
      // A montage is wide and needs the whole row to be seen.
      let isWide = figure.picture.width > 2 * figure.picture.height
      let number = isNumbered ? "\(place + 1). " : ""
      return """
        <li\(isWide ? " class=\"wide\"" as Markup : "")><figure>
        <img src="\(encoded)" width="\(figure.picture.width)" height="\(figure.picture.height)" \
        alt="\(figure.caption.isEmpty ? figure.title : figure.caption)">
        <figcaption><b>\(number)\(figure.title)</b> \(figure.caption)</figcaption>
        </figure></li>
        """
    }
    let tag: Markup = isNumbered ? "ol" : "ul"
    return """
      <\(tag) class="strip">
      \(items)
      </\(tag)>
      """
  }
}
