public import FoundationEssentials
import Support

extension PythonEnvironment {
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
        ?? command.flatMap {
          Self.neighbour(of: $0, with: "nnunetv2", path: environment["PATH"] ?? "")
        }
    }

    /// The interpreter that the command was installed for, if it has a package: the one in the same folder or, as for
    /// `pip install --user` and for Debian's own Python, one of the same version on the `PATH`.
    package static func neighbour(of command: String, with package: String, path: String)
      -> String?
    {
      let folder = parent(command)
      for version in versions {
        let library = parent(folder) + "/lib/python3.\(version)/"
        guard ["site", "dist"].contains(where: { exists(library + $0 + "-packages/" + package) })
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
}
