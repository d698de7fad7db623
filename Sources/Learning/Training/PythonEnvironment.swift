public import FoundationEssentials
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

  /// The versions of packages in the managed environment, those that are pinned.
  package static func pinned(_ packages: [String]) -> [(name: String, version: String)] {
    let lines = RequirementsLock.text.split(separator: "\n")
    return packages.compactMap { name in
      guard let line = lines.first(where: { $0.hasPrefix(name + "==") }) else { return nil }
      let version = line.dropFirst(name.count + 2).prefix { $0 != " " && $0 != ";" }
      return (name, String(version))
    }
  }

  /// Which packages are installed.
  public enum Variant: String, CaseIterable, Sendable {
    /// For machines without an NVIDIA GPU: parts of CUDA that are loaded only on use are left out.
    case cpu
    /// Everything; runs on CPU and GPU.
    case cuda

    /// Packages that this variant leaves out, found by trying: without them torch still loads.
    ///
    /// The CUDA libraries that torch links against stay, because PyPI has no build of torch
    /// without CUDA for x86-64.
    var excluded: Set<String> {
      switch self {
      case .cuda: []
      case .cpu:
        [
          "triton", "nvidia-cusolver", "nvidia-cuda-cccl", "nvidia-nvtx", "cuda-bindings",
          "cuda-pathfinder",
        ]
      }
    }

    /// What an installation downloads and occupies, GB, measured.
    var size: (download: Double, disk: Double) {
      switch self {
      case .cpu: (2.8, 4.8)
      case .cuda: (3.3, 6.1)
      }
    }
  }

  /// Where the environment belongs and whether it is there.
  public struct Location: Equatable, Sendable {
    /// The folder of everything that MaskCT manages.
    public let home: String
    /// Which packages.
    public let variant: Variant
    /// The interpreter of the user's own: `$MASKCT_PYTHON`, or the one beside the command.
    public let ownPython: String?

    /// Finds where the environment of this machine belongs.
    public init(
      variant: Variant? = nil,
      environment: [String: String] = ProcessInfo.processInfo.environment,
      command: String? = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/self/exe")
    ) {
      func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : absolute($0) }
      }
      home = variable("MASKCT_HOME") ?? (variable("HOME") ?? "/tmp") + "/.local/share/maskct"
      self.variant = variant ?? (Self.hasNVIDIA ? .cuda : .cpu)
      ownPython =
        variable("MASKCT_PYTHON")
        ?? command.flatMap { Self.neighbour(of: $0, path: environment["PATH"] ?? "") }
    }

    /// The interpreter that the command was installed for, if it has nnU-Net: the one in the same folder or, as for
    /// `pip install --user` and for Debian's own Python, one of the same version on the `PATH`.
    private static func neighbour(of command: String, path: String) -> String? {
      let folder = parent(command)
      for version in versions {
        let library = parent(folder) + "/lib/python3.\(version)/"
        guard ["site", "dist"].contains(where: { exists(library + $0 + "-packages/nnunetv2") })
        else { continue }
        let folders = [folder] + path.split(separator: ":").map(String.init)
        let names = [folder + "/python3"] + folders.map { $0 + "/python3.\(version)" }
        if let python = names.first(where: exists) { return python }
      }
      return nil
    }

    /// Whether the driver of an NVIDIA GPU is loaded.
    public static var hasNVIDIA: Bool {
      exists("/proc/driver/nvidia/version") || exists("/dev/nvidiactl")
    }

    /// The folder of the environment, `python-DIGEST-cpu`.
    public var folder: String {
      let pins = requirements(for: variant)
      return home + "/python-\(digest(pins.utf8).prefix(10))-\(variant.rawValue)"
    }

    /// Written last; without it an installation is not complete.
    var marker: String { folder + "/maskct-environment.json" }

    /// The interpreter, whether it is there or not.
    public var python: String { ownPython ?? folder + "/bin/python" }

    /// Whether the environment is complete.
    public var isReady: Bool { ownPython.map(exists) ?? (exists(marker) && exists(python)) }
  }

  /// The environment, if it is complete.
  ///
  /// - Throws: `MaskCTError` that names the command that installs it.
  public static func ready(at location: Location = Location()) throws -> PythonEnvironment {
    if let own = location.ownPython, !exists(own) {
      throw MaskCTError(
        .environment, path: own, "MASKCT_PYTHON names no interpreter",
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
      if FileManager.default.contents(atPath: path).map({ Array($0) }) == bytes { continue }
      try createFolder(folder)
      try AtomicFile.write(bytes, to: path)
    }
    return folder
  }

  /// The pinned packages without those that the variant leaves out.
  ///
  /// A requirement begins at the margin with `name==version` and goes on in indented lines of hashes.
  package static func requirements(for variant: Variant) -> String {
    var kept = ""
    var keep = true
    for line in RequirementsLock.text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let first = line.first, first.isLetter {
        let name = line.prefix { $0 != "=" && $0 != " " && $0 != "[" }
        keep = !variant.excluded.contains(String(name))
      }
      if keep { kept += line + "\n" }
    }
    return kept
  }
}
