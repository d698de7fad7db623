import FoundationEssentials
public import Support

/// What is installed on this machine and what is missing.
public struct DoctorReport: Equatable, Sendable {
  /// One thing that was looked at.
  public struct Item: Equatable, Sendable {
    /// How the thing stands.
    public enum State: String, Sendable {
      /// There and usable.
      case fine
      /// Not needed, or usable with a limit.
      case note
      /// Needed and not there.
      case missing
    }

    /// What was looked at, for example `FFmpeg`.
    public var name: String
    /// How it stands.
    public var state: State
    /// Version, size or path.
    public var detail: String
    /// The command that fixes it.
    public var remedy: String?

    /// Creates an item.
    package init(name: String, state: State, detail: String, remedy: String? = nil) {
      self.name = name
      self.state = state
      self.detail = detail
      self.remedy = remedy
    }
  }

  /// Everything that was looked at, in the order to show it.
  public var items: [Item]

  /// Whether everything that is needed is there.
  public var isComplete: Bool { !items.contains { $0.state == .missing } }

  /// Looks at this machine; takes seconds, because the Python environment is asked for its versions.
  public static func examine(
    location: PythonEnvironment.Location = PythonEnvironment.Location(),
    workers: Workers = Workers()
  ) async -> DoctorReport {
    var items = [machine(workers: workers), disk(at: location)]
    items.append(await ffmpeg())
    items.append(await python())
    items.append(await uv(location: location))
    items += await environment(location: location)
    return DoctorReport(items: items)
  }

  private static func machine(workers: Workers) -> Item {
    let memory = Double(ProcessInfo.processInfo.physicalMemory) / 1e9
    let text = "\(Workers.cores) cores, \(tenths(memory)) GB of memory"
    return memory < 7
      ? Item(
        name: "Machine", state: .note, detail: text,
        remedy: "large scans need 8 GB; use --threads 1")
      : Item(name: "Machine", state: .fine, detail: text)
  }

  private static func disk(at location: PythonEnvironment.Location) -> Item {
    var folder = location.home
    while !exists(folder), folder != "/" { folder = parent(folder) }
    guard let free = freeSpace(at: folder) else {
      return Item(name: "Disk", state: .note, detail: "free space of \(folder) is unknown")
    }
    let text = "\(tenths(Double(free) / 1e9)) GB free in \(folder)"
    let needed = location.isReady ? 5e9 : location.variant.size.disk * 1.1e9 + 5e9
    return Double(free) < needed
      ? Item(
        name: "Disk", state: .note, detail: text,
        remedy:
          "free \(tenths((needed - Double(free)) / 1e9)) GB, or set MASKCT_HOME to another disk")
      : Item(name: "Disk", state: .fine, detail: text)
  }

  private static func ffmpeg() async -> Item {
    guard let path = ChildProcess.find("ffmpeg"),
      let outcome = try? await ChildProcess.run(path, ["-version"]), outcome.succeeded
    else {
      return Item(
        name: "FFmpeg", state: .missing,
        detail: "not on the PATH; needed for --video and for recipes that paint with video",
        remedy: "sudo apt-get install ffmpeg")
    }
    let version = outcome.output.split(separator: " ").dropFirst(2).first ?? "?"
    return Item(
      name: "FFmpeg", state: .fine, detail: "\(version), for textures from video (\(path))")
  }

  private static func python() async -> Item {
    guard let found = try? await PythonEnvironment.findPython() else {
      return Item(
        name: "Python", state: .missing, detail: "none from 3.10 to 3.13 on the PATH",
        remedy: "sudo apt-get install python3 python3-venv")
    }
    return Item(name: "Python", state: .fine, detail: "\(found.version) (\(found.path))")
  }

  private static func uv(location: PythonEnvironment.Location) async -> Item {
    let own = location.home + "/uv-\(PythonEnvironment.uvVersion)/bin/uv"
    if let path = exists(own) ? own : ChildProcess.find("uv"),
      let outcome = try? await ChildProcess.run(path, ["--version"]), outcome.succeeded,
      let version = outcome.output.split(separator: " ").dropFirst().first
    {
      return Item(name: "uv", state: .fine, detail: "\(version) (\(path))")
    }
    return Item(
      name: "uv", state: .note, detail: "not installed; 'maskct setup' fetches it where needed")
  }

  private static func environment(location: PythonEnvironment.Location) async -> [Item] {
    let own = location.ownPython != nil
    let place = own ? location.python : location.folder
    guard location.isReady else {
      let begun = exists(location.folder) && !own
      return [
        Item(
          name: "nnU-Net", state: .missing,
          detail: (own
            ? "\(place) is not an interpreter"
            : begun ? "installation was interrupted (\(place))" : "not installed (\(place))")
            + "; needed to train and predict",
          remedy: own ? "unset MASKCT_PYTHON or correct it" : "maskct setup")
      ]
    }
    guard
      let outcome = try? await ChildProcess.run(
        location.python, ["-c", PythonEnvironment.probe], environment: ["MPLBACKEND": "agg"]),
      outcome.succeeded,
      let line = outcome.output.split(whereSeparator: \.isNewline).last,
      let versions = JSONFile.line(PythonEnvironment.Versions.self, line)
    else {
      return [
        Item(
          name: "nnU-Net", state: .missing, detail: "cannot be imported (\(place))",
          remedy: own ? "\(location.python) -m pip install nnunetv2" : "maskct setup --overwrite")
      ]
    }
    let torch = versions.torch
    var items = [
      Item(
        name: "nnU-Net", state: .fine,
        detail: "\(versions.nnunetv2), torch \(torch), to train and predict (\(place))")
    ]
    if !versions.cuda.isEmpty {
      items.append(Item(name: "GPU", state: .fine, detail: versions.cuda))
    } else if PythonEnvironment.Location.hasNVIDIA {
      items.append(
        Item(
          name: "GPU", state: .note, detail: "an NVIDIA driver is loaded but torch cannot use it",
          remedy: "compare the CUDA version in 'nvidia-smi' with torch \(torch)"))
    } else {
      items.append(
        Item(
          name: "GPU", state: .note,
          detail: "none; the configuration small trains on the CPU in minutes"))
    }
    return items
  }

  private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
