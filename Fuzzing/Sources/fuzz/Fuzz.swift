import HostileInput

#if canImport(Glibc)
  import Glibc
#endif

/// A file in memory: the readers are fuzzed through the paths that users give.
private let file: Int32 = {
  var name = Array("/dev/shm/maskct-fuzz-XXXXXX".utf8CString)
  let file = mkstemp(&name)
  unlink(name)
  return file
}()
private let path = "/proc/self/fd/\(file)"
private let target = HostileInput(
  rawValue: String(cString: getenv("MASKCT_FUZZ") ?? strdup("nifti")))!

/// Called by libFuzzer with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard ftruncate(file, 0) == 0, pwrite(file, bytes, count, 0) == count else { abort() }
  target.read(path)
  return 0
}

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
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(runDriver(&count, &arguments) { testOneInput($0, $1) })
  }
}
