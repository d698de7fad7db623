import FoundationEssentials
public import Support
import Synchronization

/// The clips of a folder (with its subfolders), or of a single video file.
///
/// Every file is probed when the library is opened (about 50 ms each): what FFmpeg cannot read is
/// left out and told in `warnings`. Clips are decoded when they are first used and kept up to
/// `cacheLimit` bytes.
public final class VideoLibrary: TextureProvider {
  /// The folder or file.
  public let path: String
  /// Paths below the folder, sorted; for a single file its last component.
  public let clipNames: [String]
  private let decoder: VideoDecoder
  private let cache: ClipCache
  private let paths: [String: String]
  private let complaints: Mutex<[String: MaskCTError]>

  /// Files that people keep beside video; they are passed over without a word.
  private static let otherSuffixes: Set<String> = [
    "txt", "md", "json", "csv", "tsv", "yaml", "yml", "xml", "html", "pdf", "srt", "vtt", "ass",
    "jpg", "jpeg", "png", "bmp", "tif", "tiff", "wav", "mp3", "flac", "py", "sh", "log", "ini",
    "db", "sha256", "md5", "part",
  ]

  /// Opens a folder or a file.
  ///
  /// - Parameter cacheLimit: bytes of decoded video to keep, 700 MB unless told otherwise.
  /// - Throws: `MaskCTError` where the path does not exist, FFmpeg is not installed, or no file is a
  ///   readable video.
  public init(
    path: String, decoder: VideoDecoder = VideoDecoder(), cacheLimit: Int = 700_000_000,
    workers: Workers = Workers()
  ) throws(MaskCTError) {
    self.path = path
    self.decoder = decoder
    cache = ClipCache(limit: workers.cacheSize(cacheLimit))
    let found = try Self.files(path)
    let failures = Mutex<[String: MaskCTError]>([:])
    workers.forEach(found.count) { index in
      do throws(MaskCTError) {
        _ = try decoder.probe(path: found[index].path)
      } catch {
        failures.withLock { $0[found[index].name] = error }
      }
    }
    let broken = failures.withLock { $0 }
    if let missing = broken.values.first(where: { $0.kind == .environment }) { throw missing }
    let good = found.filter { broken[$0.name] == nil }
    if good.isEmpty {
      if found.count == 1, let only = broken.values.first { throw only }
      throw MaskCTError(
        .input, path: path,
        found.isEmpty
          ? "this folder holds no video"
          : "none of the \(found.count) files in this folder is a video that FFmpeg can read",
        remedy: "give a folder with video clips (mp4, mkv, avi, webm, ...)")
    }
    clipNames = good.map(\.name)
    paths = Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.path) })
    complaints = Mutex(broken)
  }

  /// What is wrong with the clips left out so far, by name.
  public var warnings: [MaskCTError] {
    complaints.withLock { list in list.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// The bytes of decoded video held at present.
  public var cachedByteCount: Int { cache.byteCount }

  /// Decodes the clip of that name, or takes it from the cache.
  public func clip(named name: String) throws(MaskCTError) -> Clip {
    guard let file = paths[name] else {
      throw MaskCTError(
        .input, path: path, "holds no clip '\(name)'",
        remedy: "give the video folder that the record was made with")
    }
    do throws(MaskCTError) {
      return try cache.clip(name) { () throws(MaskCTError) in
        try decoder.decode(path: file, name: name)
      }
    } catch {
      complaints.withLock { $0[name] = error }
      throw error
    }
  }

  /// The files that opening a library of this path reads, each with its name in the library: everything
  /// below a folder but hidden files and those that cannot be video; sorted by name.
  ///
  /// - Throws: `MaskCTError` where the path does not exist or a folder cannot be listed.
  public static func files(_ path: String) throws(MaskCTError) -> [(name: String, path: String)] {
    let manager = FileManager.default
    var isFolder = false
    guard manager.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw MaskCTError(
        .input, path: path, "no such video file or folder", remedy: "check the path")
    }
    guard isFolder else {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      return [(name, path)]
    }
    // The listing does not follow a link, and archives are often linked into a project.
    guard let all = try? manager.subpathsOfDirectory(atPath: canonical(path)) else {
      throw MaskCTError(.input, path: path, "cannot be listed", remedy: "check its permissions")
    }
    let folder = path.hasSuffix("/") ? path : path + "/"
    return all.filter { name in
      let parts = name.split(separator: "/")
      guard let last = parts.last, !parts.contains(where: { $0.hasPrefix(".") }) else {
        return false
      }
      let suffix = last.split(separator: ".").last.map { $0.lowercased() } ?? ""
      var isFolder = false
      return !otherSuffixes.contains(suffix)
        && manager.fileExists(atPath: folder + name, isDirectory: &isFolder) && !isFolder
    }.sorted().map { ($0, folder + $0) }
  }
}
