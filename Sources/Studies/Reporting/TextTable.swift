/// A table of plain text with aligned columns, for terminals and logs.
public struct TextTable: Equatable, Sendable {
  /// On which side the cells of a column end evenly.
  public enum Alignment: Sendable {
    /// Names.
    case left
    /// Numbers.
    case right
  }

  private var header: [String]
  private var alignment: [Alignment]
  /// nil is a rule across the table.
  private var rows: [[String]?] = []

  /// Creates a table; columns beyond those of `alignment` are numbers.
  public init(_ header: [String], alignment: [Alignment] = [.left]) {
    self.header = header
    self.alignment = alignment
    while self.alignment.count < header.count { self.alignment.append(.right) }
  }

  /// Adds a row; missing cells are empty.
  public mutating func add(_ cells: [String]) {
    precondition(cells.count <= header.count, "a row has at most as many cells as the header")
    rows.append(cells + Array(repeating: "", count: header.count - cells.count))
  }

  /// Adds a rule.
  public mutating func addRule() { rows.append(nil) }

  /// The lines of the table, two spaces between columns, no space at their ends.
  public var lines: [String] {
    let cells = [header] + rows.compactMap(\.self)
    let widths = header.indices.map { column in cells.map { $0[column].count }.max()! }
    let rule = String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1))
    return [line(header, widths), rule] + rows.map { $0.map { line($0, widths) } ?? rule }
  }

  /// The table as text that ends with a line break.
  public var text: String { lines.joined(separator: "\n") + "\n" }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (column, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: widths[column] - cell.count)
      line += alignment[column] == .left ? cell + padding : padding + cell
      if column < cells.count - 1 { line += "  " }
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
