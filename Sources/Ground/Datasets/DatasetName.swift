import Support

/// The name of an nnU-Net dataset: `Dataset503_LiverVideo` is number 503, called `LiverVideo`.
public struct DatasetName: Hashable, Sendable, CustomStringConvertible {
  /// The dataset's number, 1...999.
  public let id: Int
  /// What follows the underscore: letters, digits, `_`, `-` and `.`.
  public let name: String

  /// Creates a name.
  ///
  /// - Throws: `MaskCTError` if the number is outside 1...999 or the name has other characters.
  public init(id: Int, name: String) throws {
    guard (1...999).contains(id) else {
      throw MaskCTError(
        .usage, "\(id) is not a dataset number", remedy: "use a number from 1 to 999")
    }
    guard !name.isEmpty, name.utf8.allSatisfy(Self.isAllowed) else {
      throw MaskCTError(
        .usage, "'\(name)' cannot name a dataset",
        remedy: "use letters, digits, '_', '-' and '.', for example LiverVideo")
    }
    self.id = id
    self.name = name
  }

  /// Reads `Dataset503_LiverVideo`, or the last component of a path to it.
  ///
  /// - Throws: `MaskCTError` if the text does not follow nnU-Net's rule.
  public init(parsing text: String) throws {
    let folder = lastComponent(text)
    let failure = MaskCTError(
      .usage, path: text, "is not an nnU-Net dataset folder",
      remedy: "name it DatasetNNN_Name with a number of three digits, "
        + "for example nnUNet_raw/Dataset503_LiverVideo")
    guard folder.hasPrefix("Dataset") else { throw failure }
    let rest = folder.dropFirst("Dataset".count)
    guard let underscore = rest.firstIndex(of: "_") else { throw failure }
    let digits = rest[..<underscore]
    guard digits.utf8.count == 3, digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let id = Int(digits)
    else { throw failure }
    try self.init(id: id, name: String(rest[rest.index(after: underscore)...]))
  }

  /// `Dataset503_LiverVideo`.
  public var description: String {
    let digits = "\(id)"
    return "Dataset" + String(repeating: "0", count: 3 - digits.utf8.count) + digits + "_" + name
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
  }
}
