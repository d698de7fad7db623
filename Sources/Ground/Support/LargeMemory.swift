#if canImport(Glibc)
  internal import Glibc
#endif

/// Uninitialised memory for hundreds of megabytes that kernels read in an order no CPU can guess.
///
/// Aligned to huge pages and offered to the system as such: with pages of 4 KiB a back-projection waits for
/// address translation a third of its time. Free it with `deallocate()`.
public func allocateLargeMemory(byteCount: Int) -> UnsafeMutableRawPointer {
  let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 1 << 21)
  #if canImport(Glibc)
    // Advice: where the system has no huge pages, nothing changes.
    _ = madvise(memory, byteCount, MADV_HUGEPAGE)
  #endif
  return memory
}
