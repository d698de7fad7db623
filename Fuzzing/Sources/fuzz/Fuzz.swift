import HostileInput

#if canImport(Glibc)
  import Glibc
#endif

/// The readers are fuzzed through the paths that users give.
private let file = ScratchFile()
private let target = HostileInput(
  rawValue: String(cString: getenv("MASKCT_FUZZ") ?? strdup("nifti")))!

/// Called by libFuzzer with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  file.write(UnsafeRawBufferPointer(start: bytes, count: count))
  // What ends or hangs HDF5 itself is no finding: docs/reference/sinograms.md tells it. What HDF5 survives, we must.
  if target == .hdf5 && !survives() { return -1 }
  target.read(file.path)
  return 0
}

/// Whether a copy of this process reads the file within a limit of time.
private func survives() -> Bool {
  let child = fork()
  guard child == 0 else {
    var status: Int32 = 0
    return waitpid(child, &status, 0) == child && status == 0
  }
  close(2)
  var standard = sigaction()
  for number in [SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGXCPU] {
    sigaction(number, &standard, nil)
  }
  var time = rlimit(rlim_cur: 5, rlim_max: 5)
  setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &time)
  target.read(file.path)
  _exit(0)
}

@_silgen_name("fork") private func fork() -> Int32

/// libFuzzer's loop.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// libFuzzer brings a main function, but the package manager takes an executable's from here.
@main enum Fuzz {
  static func main() {
    // As in the process that reads sinograms: HDF5 asks for what damaged files promise.
    if target == .hdf5 {
      var data = rlimit(rlim_cur: 900 << 20, rlim_max: 900 << 20)
      setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &data)
    }
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(runDriver(&count, &arguments) { testOneInput($0, $1) })
  }
}
