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
