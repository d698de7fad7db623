internal import Support
internal import Yams

/// One value of a YAML text with the line it stands on; the only place that knows the parser.
indirect enum YAMLNode: Sendable {
  /// A single value: its text, and whether it was quoted (`"5"` is never a number).
  case scalar(String, quoted: Bool, line: Int)
  /// A list.
  case sequence([YAMLNode], line: Int)
  /// Keys and values in the order of the text.
  case mapping([Entry], line: Int)

  /// One key of a mapping.
  struct Entry: Sendable {
    var key: String
    var line: Int
    var value: YAMLNode
  }

  /// The line on which the value starts, from 1.
  var line: Int {
    switch self {
    case .scalar(_, _, let line), .sequence(_, let line), .mapping(_, let line): line
    }
  }

  /// Whether the value is `null`, `~` or nothing at all.
  var isNull: Bool {
    if case .scalar(let text, quoted: false, _) = self {
      return text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
    }
    return false
  }

  /// Parses one YAML document; an empty text is an empty mapping.
  init(text: String, name: String) throws(MaskCTError) {
    guard !Self.mayHaveAliasInKey(text) else {
      throw MaskCTError(
        .input, path: name, "has an alias (*name) beside or in a key of several values",
        remedy: "write aliases out; keys are plain words")
    }
    do {
      guard let root = try Yams.compose(yaml: text) else {
        self = .mapping([], line: 1)
        return
      }
      var room = Self.greatestCount
      try self.init(root, parent: 1, room: &room, name: name)
    } catch let error as MaskCTError {
      throw error
    } catch let error as YamlError {
      throw Self.failure(error, name: name)
    } catch {
      throw MaskCTError(.input, path: name, "is not readable as YAML: \(error)")
    }
  }

  /// How many values a text may hold: aliases of aliases make billions of a few lines.
  private static let greatestCount = 100_000

  /// Whether a text has aliases, and keys that are lists, mappings or aliases themselves.
  ///
  /// Keys are compared with each other while the text is parsed, with all that aliases in them stand for, and so
  /// before `greatestCount` can be of help. No file of this tool has such keys. Inside brackets a question mark
  /// makes a key of what follows it even without a space.
  private static func mayHaveAliasInKey(_ text: String) -> Bool {
    guard text.utf8.contains(UInt8(ascii: "*")) else { return false }
    let alias = /(^|[\s\[{,])\*[^\s,\[\]{}*]/
    let key = /(^|[\s\[{,])\?\s|\?[*&!\[{]|&[^\s,\[\]{}]*\?|[\]}]\s*:|\*[^\s,\[\]{}:]+\s*:/
    return text.contains(alias) && text.contains(key)
  }

  private init(_ node: Node, parent: Int, room: inout Int, name: String) throws {
    room -= 1
    guard room >= 0 else {
      throw MaskCTError(
        .input, path: name, "holds more than \(Self.greatestCount) values",
        remedy: "is this the right file? write aliases (*name) out")
    }
    let line = node.mark?.line ?? parent
    switch node {
    case .scalar(let scalar):
      self = .scalar(
        scalar.string, quoted: scalar.style != .plain && scalar.style != .any, line: line)
    case .sequence(let sequence):
      self = .sequence(
        try sequence.map { try YAMLNode($0, parent: line, room: &room, name: name) }, line: line)
    case .mapping(let mapping):
      self = .mapping(
        try mapping.map { key, value in
          let keyLine = key.mark?.line ?? line
          return Entry(
            key: key.scalar?.string ?? "?", line: keyLine,
            value: try YAMLNode(value, parent: keyLine, room: &room, name: name))
        }, line: line)
    case .alias:
      self = .scalar("", quoted: false, line: line)
    }
  }

  private static func failure(_ error: YamlError, name: String) -> MaskCTError {
    func at(_ mark: Mark, _ problem: String) -> MaskCTError {
      MaskCTError(
        .input, path: name, "line \(mark.line): is not valid YAML: \(problem)",
        remedy: "correct the indentation or quoting there")
    }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return at(mark, problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      return MaskCTError(
        .input, path: name,
        "line \(context.mark.line): key \(duplicates.map { "'\($0)'" }.joined(separator: ", "))"
          + " is given more than once", remedy: "keep one of them")
    default:
      return MaskCTError(.input, path: name, "is not readable as YAML: \(error)")
    }
  }
}
