import FoundationEssentials
import Support
package import Training

/// The Python environment in which DICOM, NRRD and MetaImage are read and written.
///
/// Apart from nnU-Net's, and small: importing needs no torch. It lies in `$MASKCT_HOME` in a folder named after
/// the digest of the pinned packages, and is installed on first use. An interpreter of the user's own
/// (`$MASKCT_PYTHON`, or the one that the command was installed for, as by `pip install "maskct[dicom]"`) is
/// taken if it has the packages.
package enum ExchangeEnvironment {
  /// What an installation downloads and occupies, MB, measured for Python 3.11.
  static let size = (download: 90, disk: 410)

  /// The pinned packages with hashes, in the format of `pip install --require-hashes -r`.
  static var requirements: String {
    String(decoding: PackageResources.requirements_dicom_txt, as: UTF8.self)
  }

  /// The folder of the managed environment.
  package static func folder(home: String) -> String {
    home + "/dicom-" + digest(requirements.utf8).prefix(10)
  }

  /// The environment; installs it if it is not there.
  ///
  /// - Parameter progress: called with one line for each step of an installation.
  /// - Throws: `MaskCTError` if Python, disk space or the package index is missing.
  package static func provide(
    location: PythonEnvironment.Location = PythonEnvironment.Location(),
    progress: (String) -> Void = { _ in }
  ) async throws -> PythonEnvironment {
    try createFolder(location.home)
    let scripts = try writeScripts(in: location.home)
    if let own = await ownPython(location) {
      return PythonEnvironment(python: own, scripts: scripts)
    }
    let folder = folder(home: location.home)
    let environment = PythonEnvironment(python: folder + "/bin/python", scripts: scripts)
    let marker = folder + "/maskct-environment.json"
    if exists(marker), exists(environment.python) { return environment }
    let lock = try await PythonEnvironment.takeLock(
      location.home + "/.lock-dicom", progress: progress)
    defer { withExtendedLifetime(lock) {} }
    if exists(marker), exists(environment.python) { return environment }  // another process did it

    let base = try await PythonEnvironment.findPython()
    let uv = try await PythonEnvironment.provideUV(
      home: location.home, python: base.path, progress: progress)
    try remove(folder)
    progress(
      "installing pydicom, highdicom and SimpleITK into \(folder) (\(size.download) MB to download)"
    )
    let variables: [String: String?] = ["UV_PYTHON": nil, "UV_EXCLUDE_NEWER": nil]
    try await PythonEnvironment.check(
      ChildProcess.run(
        uv, ["venv", "--quiet", "--python", base.path, folder], environment: variables),
      failing: "creating the Python environment", path: folder)
    let lockFile = folder + "/requirements-dicom.txt"
    try AtomicFile.write(requirements, to: lockFile)
    try await PythonEnvironment.check(
      ChildProcess.run(
        uv,
        [
          "pip", "install", "--quiet", "--python", environment.python, "--no-deps",
          "--require-hashes", "--requirements", lockFile,
        ], environment: variables),
      failing: "installing Python packages", path: folder)
    try await PythonEnvironment.check(
      ChildProcess.run(
        environment.python, ["-c", probe], environment: PythonEnvironment.compiling),
      failing: "importing pydicom", path: folder)
    try JSONFile.write(Marker(python: base.version), to: marker)
    return environment
  }

  /// What an installation leaves when it is complete.
  private struct Marker: Encodable {
    var python: String
  }

  /// Imports what the scripts need; the first time this compiles hundreds of files.
  ///
  /// It answers with a word of its own, so that nothing else that exits with 0 is taken for an interpreter.
  private static let probe = "import pydicom, highdicom, SimpleITK, nibabel; print('maskct-dicom')"

  /// An interpreter of the user's own that has the packages: `$MASKCT_PYTHON`, or the one beside the command.
  static func ownPython(_ location: PythonEnvironment.Location) async -> String? {
    let beside = PythonEnvironment.Location.neighbour(
      of: canonical("/proc/self/exe"), with: "highdicom",
      path: ProcessInfo.processInfo.environment["PATH"] ?? "")
    for python in [location.ownPython, beside].compactMap({ $0 }) where exists(python) {
      if let outcome = try? await ChildProcess.run(python, ["-c", probe]), outcome.succeeded,
        outcome.output.contains("maskct-dicom")
      {
        return python
      }
    }
    return nil
  }

  /// MaskCT's own Python files, by name.
  static let scripts: [(name: String, bytes: [UInt8])] = [
    ("maskct_exchange.py", PackageResources.maskct_exchange_py),
    ("exchange_contours.py", PackageResources.exchange_contours_py),
    ("exchange_inputs.py", PackageResources.exchange_inputs_py),
    ("exchange_labels.py", PackageResources.exchange_labels_py),
    ("exchange_paint.py", PackageResources.exchange_paint_py),
    ("exchange_series.py", PackageResources.exchange_series_py),
    ("exchange_write.py", PackageResources.exchange_write_py),
    ("maskct_zip.py", PackageResources.maskct_zip_py),
  ]

  static func writeScripts(in home: String) throws -> String {
    let folder = home + "/scripts-" + digest(scripts.flatMap(\.bytes)).prefix(10)
    for (name, bytes) in scripts {
      let path = folder + "/" + name
      if (try? ByteFile.read(path)) == bytes { continue }
      try createFolder(folder)
      try AtomicFile.write(bytes, to: path)
    }
    return folder
  }

  /// How an environment that lacks a package is put right: the managed one is installed again when it is gone.
  static func repair(python: String, home: String) -> String {
    let managed = folder(home: home)
    return python.hasPrefix(managed + "/")
      ? "remove \(managed), and the next command installs it again"
      : "install them with '\(python) -m pip install highdicom SimpleITK nibabel'"
  }

  /// Starts the Python side, runs `body`, and ends it.
  static func run<Result>(
    progress: (String) -> Void, body: (Driver) async throws -> Result
  ) async throws -> Result {
    let location = PythonEnvironment.Location()
    let python = try await provide(location: location, progress: progress)
    let log =
      location.home + "/logs/exchange-\(ProcessInfo.processInfo.processIdentifier).log"
    try? remove(log)
    let result = try await Driver.run(
      python: python, variables: [:], log: log,
      program: DriverProgram(
        name: "the reader of DICOM files", script: "maskct_exchange.py",
        repair: repair(python: python.python, home: location.home)), body: body)
    try? remove(log)
    return result
  }
}
