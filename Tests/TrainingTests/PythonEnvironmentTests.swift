import TestSupport
import FoundationEssentials
import Support
import Testing
import Training

@Suite struct PythonEnvironmentTests {
  @Test("the lock pins everything with hashes and names no host")
  func lock() {
    let pins = PythonEnvironment.requirements(for: .cuda)
    #expect(pins.contains("nnunetv2==2.8.1 "))
    #expect(pins.contains("\ntriton=="))
    #expect(!pins.contains("://"))
    #expect(!pins.contains("--index-url"))
    for line in pins.split(separator: "\n") {
      let first = line.first!
      if first == " " {
        #expect(line.contains("--hash=sha256:"))
      } else {
        #expect(line.contains("==") && line.hasSuffix("\\"), "\(line)")
      }
    }
  }

  @Test("without a GPU whole requirements are left out, hashes with them")
  func variants() {
    let all = PythonEnvironment.requirements(for: .cuda).split(separator: "\n")
    let few = PythonEnvironment.requirements(for: .cpu).split(separator: "\n")
    func names(_ lines: [Substring]) -> Set<Substring> {
      Set(lines.filter { $0.first != " " }.map { $0.prefix { $0 != "=" } })
    }
    #expect(
      names(all).subtracting(names(few)) == [
        "triton", "nvidia-cusolver", "nvidia-cuda-cccl", "nvidia-nvtx", "cuda-bindings",
        "cuda-pathfinder",
      ])
    #expect(few.last?.first == " ")
    #expect(few.count < all.count - 20)
  }

  @Test("the folder follows the variables and the lock")
  func location() {
    let cpu = PythonEnvironment.Location(variant: .cpu, environment: ["HOME": "/home/a"])
    #expect(cpu.home == "/home/a/.local/share/maskct")
    #expect(cpu.folder.hasPrefix(cpu.home + "/python-"))
    #expect(cpu.folder.hasSuffix("-cpu"))
    let cuda = PythonEnvironment.Location(variant: .cuda, environment: ["MASKCT_HOME": "/big"])
    #expect(cuda.home == "/big")
    #expect(cuda.folder.split(separator: "/").last != cpu.folder.split(separator: "/").last)
    #expect(!cuda.isReady)
    let own = PythonEnvironment.Location(environment: ["MASKCT_PYTHON": "/bin/sh"])
    #expect(own.python == "/bin/sh")
    #expect(own.isReady)
  }

  @Test("what is not installed is an error that names the command")
  func notReady() throws {
    try withTemporaryFolder { folder in
      let location = PythonEnvironment.Location(
        variant: .cpu, environment: ["MASKCT_HOME": folder])
      let error = #expect(throws: MaskCTError.self) { try PythonEnvironment.ready(at: location) }
      #expect(error?.remedy?.contains("maskct setup") == true)
      // A killed installation leaves the interpreter, but not the marker.
      try write("", to: location.folder + "/bin/python")
      #expect(!location.isReady)
      let wrong = PythonEnvironment.Location(environment: ["MASKCT_PYTHON": folder + "/none"])
      #expect(throws: MaskCTError.self) { try PythonEnvironment.ready(at: wrong) }
    }
  }

  @Test("an interpreter of the user's own is taken as it is; MaskCT's files lie beside")
  func ownPython() throws {
    try withTemporaryFolder { folder in
      let location = PythonEnvironment.Location(
        environment: ["MASKCT_HOME": folder, "MASKCT_PYTHON": "/bin/sh"])
      let first = try PythonEnvironment.ready(at: location)
      #expect(first.python == "/bin/sh")
      let file = first.scripts + "/maskct_trainer.py"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(text.contains("class MaskCTTrainer"))
      // Damaged files are mended.
      try write("x", to: file)
      #expect(try PythonEnvironment.ready(at: location) == first)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
    }
  }

  @Test("an interpreter beside the command is taken if it has nnU-Net")
  func neighbour() throws {
    try withTemporaryFolder { folder in
      try write("", to: folder + "/bin/python3")
      func location(_ environment: [String: String] = [:]) -> PythonEnvironment.Location {
        PythonEnvironment.Location(environment: environment, command: folder + "/bin/maskct")
      }
      #expect(location().ownPython == nil)
      try write("", to: folder + "/lib/python3.12/site-packages/nnunetv2/__init__.py")
      #expect(location().ownPython == folder + "/bin/python3")
      #expect(location(["MASKCT_PYTHON": "/bin/sh"]).ownPython == "/bin/sh")
    }
  }

  @Test("the interpreter may lie elsewhere on the PATH, as for 'pip install --user'")
  func neighbourOnPath() throws {
    try withTemporaryFolder { folder in
      func location() -> PythonEnvironment.Location {
        PythonEnvironment.Location(
          environment: ["PATH": "/nowhere:\(folder)/usr/bin"], command: folder + "/bin/maskct")
      }
      try write("", to: folder + "/usr/bin/python3.11")
      #expect(location().ownPython == nil)
      try write("", to: folder + "/lib/python3.12/site-packages/nnunetv2/__init__.py")
      #expect(location().ownPython == nil, "of another version")
      try write("", to: folder + "/lib/python3.11/dist-packages/nnunetv2/__init__.py")
      #expect(location().ownPython == folder + "/usr/bin/python3.11")
    }
  }

  @Test func versions() {
    #expect(PythonEnvironment.serves(version: "3.10.0"))
    #expect(PythonEnvironment.serves(version: "3.13.9"))
    #expect(!PythonEnvironment.serves(version: "3.9.18"))
    #expect(!PythonEnvironment.serves(version: "2.7.18"))
    #expect(PythonEnvironment.isRecent(uv: "uv 0.13.9 (abc)"))
    #expect(PythonEnvironment.isRecent(uv: "uv 1.0.0"))
    #expect(!PythonEnvironment.isRecent(uv: "uv 0.2.33"))
    #expect(!PythonEnvironment.isRecent(uv: "command not found"))
  }

  @Test("the report names what is missing with the command that installs it")
  func doctor() async throws {
    try await withTemporaryFolder { folder in
      let location = PythonEnvironment.Location(
        variant: .cpu, environment: ["MASKCT_HOME": folder])
      let report = await DoctorReport.examine(location: location)
      let item = try #require(report.items.first { $0.name == "nnU-Net" })
      #expect(item.state == .missing)
      #expect(item.remedy == "maskct setup")
      #expect(!report.isComplete)
      #expect(report.items.map(\.name).starts(with: ["Machine", "Disk", "FFmpeg", "Python", "uv"]))
    }
  }
}
