import FoundationEssentials
public import Support

/// A record of zenodo.org: its title and its files with sizes and checksums.
public struct ZenodoRecord: Sendable, Equatable {
  /// A file of a record.
  public struct File: Sendable, Equatable {
    /// The file's name.
    public var name: String
    /// Its size, bytes.
    public var size: Int
    /// Its MD5, 32 lower-case hexadecimal digits.
    public var md5: String
    /// Where it is downloaded from.
    public var address: String
  }

  /// The record's number: the last part of its DOI.
  public var number: Int
  /// The record's title.
  public var title: String
  /// Its files.
  public var files: [File]

  /// Reads what `GET /api/records/NUMBER` answers.
  ///
  /// - Throws: `MaskCTError` if it is not such an answer, or a file has a name or an address that is not to
  ///   be trusted.
  public init(json: [UInt8], number: Int) throws(MaskCTError) {
    struct Document: Decodable {
      struct Metadata: Decodable { var title: String? }
      struct Entry: Decodable {
        struct Links: Decodable {
          var `self`: String
        }
        var key: String
        var size: Int
        var checksum: String
        var links: Links
      }
      var metadata: Metadata?
      var files: [Entry]
    }
    let place = "record \(number)"
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)) else {
      throw MaskCTError(
        .input, path: place, "the answer is not a record with open files",
        remedy: "check the number, and that its files are open to all")
    }
    self.number = number
    title = document.metadata?.title ?? place
    files = []
    for entry in document.files {
      guard entry.checksum.hasPrefix("md5:"), entry.checksum.utf8.count == 36,
        entry.checksum.dropFirst(4).allSatisfy(\.isHexDigit)
      else {
        throw MaskCTError(
          .input, path: place, "file \(entry.key) has no MD5 to verify it with",
          remedy: "download it by hand")
      }
      // A name becomes a path and an address an argument: neither may mean something else.
      guard !entry.key.isEmpty, !entry.key.contains("/"), !entry.key.hasPrefix("."),
        entry.links.`self`.hasPrefix("https://") || entry.links.`self`.hasPrefix("http://")
      else {
        throw MaskCTError(
          .input, path: place, "file '\(entry.key)' has a name or an address that is not usable",
          remedy: "download it by hand")
      }
      files.append(
        File(
          name: entry.key, size: entry.size,
          md5: entry.checksum.dropFirst(4).lowercased(), address: entry.links.`self`))
    }
  }

  /// The file that holds the data set: the largest `.zip`.
  ///
  /// - Throws: `MaskCTError` if there is none.
  public func archive() throws(MaskCTError) -> File {
    guard let file = files.filter({ $0.name.hasSuffix(".zip") }).max(by: { $0.size < $1.size })
    else {
      throw MaskCTError(
        .input, path: "record \(number)", "holds no .zip file",
        remedy: "name the record of a TotalSegmentator data set")
    }
    return file
  }
}
