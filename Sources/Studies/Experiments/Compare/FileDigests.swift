import FoundationEssentials
import Support

/// Digests of file contents, remembered by number, size and time so that large scans and clips are read once.
///
/// A file whose time alone has changed is read again and has the digest that it had.
struct FileDigests {
  private struct Entry: Codable {
    /// The file's number in its file system: one that takes the place of another has a number of its own.
    var number: UInt64
    var size: Int
    var modified: Double
    var digest: String
    /// SHA-256, for manifests; nil until it is asked for.
    var sha256: String?
  }
  private let path: String
  private var entries: [String: Entry]
  private var isChanged = false

  /// Opens the memory at a path; a missing or damaged one is empty.
  init(path: String) {
    self.path = path
    let bytes = (try? ByteFile.read(path)) ?? []
    entries = (try? JSONDecoder().decode([String: Entry].self, from: Data(bytes))) ?? [:]
  }

  /// The digest of a file's bytes.
  ///
  /// - Throws: `MaskCTError` if it cannot be read.
  mutating func digest(of file: String) throws -> String {
    let real = canonical(file)
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: real),
      let number = (attributes[.systemFileNumber] as? any BinaryInteger).map({ UInt64($0) }),
      let size = (attributes[.size] as? any BinaryInteger).map({ Int($0) }),
      let modified = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970
    else { return try Support.digest(ofFile: real) }
    if let known = entries[real], known.number == number, known.size == size,
      known.modified == modified
    {
      return known.digest
    }
    let entry = Entry(
      number: number, size: size, modified: modified, digest: try Support.digest(ofFile: real))
    entries[real] = entry
    isChanged = true
    return entry.digest
  }

  /// The SHA-256 of a file's bytes, which others can check; several times as slow as `digest`.
  ///
  /// - Throws: `MaskCTError` if it cannot be read.
  mutating func sha256(of file: String) throws -> String {
    _ = try digest(of: file)
    let real = canonical(file)
    if let known = entries[real]?.sha256 { return known }
    let value = try SHA256.hex(ofFile: real)
    entries[real]?.sha256 = value
    isChanged = true
    return value
  }

  /// Writes the memory; nothing depends on whether that succeeds.
  func save() {
    guard isChanged, let data = try? JSONEncoder().encode(entries) else { return }
    try? AtomicFile.write(String(decoding: data, as: UTF8.self), to: path)
  }
}
