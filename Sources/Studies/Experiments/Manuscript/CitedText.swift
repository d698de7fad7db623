import Reporting

/// Text with citations in it, written once and printed as Markdown, LaTeX or HTML.
struct CitedText {
  /// The text; keys of citations stand between `open` and `close`.
  private(set) var paragraphs: [(title: String, text: String)] = []
  private(set) var citations: [Citation] = []

  // Of Unicode's private use: no name of an arm or a folder has them.
  private static let open = "\u{E000}"
  private static let close = "\u{E001}"

  /// Adds a paragraph.
  mutating func add(_ title: String, _ text: String) { paragraphs.append((title, text)) }

  /// Cites works: the mark to put into a text.
  mutating func cite(_ works: Citation...) -> String {
    for work in works where !citations.contains(work) { citations.append(work) }
    return Self.open + works.map(\.key).joined(separator: ",") + Self.close
  }

  /// The paragraphs with every mark replaced, and what lies between marks as `plain` writes it.
  private func printed(
    mark: ([String]) -> String, plain: (String) -> String = { $0 }
  ) -> [(title: String, text: String)] {
    paragraphs.map { title, text in
      var result = ""
      var rest = text[...]
      while let open = rest.firstRange(of: Self.open),
        let close = rest[open.upperBound...].firstRange(of: Self.close)
      {
        let keys = rest[open.upperBound..<close.lowerBound].split(separator: ",").map(String.init)
        result += plain(String(rest[..<open.lowerBound])) + mark(keys)
        rest = rest[close.upperBound...]
      }
      return (plain(title), result + plain(String(rest)))
    }
  }

  /// The paragraphs with numbers in brackets, in the order of first citation.
  var numbered: [(title: String, text: String)] {
    printed(mark: { keys in
      let numbers = keys.compactMap { key in citations.firstIndex { $0.key == key } }.sorted()
      return "[" + numbers.map { String($0 + 1) }.joined(separator: ",") + "]"
    })
  }

  /// `methods.md`.
  var markdown: String {
    let text = numbered.map { "**\($0.title).** \($0.text)\n" }.joined(separator: "\n")
    let list = citations.enumerated().map { "\($0 + 1). \($1.line)\n" }.joined()
    return "# Methods\n\n\(text)\n## References\n\n\(list)"
  }

  /// `methods.tex`, to `\input` beside `references.bib`.
  var latex: String {
    printed(
      mark: { "\\cite{\($0.joined(separator: ","))}" }, plain: ComparisonTable.escaped
    ).map { "\\paragraph{\($0.title).}\n\($0.text)\n" }.joined(separator: "\n")
  }

  /// `references.bib`.
  var bibTeX: String { citations.map(\.bibTeX).joined(separator: "\n") }
}
