import Support

// A `Decoder` over `YAMLNode` that knows which keys a type asked for, so that a key that nothing
// reads is an error instead of a silent default.

/// What one decoding run has seen: the keys that types declare, by the mapping they stand in.
final class DecodingRecord {
  let name: String
  private var mappings: [Place: Seen] = [:]
  private var order: [Place] = []

  private struct Place: Hashable {
    var path: String
    var line: Int
  }
  private struct Seen {
    var unknown: [(key: String, line: Int)]
    var asked: [String] = []
  }

  init(name: String) { self.name = name }

  /// Notes a mapping that a type opened; `isKnown` says whether the type declares a key.
  ///
  /// A mapping may be opened several times (a discriminator first, then the variant): a key is
  /// unknown only if none of them declares it.
  func open(
    _ entries: [YAMLNode.Entry], path: String, line: Int, isKnown: (String) -> Bool
  ) {
    let place = Place(path: path, line: line)
    let unknown = entries.filter { !isKnown($0.key) }.map { (key: $0.key, line: $0.line) }
    if let seen = mappings[place] {
      let still = Set(unknown.map(\.key))
      mappings[place] = Seen(
        unknown: seen.unknown.filter { still.contains($0.key) }, asked: seen.asked)
    } else {
      mappings[place] = Seen(unknown: unknown)
      order.append(place)
    }
  }

  /// Notes that a type asked for a key.
  func ask(_ key: String, path: String, line: Int) {
    let place = Place(path: path, line: line)
    if mappings[place]?.asked.contains(key) == false { mappings[place]?.asked.append(key) }
  }

  /// The first key that nothing reads, as an error.
  var unknownKey: MaskCTError? {
    for place in order {
      guard let seen = mappings[place], let first = seen.unknown.first else { continue }
      let whole = place.path.isEmpty ? "" : " in '\(place.path)'"
      return MaskCTError(
        .input, path: name, "line \(first.line): unknown key '\(first.key)'\(whole)",
        remedy: NearMiss.remedy(
          for: first.key, among: seen.asked,
          otherwise: seen.asked.isEmpty
            ? "remove it" : "known keys are \(seen.asked.sorted().joined(separator: ", "))"))
    }
    return nil
  }
}

/// A failure inside the decoder, on its way to becoming a `MaskCTError`.
struct DecodingFailure: Error {
  var line: Int
  var problem: String
  var remedy: String?
}

struct YAMLDecoding: Decoder {
  let node: YAMLNode
  let path: [any CodingKey]
  let record: DecodingRecord

  var codingPath: [any CodingKey] { path }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// `recipe.layers[2].texture`
  var place: String {
    var text = ""
    for key in path {
      if let index = key.intValue, key is ElementKey {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return text
  }

  func fail(_ expected: String) -> DecodingFailure {
    let found: String
    switch node {
    case .scalar(let text, _, _): found = node.isNull ? "nothing" : "'\(text)'"
    case .sequence: found = "a list"
    case .mapping: found = "a mapping"
    }
    let whose = path.isEmpty ? "" : "'\(place)' "
    return DecodingFailure(line: node.line, problem: "\(whose)must be \(expected), not \(found)")
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    let entries: [YAMLNode.Entry]
    switch node {
    case .mapping(let all, _): entries = all
    case _ where node.isNull: entries = []
    default: throw fail("a mapping of keys to values")
    }
    record.open(entries, path: place, line: node.line) { Key(stringValue: $0) != nil }
    return KeyedDecodingContainer(KeyedNode<Key>(decoder: self, entries: entries))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    switch node {
    case .sequence(let nodes, _): return UnkeyedNode(decoder: self, nodes: nodes)
    case _ where node.isNull: return UnkeyedNode(decoder: self, nodes: [])
    default: throw fail("a list")
    }
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { SingleNode(decoder: self) }

  func child(_ node: YAMLNode, _ key: any CodingKey) -> YAMLDecoding {
    YAMLDecoding(node: node, path: path + [key], record: record)
  }

  func unwrap<T: Decodable>(_ type: T.Type) throws -> T {
    do {
      return try T(from: self)
    } catch let error as DecodingError {
      // What an enumeration with raw values or a hand-written `init(from:)` throws.
      switch error {
      case .dataCorrupted(let context):
        if case .scalar(let text, _, _) = node, context.debugDescription.hasPrefix("Cannot init") {
          var all: [String] = []
          if let type = T.self as? any CaseIterable.Type { all = cases(type) }
          throw DecodingFailure(
            line: node.line, problem: "'\(place)' cannot be '\(text)'",
            remedy: all.isEmpty
              ? nil
              : NearMiss.remedy(
                for: text, among: all, otherwise: "choose one of \(all.joined(separator: ", "))"))
        }
        let whose = path.isEmpty ? "" : "'\(place)' "
        throw DecodingFailure(line: node.line, problem: whose + context.debugDescription)
      default: throw error
      }
    }
  }

  private func cases<C: CaseIterable>(_ type: C.Type) -> [String] {
    type.allCases.map { ($0 as? any RawRepresentable).map { "\($0.rawValue)" } ?? "\($0)" }
  }
}

struct ElementKey: CodingKey {
  var index: Int
  var stringValue: String { "\(index)" }
  var intValue: Int? { index }
  init(_ index: Int) { self.index = index }
  init?(stringValue: String) { nil }
  init?(intValue: Int) { index = intValue }
}

struct NamedKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

// MARK: - Scalars

struct SingleNode: SingleValueDecodingContainer {
  let decoder: YAMLDecoding
  var codingPath: [any CodingKey] { decoder.path }

  func decodeNil() -> Bool { decoder.node.isNull }

  private func text(_ expected: String) throws -> String {
    guard case .scalar(let text, _, _) = decoder.node else { throw decoder.fail(expected) }
    return text
  }

  private func number(_ expected: String) throws -> String {
    guard case .scalar(let text, quoted: false, _) = decoder.node else {
      throw decoder.fail(expected)
    }
    return text
  }

  private func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
    let expected = "a whole number from \(T.min) to \(T.max)"
    let plain = "a whole number"
    let text = try number(plain)
    if let value = T(text) { return value }
    throw decoder.fail(Int(text) == nil && UInt64(text) == nil ? plain : expected)
  }

  private func real() throws -> Double {
    let text = try number("a number")
    if let value = Double(text), value.isFinite { return value }
    throw decoder.fail("a number")
  }

  func decode(_ type: Bool.Type) throws -> Bool {
    switch try number("true or false").lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default: throw decoder.fail("true or false")
    }
  }

  func decode(_ type: String.Type) throws -> String {
    if decoder.node.isNull { throw decoder.fail("text") }
    return try text("text")
  }

  func decode(_ type: Double.Type) throws -> Double { try real() }
  func decode(_ type: Float.Type) throws -> Float { Float(try real()) }
  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.unwrap(type) }
}

// MARK: - Mappings and lists

struct KeyedNode<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: YAMLDecoding
  let entries: [YAMLNode.Entry]
  var codingPath: [any CodingKey] { decoder.path }
  var allKeys: [Key] { entries.compactMap { Key(stringValue: $0.key) } }

  private func find(_ key: any CodingKey) -> YAMLNode? {
    decoder.record.ask(key.stringValue, path: decoder.place, line: decoder.node.line)
    return entries.first { $0.key == key.stringValue }?.value
  }

  private func child(_ key: any CodingKey) throws -> YAMLDecoding {
    guard let node = find(key) else {
      let whole = decoder.path.isEmpty ? "" : " in '\(decoder.place)'"
      throw DecodingFailure(
        line: decoder.node.line, problem: "key '\(key.stringValue)' is missing\(whole)",
        remedy: "add it")
    }
    return decoder.child(node, key)
  }

  func contains(_ key: Key) -> Bool { find(key) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try child(key).node.isNull }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try child(key).unwrap(type)
  }
  func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type, forKey key: Key) throws
    -> KeyedDecodingContainer<NestedKey>
  {
    try child(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try child(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { try child(NamedKey("super")) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }
}

struct UnkeyedNode: UnkeyedDecodingContainer {
  let decoder: YAMLDecoding
  let nodes: [YAMLNode]
  var currentIndex = 0
  var codingPath: [any CodingKey] { decoder.path }
  var count: Int? { nodes.count }
  var isAtEnd: Bool { currentIndex >= nodes.count }

  private mutating func next() throws -> YAMLDecoding {
    guard !isAtEnd else { throw decoder.fail("a list of more than \(nodes.count) values") }
    defer { currentIndex += 1 }
    return decoder.child(nodes[currentIndex], ElementKey(currentIndex))
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, nodes[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().unwrap(type) }
  mutating func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) throws
    -> KeyedDecodingContainer<NestedKey>
  {
    try next().container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }
  mutating func superDecoder() throws -> any Decoder { try next() }
}
