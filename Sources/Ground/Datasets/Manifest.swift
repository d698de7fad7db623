import FoundationEssentials
public import Support

/// `manifest.json`, beside every generated dataset and every experiment: what it was made from and with, for programs.
///
/// A file of the input counts by its SHA-256, so that anyone who has it can check with `sha256sum` whether it is the
/// same. Paths are those of the machine it was made on; names below the folder are what other machines share.
public struct Manifest: Codable, Equatable, Sendable {
  /// A file that was read.
  public struct Input: Codable, Equatable, Sendable {
    /// What it is: `label map`, `video`, `test image`.
    public var role: String
    /// The file.
    public var path: String
    /// Its size.
    public var bytes: Int
    /// Its SHA-256, 64 hexadecimal digits; `nil` for a file that could not be read, as one that was left out.
    public var sha256: String?

    /// Names a file without reading it.
    public init(role: String, path: String, bytes: Int, sha256: String?) {
      self.role = role
      self.path = path
      self.bytes = bytes
      self.sha256 = sha256
    }

    /// Reads a file.
    public init(role: String, path: String) {
      self.init(
        role: role, path: path, bytes: (try? ByteFile.size(path)) ?? 0,
        sha256: try? SHA256.hex(ofFile: path))
    }
  }

  /// The shape of the file.
  public var format = 1
  /// `dataset` or `experiment`.
  public var kind: String
  /// What it is called.
  public var name: String
  /// Versions of the programs that made it, by name.
  public var versions: [String: String]
  /// When it was complete, ISO 8601, UTC.
  public var created: String
  /// The instruction set of the kernels; rounding differs between them.
  public var kernels: String
  /// Every file that was read, in order.
  public var inputs: [Input]
  /// The file beside this one that holds all settings.
  public var settings: String
  /// What was written, names below the folder of this file, with SHA-256.
  public var outputs: [Input]
  /// Seconds of work by its stage.
  public var seconds: [String: Double]

  /// Puts together a manifest.
  public init(
    kind: String, name: String, versions: [String: String], kernels: String, inputs: [Input],
    settings: String, outputs: [Input], seconds: [String: Double]
  ) {
    self.kind = kind
    self.name = name
    self.versions = versions
    created = Date.now.formatted(.iso8601)
    self.kernels = kernels
    self.inputs = inputs
    self.settings = settings
    self.outputs = outputs
    self.seconds = seconds
  }

  /// The name of the file.
  public static let fileName = "manifest.json"

  /// Reads several files at once.
  ///
  /// - Parameters:
  ///   - files: roles and paths; a path that comes twice counts once.
  ///   - base: paths are written below this folder where they lie in it.
  public static func read(
    _ files: [(role: String, path: String)], below base: String? = nil, workers: Workers
  ) -> [Input] {
    var seen: Set<String> = []
    let files = files.filter { seen.insert($0.path).inserted }
    let found = Slots(
      count: files.count, initial: Input(role: "", path: "", bytes: 0, sha256: nil))
    workers.forEach(files.count) { index in
      var input = Input(role: files[index].role, path: files[index].path)
      if let base, input.path.hasPrefix(base + "/") {
        input.path = String(input.path.dropFirst(base.count + 1))
      }
      found.set(index, input)
    }
    return found.values
  }
}
