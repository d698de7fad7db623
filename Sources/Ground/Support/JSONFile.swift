import FoundationEssentials

/// JSON files of a known shape, read and written as `Codable` values.
public enum JSONFile {
  /// Reads a file.
  ///
  /// - Parameter fromPython: also accepts `NaN` and `Infinity`, which Python writes and JSON does not have.
  /// - Throws: `MaskCTError` (input) if the file is missing, is not JSON, or lacks what `type` needs.
  public static func read<T: Decodable>(
    _ type: T.Type, path: String, fromPython: Bool = false
  ) throws(MaskCTError) -> T {
    let bytes: [UInt8]
    do {
      bytes = try ByteFile.read(path)
    } catch {
      throw (error as? MaskCTError)
        ?? MaskCTError(.input, path: path, "cannot be read", remedy: "check the file")
    }
    do {
      return try decoder(fromPython: fromPython).decode(type, from: Data(bytes))
    } catch {
      throw MaskCTError(
        .input, path: path, problem(error),
        remedy: "correct the file, or remove it and run the step that writes it again")
    }
  }

  /// Reads one line of text, such as an event of the Python process; `nil` if it is anything else.
  public static func line<T: Decodable>(_ type: T.Type, _ text: some StringProtocol) -> T? {
    try? decoder(fromPython: true).decode(type, from: Data(text.utf8))
  }

  /// Writes a file: indented, keys in alphabetical order; it appears whole or not at all.
  ///
  /// - Throws: `MaskCTError` (output) if the file cannot be written.
  public static func write(_ value: some Encodable, to path: String) throws {
    try AtomicFile.write(try text(value), to: path)
  }

  /// The text of such a file.
  public static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  /// The value on one line, keys in alphabetical order and in snake case (`epochsLeft` becomes `epochs_left`).
  package static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private static func decoder(fromPython: Bool) -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = fromPython ? .convertFromSnakeCase : .useDefaultKeys
    decoder.allowsJSON5 = fromPython
    return decoder
  }

  /// What is wrong with the text, in words.
  private static func problem(_ error: any Error) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context)?:
      return "has no \"\(place(context.codingPath + [key]))\""
    case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?:
      return context.codingPath.isEmpty
        ? "does not hold what is expected"
        : "\"\(place(context.codingPath))\" is not of the expected type"
    case .dataCorrupted(let context)?:
      return context.codingPath.isEmpty
        ? "is not JSON"
        : "\"\(place(context.codingPath))\" is not usable: \(context.debugDescription)"
    default: return "is not JSON"
    }
  }
}
