import FoundationEssentials
import Support

/// A Markdown page of the repository, taken apart as far as the tests of the documentation need it.
struct DocumentationPage {
  /// A block of code: fenced with a language, or indented.
  struct CodeBlock {
    var language: String
    var lines: [Substring]

    /// The lines with continuations (`\` at the end) joined and shell comments removed.
    var commands: [String] {
      var result: [String] = []
      var open = ""
      for line in lines {
        let text = line.split(separator: " #", maxSplits: 1).first.map(String.init) ?? ""
        if text.hasSuffix("\\") {
          open += text.dropLast() + " "
        } else {
          result.append(open + text)
          open = ""
        }
      }
      return open.isEmpty ? result : result + [open]
    }
  }

  /// A table: its header and its rows, cell by cell, and the line of text before it.
  struct Table {
    var header: [String]
    var rows: [[String]]
    var before: String
  }

  /// The path from the root of the repository.
  var path: String
  /// The whole file.
  var text: String
  /// All blocks of code.
  private(set) var blocks: [CodeBlock] = []
  /// All tables.
  private(set) var tables: [Table] = []
  /// Spans of inline code, in order.
  private(set) var spans: [String] = []
  /// The headings without their marks.
  private(set) var headings: [String] = []
  /// The text outside code, with inline code removed.
  private(set) var prose = ""
  /// Targets of links and pictures.
  private(set) var links: [String] = []

  init(path: String, text: String) {
    self.path = path
    self.text = text
    var fence: CodeBlock?
    var indented: CodeBlock?
    var table: Table?
    var last = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      if var open = fence {
        if trimmed.hasPrefix("```") {
          blocks.append(open)
          fence = nil
        } else {
          open.lines.append(line)
          fence = open
        }
        continue
      }
      if trimmed.hasPrefix("```") {
        fence = CodeBlock(language: String(trimmed.dropFirst(3)), lines: [])
        continue
      }
      // Four spaces after an empty line are code, and so is what follows; otherwise they continue a list.
      if line.hasPrefix("    "), indented != nil || last.isEmpty {
        indented = indented ?? CodeBlock(language: "", lines: [])
        indented?.lines.append(line.dropFirst(4))
        last = ""
        continue
      }
      if let open = indented, !trimmed.isEmpty {
        blocks.append(open)
        indented = nil
      }
      if trimmed.hasPrefix("|") {
        let cells = Self.cells(of: trimmed)
        if table == nil {
          table = Table(header: cells, rows: [], before: before)
        } else if !trimmed.hasPrefix("| ---") && !trimmed.hasPrefix("|---") {
          table?.rows.append(cells)
        }
      } else if let open = table {
        tables.append(open)
        table = nil
      }
      if trimmed.hasPrefix("#") { headings.append(String(trimmed.drop { $0 == "#" }.dropFirst())) }
      if !trimmed.isEmpty && !trimmed.hasPrefix("|") && !trimmed.hasPrefix("<!--") {
        before = String(trimmed)
      }
      read(line)
      last = String(trimmed)
    }
    if let indented { blocks.append(indented) }
    if let table { tables.append(table) }
  }

  /// The last line of text, while the page is read.
  private var before = ""

  /// Takes the spans, the links and the text out of a line.
  private mutating func read(_ line: Substring) {
    var plain = ""
    for (index, part) in line.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
      if index % 2 == 1 { spans.append(String(part)) } else { plain += part }
    }
    for match in line.matches(of: #/\]\(([^)\s]+)\)/#) { links.append(String(match.output.1)) }
    prose += plain + "\n"
  }

  private static func cells(of line: Substring) -> [String] {
    line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
      .map { $0.drop { $0 == " " } }
      .map { String($0.reversed().drop { $0 == " " }.reversed()) }
  }

  /// What a link to a heading names, as mkdocs makes it.
  static func anchor(of heading: String) -> String {
    let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
    return kept.split { $0 == " " || $0 == "-" }.joined(separator: "-")
  }

  // The repository.

  /// The root of the repository, with a slash at the end.
  static let root =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/"

  /// All pages: those of the site, and those at the root.
  static func all() throws -> [DocumentationPage] {
    let roots = [
      "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "AGENTS.md",
      "python/README.md",
    ]
    let site = files(below: "docs").filter { $0.hasSuffix(".md") }
    return try (roots + site).map {
      DocumentationPage(
        path: $0, text: String(decoding: try ByteFile.read(root + $0), as: UTF8.self))
    }
  }

  /// All files in a folder of the repository and below it, sorted.
  static func files(below folder: String) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: root + folder) else {
      return [folder]
    }
    return names.sorted().filter { !$0.hasPrefix(".") }.flatMap { files(below: folder + "/" + $0) }
  }
}
