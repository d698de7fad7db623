/// The method in words, ready to paste into a manuscript.
public struct MethodsText: Equatable, Sendable {
  /// Paragraphs under their headings; `[1]` and so on refer to `references`.
  public var paragraphs: [Paragraph]
  /// What is cited, in order of the numbers.
  public var references: [String]

  /// A paragraph.
  public struct Paragraph: Equatable, Sendable {
    /// What it is about.
    public var title: String
    /// The text.
    public var text: String

    /// Creates a paragraph.
    public init(title: String, text: String) {
      self.title = title
      self.text = text
    }
  }

  /// Puts together a text.
  public init(paragraphs: [Paragraph], references: [String]) {
    self.paragraphs = paragraphs
    self.references = references
  }

  /// The section of the page; nil without a paragraph.
  func section() -> Markup? {
    guard !paragraphs.isEmpty else { return nil }
    let parts = paragraphs.map { paragraph -> Markup in
      "<p><b>\(paragraph.title).</b> \(paragraph.text)</p>"
    }
    let list = references.map { reference -> Markup in "<li>\(reference)</li>" }
    return """
      <p>Ready to paste; <b>methods.md</b>, <b>methods.tex</b> and <b>references.bib</b> beside this page have the \
      same text and the references.</p>
      <div class="methods">
      \(parts)
      <ol class="references">
      \(list)
      </ol>
      </div>
      """
  }
}
