import FoundationEssentials

/// A JSON value that keeps what nnU-Net wrote: the order of keys, and every number as it was spelled.
///
/// nnU-Net's plans are edited, not re-created, so a value that is not touched must survive unchanged
/// (`1.0` stays `1.0`); and Python writes `NaN` and `Infinity`, which no standard decoder reads.
public indirect enum JSON: Equatable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number as it is spelled in the file.
  case number(String)
  /// A string.
  case string(String)
  /// A list.
  case array([JSON])
  /// Keys with their values, in the order of the file.
  case object([Member])

  /// One key with its value.
  public struct Member: Equatable, Sendable {
    /// The key.
    public var key: String
    /// The value.
    public var value: JSON

    /// Creates a member.
    public init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }
}

extension JSON {
  /// The number in its shortest exact spelling; a whole number keeps a `.0`, as Python writes it.
  public static func real(_ value: Double) -> JSON {
    if value.isNaN { return .number("NaN") }
    if value.isInfinite { return .number(value < 0 ? "-Infinity" : "Infinity") }
    return .number("\(value)")
  }

  /// The whole number.
  public static func integer(_ value: Int) -> JSON { .number("\(value)") }

  /// An object of the given pairs, in their order.
  public static func pairs(_ pairs: KeyValuePairs<String, JSON>) -> JSON {
    .object(pairs.map { Member($0.key, $0.value) })
  }

  /// The value of a key of an object; `nil` removes the key, a new key is appended.
  public subscript(key: String) -> JSON? {
    get {
      guard case .object(let members) = self else { return nil }
      return members.first { $0.key == key }?.value
    }
    set {
      guard case .object(var members) = self else { return }
      let index = members.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key, value))
      case (nil, nil): break
      }
      self = .object(members)
    }
  }

  /// The keys of an object, in order.
  public var keys: [String] {
    guard case .object(let members) = self else { return [] }
    return members.map(\.key)
  }

  /// The values of a list.
  public var elements: [JSON]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  /// The text of a string.
  public var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The number as a `Double`; `NaN` and `Infinity` included.
  public var double: Double? {
    guard case .number(let text) = self else { return nil }
    switch text {
    case "NaN": return .nan
    case "Infinity": return .infinity
    case "-Infinity": return -.infinity
    default: return Double(text)
    }
  }

  /// The number as an `Int`, if it is whole.
  public var int: Int? {
    guard case .number(let text) = self else { return nil }
    return Int(text) ?? double.flatMap { Int(exactly: $0) }
  }

  /// Whether the value is `true`; `nil` if it is no truth value.
  public var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// A list of numbers.
  public var doubles: [Double]? {
    guard let elements else { return nil }
    let values = elements.compactMap(\.double)
    return values.count == elements.count ? values : nil
  }
}

// MARK: - Writing

extension JSON {
  /// The value as text, indented by four spaces a level as nnU-Net writes it; lists of plain values
  /// stay on one line.
  public var formatted: String {
    var text = ""
    write(to: &text, level: 0, pretty: true)
    return text + "\n"
  }

  /// The value as one line of text.
  public var line: String {
    var text = ""
    write(to: &text, level: 0, pretty: false)
    return text
  }

  private var isPlain: Bool {
    switch self {
    case .array, .object: return false
    default: return true
    }
  }

  private func write(to text: inout String, level: Int, pretty: Bool) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let value): text += value
    case .string(let value): Self.quote(value, into: &text)
    case .array(let values):
      let inline = !pretty || values.allSatisfy(\.isPlain)
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += inline ? ", " : "," }
        if !inline { Self.breakLine(&text, level + 1) }
        value.write(to: &text, level: level + 1, pretty: pretty)
      }
      if !inline { Self.breakLine(&text, level) }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += pretty ? "," : ", " }
        if pretty { Self.breakLine(&text, level + 1) }
        Self.quote(member.key, into: &text)
        text += ": "
        member.value.write(to: &text, level: level + 1, pretty: pretty)
      }
      if pretty, !members.isEmpty { Self.breakLine(&text, level) }
      text += "}"
    }
  }

  private static func breakLine(_ text: inout String, _ level: Int) {
    text += "\n" + String(repeating: "    ", count: level)
  }

  private static func quote(_ value: String, into text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

// MARK: - Reading

extension JSON {
  /// Reads a value from text.
  ///
  /// - Throws: `MaskCTError` naming the byte at which the text is not JSON.
  public init(parsing text: some StringProtocol) throws {
    var parser = Parser(bytes: Array(text.utf8))
    self = try parser.document()
  }

  /// Reads a file.
  ///
  /// - Throws: `MaskCTError` if the file is missing or is not JSON.
  public init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw MaskCTError(
        .input, path: path, "cannot be read", remedy: "check that the file is there")
    }
    var parser = Parser(bytes: Array(data))
    do {
      self = try parser.document()
    } catch let error as MaskCTError {
      throw MaskCTError(
        .input, path: path, error.problem, remedy: "remove the damaged file and run the step again")
    }
  }

  private struct Parser {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws -> JSON {
      let value = try value(depth: 0)
      skipSpace()
      guard at == bytes.count else { throw failure("text after the end of the value") }
      return value
    }

    func failure(_ problem: String) -> MaskCTError {
      MaskCTError(.input, "not JSON: \(problem) at byte \(at)")
    }

    mutating func skipSpace() {
      while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }

    mutating func take(_ byte: Character) -> Bool {
      guard at < bytes.count, bytes[at] == byte.asciiValue else { return false }
      at += 1
      return true
    }

    mutating func take(word: String) -> Bool {
      guard bytes[at...].starts(with: word.utf8) else { return false }
      at += word.utf8.count
      return true
    }

    mutating func value(depth: Int) throws -> JSON {
      guard depth < 200 else { throw failure("more than 200 levels") }
      skipSpace()
      guard at < bytes.count else { throw failure("unexpected end") }
      switch bytes[at] {
      case UInt8(ascii: "{"): return try object(depth: depth)
      case UInt8(ascii: "["): return try array(depth: depth)
      case UInt8(ascii: "\""): return .string(try string())
      default: break
      }
      if take(word: "null") { return .null }
      if take(word: "true") { return .bool(true) }
      if take(word: "false") { return .bool(false) }
      for word in ["NaN", "Infinity", "-Infinity"] where take(word: word) { return .number(word) }
      let start = at
      while at < bytes.count, "+-.0123456789eE".utf8.contains(bytes[at]) { at += 1 }
      let text = String(decoding: bytes[start..<at], as: UTF8.self)
      guard Double(text) != nil else {
        at = start
        throw failure("unexpected text")
      }
      return .number(text)
    }

    mutating func object(depth: Int) throws -> JSON {
      at += 1
      var members: [Member] = []
      skipSpace()
      if take("}") { return .object([]) }
      while true {
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
          throw failure("a key was expected")
        }
        let key = try string()
        skipSpace()
        guard take(":") else { throw failure("':' was expected") }
        members.append(Member(key, try value(depth: depth + 1)))
        skipSpace()
        if take(",") { continue }
        if take("}") { return .object(members) }
        throw failure("',' or '}' was expected")
      }
    }

    mutating func array(depth: Int) throws -> JSON {
      at += 1
      var values: [JSON] = []
      skipSpace()
      if take("]") { return .array([]) }
      while true {
        values.append(try value(depth: depth + 1))
        skipSpace()
        if take(",") { continue }
        if take("]") { return .array(values) }
        throw failure("',' or ']' was expected")
      }
    }

    mutating func string() throws -> String {
      at += 1
      var units: [UInt8] = []
      while at < bytes.count {
        let byte = bytes[at]
        at += 1
        if byte == UInt8(ascii: "\"") { return String(decoding: units, as: UTF8.self) }
        guard byte == UInt8(ascii: "\\") else {
          units.append(byte)
          continue
        }
        guard at < bytes.count else { break }
        let escape = bytes[at]
        at += 1
        switch escape {
        case UInt8(ascii: "n"): units.append(0x0A)
        case UInt8(ascii: "t"): units.append(0x09)
        case UInt8(ascii: "r"): units.append(0x0D)
        case UInt8(ascii: "b"): units.append(0x08)
        case UInt8(ascii: "f"): units.append(0x0C)
        case UInt8(ascii: "u"):
          var scalar = try hexadecimal()
          if (0xD800..<0xDC00).contains(scalar), take("\\"), take("u") {
            scalar = 0x10000 + (scalar - 0xD800) << 10 + (try hexadecimal()) &- 0xDC00
          }
          units += Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
        default: units.append(escape)
        }
      }
      throw failure("a string does not end")
    }

    mutating func hexadecimal() throws -> UInt32 {
      guard at + 4 <= bytes.count,
        let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
      else { throw failure("four hexadecimal digits were expected") }
      at += 4
      return value
    }
  }
}
