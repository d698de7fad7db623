import Support

/// The managed Python environment in which nnU-Net runs.
///
/// It lies in `$MASKCT_HOME` (else `~/.local/share/maskct`) in a folder named after the digest of the
/// pinned packages, so that another lock makes another environment and never changes one in use.
/// `$MASKCT_PYTHON` names an interpreter that has nnU-Net already; then nothing is managed. Nor is anything
/// where the command was installed beside such an interpreter, as by `pip install "maskct[nnunet]"`.
public struct PythonEnvironment: Equatable, Sendable {
  /// The interpreter.
  public let python: String
  /// The folder with MaskCT's own Python files, named after their digest.
  public let scripts: String

  /// Names an environment; nothing is looked at.
  package init(python: String, scripts: String) {
    self.python = python
    self.scripts = scripts
  }

  /// The environment, if it is complete.
  ///
  /// - Throws: `MaskCTError` that names the command that installs it.
  public static func ready(at location: Location = Location()) throws -> PythonEnvironment {
    if let own = location.ownPython, !exists(own) {
      throw MaskCTError(
        .environment, path: own, "MASKCT_PYTHON does not name an interpreter",
        remedy: "correct it, or unset it and run 'maskct setup'")
    }
    guard location.isReady else {
      throw MaskCTError(
        .environment, path: location.folder, "the Python environment is not installed",
        remedy: "run 'maskct setup' (downloads \(location.variant.size.download) GB)")
    }
    return PythonEnvironment(
      python: location.python, scripts: try writeScripts(in: location.home))
  }

  /// MaskCT's own Python files, by name.
  static let resources: [(name: String, bytes: [UInt8])] = [
    ("maskct_nnunet.py", PackageResources.maskct_nnunet_py),
    ("maskct_trainer.py", PackageResources.maskct_trainer_py),
  ]

  /// Writes the Python files below `home` unless they are there; returns their folder.
  static func writeScripts(in home: String) throws -> String {
    let folder = home + "/scripts-" + digest(resources.flatMap(\.bytes)).prefix(10)
    for (name, bytes) in resources {
      let path = folder + "/" + name
      if (try? ByteFile.read(path)) == bytes { continue }
      try createFolder(folder)
      try AtomicFile.write(bytes, to: path)
    }
    return folder
  }
}
