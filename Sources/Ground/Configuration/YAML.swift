import FoundationEssentials
public import Support

/// Reads configuration from YAML with strict keys: what nothing reads is an error, not a default.
public enum YAML {
  /// Decodes a value from a YAML text; `name` is what errors call the text (a path, as a rule).
  ///
  /// - Throws: `MaskCTError` with `name` and the line: not YAML, a key given twice, an unknown key
  ///   (with the known key nearest to it), a missing key, a value of another type.
  public static func decode<T: Decodable>(_ type: T.Type, text: String, name: String)
    throws(MaskCTError) -> T
  {
    let root = try YAMLNode(text: text, name: name)
    let record = DecodingRecord(name: name)
    do {
      let value = try YAMLDecoding(node: root, path: [], record: record).unwrap(type)
      if let unknown = record.unknownKey { throw unknown }
      return value
    } catch let error as MaskCTError {
      throw error.path == nil
        ? MaskCTError(error.kind, path: name, error.problem, remedy: error.remedy) : error
    } catch {
      // A misspelt key is the likeliest reason for a missing one: say that first.
      if let unknown = record.unknownKey { throw unknown }
      guard let failure = error as? DecodingFailure else {
        throw MaskCTError(.input, path: name, "is not usable: \(error)")
      }
      throw MaskCTError(
        .input, path: name, "line \(failure.line): \(failure.problem)", remedy: failure.remedy)
    }
  }

  /// Decodes a value from a YAML file.
  ///
  /// - Throws: `MaskCTError` as `decode(_:text:name:)` does, or where the file cannot be read.
  public static func decode<T: Decodable>(_ type: T.Type, path: String) throws(MaskCTError) -> T {
    try decode(type, text: text(path: path), name: path)
  }

  /// The text of a configuration file, UTF-8.
  ///
  /// - Throws: `MaskCTError` where there is no such file, it cannot be read, or is not text.
  public static func text(path: String) throws(MaskCTError) -> String {
    guard FileManager.default.fileExists(atPath: path) else {
      throw MaskCTError(.input, path: path, "no such file", remedy: "check the path")
    }
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw MaskCTError(.input, path: path, "cannot be read", remedy: "check its permissions")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw MaskCTError(.input, path: path, "is not UTF-8 text", remedy: "give a YAML file")
    }
    return text
  }
}
