public import Support

/// The volumes of a folder by case name: the one rule by which images, label maps, region masks and
/// predictions belong together.
///
/// - A volume is a file that ends in `.nii.gz` or `.nii`, in upper or lower case. Hidden files are passed over.
/// - Its case's name is the file's name without that ending and without nnU-Net's channel suffix `_0000`.
///   The suffix stays where files are merely numbered: `liver_03_0000` is the first channel of `liver_03`,
///   but beside `scan_0001` and `scan_0002` the file `scan_0000` is scan 0.
/// - A case is found under its name with the suffix and without it, so that numbered images find their
///   label maps wherever either side has lost the suffix.
public struct CaseFiles: Sendable {
  /// The folder or file, as the user gave it.
  public let path: String
  /// Whether `path` is a single file.
  public let isSingle: Bool
  /// The cases, sorted by name.
  public var names: [String] { files.keys.sorted() }
  /// The file of each case.
  private var files: [String: String] = [:]

  /// Finds the volumes of a folder, or takes a single file as one.
  ///
  /// - Parameter mayBeEmpty: a folder without volumes is not an error.
  /// - Throws: `MaskCTError` (input) if the path does not exist, a file is not NIfTI, or a folder cannot be
  ///   read, holds no volume, or holds two files of one case.
  public init(at path: String, mayBeEmpty: Bool = false) throws(MaskCTError) {
    self.path = path
    guard exists(path) else {
      throw MaskCTError(.input, path: path, "does not exist", remedy: "check the path")
    }
    isSingle = !isFolder(path)
    if isSingle {
      guard let stem = Self.stem(lastComponent(path)) else {
        throw MaskCTError(
          .input, path: path, "is not a NIfTI file", remedy: "give .nii or .nii.gz files")
      }
      files[Self.names(of: [stem])[0]] = path
      return
    }
    let folder = path.hasSuffix("/") ? path : path + "/"
    let found = try entries(of: path).compactMap { entry in
      entry.hasPrefix(".") ? nil : Self.stem(entry).map { (entry: entry, stem: $0) }
    }
    for (name, file) in zip(Self.names(of: found.map(\.stem)), found.map(\.entry)) {
      if let other = files[name] {
        throw MaskCTError(
          .input, path: other, "and \(file) are two files of one case, '\(name)'",
          remedy: "keep one of them")
      }
      files[name] = folder + file
    }
    if files.isEmpty, !mayBeEmpty { throw Self.noVolume(path) }
  }

  /// Finds the images of a folder as `init(at:mayBeEmpty:)` does, and those that lie as TotalSegmentator
  /// keeps them: `FOLDER/CASE/ct.nii.gz`.
  ///
  /// - Throws: as `init(at:mayBeEmpty:)`.
  public init(imagesAt path: String, mayBeEmpty: Bool = false) throws(MaskCTError) {
    try self.init(at: path, mayBeEmpty: true)
    if !isSingle {
      for entry in try entries(of: path) where !entry.hasPrefix(".") && files[entry] == nil {
        let file = (path.hasSuffix("/") ? path : path + "/") + entry + "/ct.nii.gz"
        if exists(file) { files[entry] = file }
      }
    }
    if files.isEmpty, !mayBeEmpty { throw Self.noVolume(path) }
  }

  private static func noVolume(_ path: String) -> MaskCTError {
    MaskCTError(
      .input, path: path, "holds no .nii or .nii.gz file", remedy: "give a folder of volumes")
  }

  /// The file of a case; `nil` if there is none.
  public subscript(name: String) -> String? {
    if let file = files[name] { return file }
    if name.hasSuffix(Self.channelSuffix) {
      return files[String(name.dropLast(Self.channelSuffix.count))]
    }
    return files[name + Self.channelSuffix]
  }

  // MARK: - Names

  /// What nnU-Net appends to the name of a case for its first channel.
  public static let channelSuffix = suffix(ofChannel: 0)

  /// What nnU-Net appends to the name of a case for a channel: `_0000`, `_0001`.
  public static func suffix(ofChannel channel: Int) -> String {
    let digits = String(channel)
    return "_" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// The case that a file belongs to, judged by the file alone.
  public static func name(ofFile path: String) -> String {
    let name = lastComponent(path)
    return names(of: [stem(name) ?? name])[0]
  }

  /// A file name without `.nii.gz` or `.nii`; `nil` for other files.
  public static func stem(_ name: String) -> String? {
    let lower = name.lowercased()
    for ending in [".nii.gz", ".nii"] where lower.hasSuffix(ending) && name.count > ending.count {
      return String(name.dropLast(ending.count))
    }
    return nil
  }

  /// The names of the cases whose files have these stems, in the same order.
  static func names(of stems: [String]) -> [String] {
    var numbered: [Substring: Int] = [:]
    for stem in stems {
      if let prefix = numberedPrefix(stem) { numbered[prefix, default: 0] += 1 }
    }
    return stems.map { stem in
      guard stem.hasSuffix(channelSuffix), let prefix = numberedPrefix(stem), numbered[prefix] == 1
      else { return stem }
      return String(prefix)
    }
  }

  /// `scan` of `scan_0012`; `nil` for a stem that does not end in `_` and four digits.
  private static func numberedPrefix(_ stem: String) -> Substring? {
    guard stem.utf8.count > 5, stem.dropLast(4).hasSuffix("_"),
      stem.suffix(4).utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return stem.dropLast(5)
  }
}

// MARK: - Pairs

extension CaseFiles {
  /// A case with its file in both of two folders.
  public struct Pair: Equatable, Sendable {
    /// The case's name.
    public var name: String
    /// Its file in the first folder.
    public var first: String
    /// Its file in the second folder.
    public var second: String
  }

  /// The cases that both folders hold, by name, and the files that have no partner; two single files are one
  /// case whatever their names.
  public func paired(with other: CaseFiles) -> (
    pairs: [Pair], onlyFirst: [String], onlySecond: [String]
  ) {
    if isSingle, other.isSingle {
      return ([Pair(name: names[0], first: path, second: other.path)], [], [])
    }
    var pairs: [Pair] = []
    var onlyFirst: [String] = []
    var partners: Set<String> = []
    for name in names {
      let file = files[name]!
      if let second = other[name], partners.insert(second).inserted {
        pairs.append(Pair(name: name, first: file, second: second))
      } else {
        onlyFirst.append(name)
      }
    }
    return (pairs, onlyFirst, other.names.filter { !partners.contains(other.files[$0]!) })
  }

  /// The error where `paired(with:)` found no pair.
  public func sharesNoCase(with other: CaseFiles) -> MaskCTError {
    MaskCTError(
      .input, path: path, "shares no case with \(other.path)",
      remedy: "file names must be equal up to _0000 and .nii or .nii.gz")
  }
}
