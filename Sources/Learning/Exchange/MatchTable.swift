import Anatomy
import Support

/// The table `matched.csv`: which structure each name is, for a person to correct.
///
///     name,code,structure,how,cases
///     PAROTIS LI,,parotid_gland_left,synonym,12
///     PTV 54,,,none,12
///
/// An entry in the column `structure` counts whatever stands under `how`; `-` leaves a name out on purpose.
/// Spreadsheets that write semicolons are understood.
package struct MatchTable: Equatable, Sendable {
  /// One name, with the code that came with it.
  struct Key: Hashable, Sendable {
    var name: String
    /// SNOMED CT code, with its side after a space; empty for none.
    var code: String
  }

  /// What became of a name.
  struct Row: Equatable, Sendable {
    var key: Key
    /// The structure; empty for none, `-` for one that is left out on purpose.
    var structure: String
    /// `name`, `synonym`, `code`, `table` (from the table of an earlier run) or `none`.
    var how: String
    /// In how many cases it is.
    var cases: Int
  }

  var rows: [Row]

  init(rows: [Row]) { self.rows = rows }

  /// Reads a table that an earlier run wrote and a person has edited.
  ///
  /// - Throws: `MaskCTError` with the line where it is not such a table or names no known structure.
  init(path: String) throws {
    guard var text = readText(path) else {
      throw MaskCTError(.input, path: path, "cannot be read", remedy: "check the path")
    }
    if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
    let heading = text.prefix { !$0.isNewline }
    let separator: Character = heading.contains(";") ? ";" : heading.contains("\t") ? "\t" : ","
    let lines = CSV.parse(text, separator: separator)
    guard let columns = lines.first, let name = columns.firstIndex(of: "name"),
      let structure = columns.firstIndex(of: "structure")
    else {
      throw MaskCTError(
        .input, path: path, "has no columns 'name' and 'structure'",
        remedy: "remove it and run the import again, which writes a new one")
    }
    let code = columns.firstIndex(of: "code")
    rows = []
    for (index, fields) in lines.enumerated().dropFirst() {
      func field(_ column: Int?) -> String {
        guard let column, column < fields.count else { return "" }
        return fields[column]
      }
      var entry = field(structure)
      if !entry.isEmpty, entry != "-" {
        do {
          entry = try StructureCatalog.standard.structure(named: entry, in: path)
        } catch {
          throw MaskCTError(
            .input, path: path, "line \(index + 1): \(error.problem)", remedy: error.remedy)
        }
      }
      rows.append(
        Row(
          key: Key(name: field(name), code: field(code)), structure: entry, how: "table", cases: 0))
    }
  }

  /// The names in a table, with their structures where it gives any.
  ///
  /// - Throws: as `init(path:)`.
  package static func names(path: String) throws -> [String] {
    try MatchTable(path: path).rows.flatMap { [$0.key.name, $0.structure] }
  }

  /// The table as text.
  var text: String {
    var text = "name,code,structure,how,cases\n"
    for row in rows {
      text += CSV.line([row.key.name, row.key.code, row.structure, row.how, "\(row.cases)"])
    }
    return text
  }
}

/// Comma-separated values as RFC 4180 has them.
enum CSV {
  /// One line; fields with separators, quotes or line breaks are quoted.
  static func line(_ fields: [String]) -> String {
    fields.map { field in
      // A spreadsheet would take these for formulas.
      let field = field.first.map { "=+@".contains($0) } == true ? "'" + field : field
      guard field.contains(where: { $0 == "," || $0 == ";" || $0 == "\"" || $0.isNewline }) else {
        return field
      }
      return "\""
        + field.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\""
    }.joined(separator: ",") + "\n"
  }

  /// The fields of every line that is not empty.
  static func parse(_ text: String, separator: Character) -> [[String]] {
    var lines: [[String]] = []
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    func clean(_ field: String) -> String {
      field.hasPrefix("'=") || field.hasPrefix("'+") || field.hasPrefix("'@")
        ? String(field.dropFirst()) : field
    }
    var letters = text.makeIterator()
    var pending = letters.next()
    while let letter = pending {
      pending = letters.next()
      if isQuoted {
        if letter != "\"" {
          field.append(letter)
        } else if pending == "\"" {
          field.append("\"")
          pending = letters.next()
        } else {
          isQuoted = false
        }
      } else if letter == "\"", field.isEmpty {
        isQuoted = true
      } else if letter == separator {
        fields.append(clean(field))
        field = ""
      } else if letter.isNewline {
        fields.append(clean(field))
        if fields != [""] { lines.append(fields) }
        (fields, field) = ([], "")
      } else {
        field.append(letter)
      }
    }
    fields.append(clean(field))
    if fields != [""] { lines.append(fields) }
    return lines
  }
}
