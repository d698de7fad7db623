/// An item of a reporting checklist with what is known for it.
public struct ChecklistItem: Equatable, Sendable {
  /// Its number in the checklist.
  public var number: Int
  /// The part of the checklist that it belongs to.
  public var part: String
  /// What it asks for, in short.
  public var question: String
  /// What the experiment itself says; nil where only the author knows.
  public var answer: String?
  /// What is left for the author; nil where the answer is complete.
  public var author: String?

  /// Creates an item.
  public init(number: Int, part: String, question: String, answer: String?, author: String?) {
    self.number = number
    self.part = part
    self.question = question
    self.answer = answer
    self.author = author
  }

  /// The section of the page; nil without an item.
  static func section(_ items: [ChecklistItem], source: String) -> Markup? {
    guard !items.isEmpty else { return nil }
    let complete = items.count { $0.author == nil }
    var rows: [Markup] = []
    var part = ""
    for item in items {
      if item.part != part {
        part = item.part
        rows.append("<tr><th colspan=\"3\" scope=\"colgroup\" class=\"part\">\(part)</th></tr>")
      }
      let todo = item.author.map { "<span class=\"todo\">Author: \($0)</span>" as Markup }
      rows.append(
        """
        <tr><td>\(item.number)</td><th scope="row">\(item.question)</th><td>\(item.answer ?? "") \(todo)</td></tr>
        """)
    }
    return """
      <p>\(source) \(complete) of \(items.count) items are filled in from the experiment; the others are marked for \
      the author.</p>
      <details>
      <summary>All \(items.count) items</summary>
      <div class="scroll" role="region" tabindex="0" aria-label="Checklist">
      <table class="checklist"><thead><tr><th scope="col">Item</th><th scope="col">Asks for</th>\
      <th scope="col">In this experiment</th></tr></thead><tbody>
      \(rows)
      </tbody></table>
      </div>
      </details>
      """
  }
}
