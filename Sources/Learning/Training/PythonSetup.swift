import FoundationEssentials
package import Support

extension PythonEnvironment {
  /// Which Python versions the pinned packages are for.
  static let versions = [13, 12, 11, 10]
  /// The release of uv that is fetched where there is none.
  static let uvVersion = "0.13.9"

  /// Creates the environment unless it is complete; takes a moment when it is.
  ///
  /// Everything is installed from the pinned lock with hashes checked. An installation that was
  /// killed is removed and started over; of two at a time, one waits for the other.
  ///
  /// - Parameters:
  ///   - location: Where, and which packages.
  ///   - overwrite: Removes a complete environment first.
  ///   - progress: Called with one line per step.
  /// - Throws: `MaskCTError` if Python, disk space or the package index is missing.
  public static func install(
    at location: Location = Location(), overwrite: Bool = false,
    progress: (String) -> Void = { _ in }
  ) async throws -> PythonEnvironment {
    if location.ownPython != nil { return try ready(at: location) }
    if location.isReady, !overwrite { return try ready(at: location) }
    try createFolder(location.home)
    let lock = try await takeLock(location.home + "/.lock", progress: progress)
    defer { withExtendedLifetime(lock) {} }
    if location.isReady, !overwrite { return try ready(at: location) }  // another process did it

    let needed = Int(location.variant.size.disk * 1.1e9)
    if let free = freeSpace(at: location.home), free < needed {
      throw MaskCTError(
        .environment, path: location.home,
        "only \(gigabytes(free)) GB are free, \(gigabytes(needed)) GB are needed",
        remedy: "free some space, or set MASKCT_HOME to a folder on a larger disk")
    }
    let began = ContinuousClock.now
    let base = try await findPython()
    let uv = try await provideUV(home: location.home, python: base.path, progress: progress)
    try remove(location.folder)
    progress(
      "installing nnU-Net for Python \(base.version) into \(location.folder) "
        + "(\(location.variant.size.download) GB to download)")
    let variables: [String: String?] = [
      "UV_TORCH_BACKEND": nil, "UV_PYTHON": nil, "UV_EXCLUDE_NEWER": nil,
      "UV_HTTP_TIMEOUT": ProcessInfo.processInfo.environment["UV_HTTP_TIMEOUT"] ?? "600",
    ]
    try await check(
      ChildProcess.run(
        uv, ["venv", "--quiet", "--python", base.path, location.folder], environment: variables),
      failing: "creating the Python environment", path: location.folder)
    let requirements = location.folder + "/requirements.lock"
    try AtomicFile.write(self.requirements(for: location.variant), to: requirements)
    try await check(
      ChildProcess.run(
        uv,
        [
          "pip", "install", "--quiet", "--python", location.python, "--no-deps",
          "--require-hashes", "--requirements", requirements,
        ], environment: variables),
      failing: "installing Python packages", path: location.folder)
    let probe = try await ChildProcess.run(
      location.python, ["-c", Self.probe],
      environment: Self.compiling.merging(["MPLBACKEND": "agg"]) { $1 })
    try check(probe, failing: "importing nnU-Net", path: location.folder)
    let seconds = (ContinuousClock.now - began).components.seconds
    let record = Marker(
      variant: location.variant.rawValue, python: base.version,
      versions: probe.output.split(whereSeparator: \.isNewline).last.map(String.init) ?? "",
      seconds: Int(seconds))
    try JSONFile.write(record, to: location.marker)
    progress("installed in \(seconds) s")
    return try ready(at: location)
  }

  /// What an installation leaves when it is complete.
  private struct Marker: Encodable {
    var variant: String
    var python: String
    var versions: String
    var seconds: Int
  }

  /// What `probe` prints.
  struct Versions: Decodable {
    var nnunetv2: String
    var torch: String
    /// The name of the GPU; empty without one.
    var cuda: String
  }

  /// Variables for the first import, which compiles thousands of files: also where the user's shell keeps Python from
  /// writing what it compiled, or every start of Python would take a quarter of a minute.
  package static let compiling: [String: String?] = ["PYTHONDONTWRITEBYTECODE": nil]

  /// Prints the versions that matter, as JSON.
  static let probe = """
    import json, warnings
    warnings.simplefilter("ignore")
    import torch, importlib.metadata
    import nnunetv2.training.nnUNetTrainer.nnUNetTrainer, nnunetv2.inference.predict_from_raw_data
    print(json.dumps({"nnunetv2": importlib.metadata.version("nnunetv2"), "torch": torch.__version__, \
    "cuda": torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""}))
    """

  private static func gigabytes(_ bytes: Int) -> String {
    "\((Double(bytes) / 1e8).rounded() / 10)"
  }

  package static func check(_ outcome: ChildProcess.Outcome, failing what: String, path: String)
    throws
  {
    guard !outcome.succeeded else { return }
    let text = outcome.output.lowercased()
    var remedy = "run the command again; if it fails again, remove this folder first"
    if text.contains("dns error") || text.contains("failed to fetch")
      || text.contains("connection") || text.contains("timed out")
    {
      remedy = "check that the package index can be reached, then run the command again"
    } else if text.contains("no space left") {
      remedy = "free some space, or set MASKCT_HOME to a folder on a larger disk"
    }
    throw MaskCTError(
      .environment, path: path, "\(what) failed: \(outcome.tail())", remedy: remedy)
  }

  package static func takeLock(_ path: String, progress: (String) -> Void) async throws -> FileLock
  {
    var announced = false
    while true {
      if let lock = FileLock(path: path) { return lock }
      guard exists(path) else {
        throw MaskCTError(
          .output, path: path, "cannot be written",
          remedy: "set MASKCT_HOME to a folder that can be written")
      }
      if !announced { progress("waiting for another 'maskct setup' to end") }
      announced = true
      try await Task.sleep(for: .seconds(1))
    }
  }

  /// An interpreter of a version that the lock serves.
  package static func findPython() async throws -> (path: String, version: String) {
    for name in ["python3"] + versions.map({ "python3.\($0)" }) {
      guard let path = ChildProcess.find(name),
        let outcome = try? await ChildProcess.run(
          path,
          [
            "-c",
            "import sys; print(sys.executable); print('.'.join(map(str, sys.version_info[:3])))",
          ]),
        outcome.succeeded
      else { continue }
      let lines = outcome.output.split(whereSeparator: \.isNewline).map(String.init)
      guard lines.count == 2, serves(version: lines[1]) else { continue }
      return (lines[0], lines[1])
    }
    try Task.checkCancellation()
    throw MaskCTError(
      .environment, "no Python from 3.10 to 3.13 was found",
      remedy: "install it, for example with 'sudo apt-get install python3 python3-venv'")
  }

  /// Whether the pinned packages serve this version of Python, for example `3.11.7`.
  package static func serves(version: String) -> Bool {
    let parts = version.split(separator: ".").compactMap { Int($0) }
    return parts.count >= 2 && parts[0] == 3 && versions.contains(parts[1])
  }

  /// uv from earlier, from the PATH, or from the package index by way of a small environment.
  package static func provideUV(home: String, python: String, progress: (String) -> Void)
    async throws
    -> String
  {
    let folder = home + "/uv-\(uvVersion)"
    let own = folder + "/bin/uv"
    if exists(own) { return own }
    if let found = ChildProcess.find("uv"),
      let outcome = try? await ChildProcess.run(found, ["--version"]), outcome.succeeded,
      isRecent(uv: outcome.output)
    {
      return found
    }
    progress("installing uv \(uvVersion)")
    let part = folder + ".part"
    try remove(part)
    try await check(
      ChildProcess.run(python, ["-m", "venv", part]),
      failing: "python3 -m venv", path: part)
    try await check(
      ChildProcess.run(
        part + "/bin/python",
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv==\(uvVersion)"]),
      failing: "installing uv", path: part)
    try remove(folder)
    try rename(part, to: folder)
    return own
  }

  /// Whether `uv --version` names a release whose options are used here.
  package static func isRecent(uv text: String) -> Bool {
    guard let version = text.split(separator: " ").dropFirst().first else { return false }
    let parts = version.split(separator: ".").compactMap { Int($0) }
    return parts.count == 3 && (parts[0] > 0 || parts[1] >= 5)
  }
}
