// The functions that the Python package calls, through ctypes. They are private to it: both are of one
// version, in one wheel. Requests and descriptions are JSON (Requests.swift), voxels are arrays in the
// caller's memory (VoxelArray). All are safe from several threads at once. What is returned as a pointer is
// the caller's to release. A function that fails returns NULL or a status of 1, and sets `error` to JSON with
// `kind` and `message`.

internal import Acquisition

/// Told how far the work is, from 0 to 1; anything but 0 stops it.
public typealias MaskCTProgress = @convention(c) (Double) -> Int32

/// Opens a painter and generator of cases for a `GeneratorRequest`; `maskct_release` closes it.
@_cdecl("maskct_open")
public func open(
  _ request: UnsafePointer<CChar>, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutableRawPointer? {
  handle(error) { try Session(decode(GeneratorRequest.self, request)) }
}

/// Paints a label map, for a `CaseRequest`; `labels` is its array, or NULL for a file.
@_cdecl("maskct_paint")
public func paint(
  _ session: UnsafeMutableRawPointer, _ request: UnsafePointer<CChar>, _ labels: UnsafeRawPointer?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutableRawPointer? {
  handle(error) {
    try object(session, Session.self).paint(decode(CaseRequest.self, request), labels)
  }
}

/// Generates a case, for a `CaseRequest`; `labels` is the label map's array, or NULL for a file.
@_cdecl("maskct_generate")
public func generate(
  _ session: UnsafeMutableRawPointer, _ request: UnsafePointer<CChar>, _ labels: UnsafeRawPointer?,
  _ progress: MaskCTProgress?, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutableRawPointer? {
  handle(error) {
    try object(session, Session.self).generate(
      decode(CaseRequest.self, request), labels, progress: reporting(to: progress))
  }
}

/// Scans a volume, for a `ScanRequest`; `hu` is its array, `iodine` that of the map of iodine or NULL.
@_cdecl("maskct_scan")
public func scan(
  _ request: UnsafePointer<CChar>, _ hu: UnsafeRawPointer, _ iodine: UnsafeRawPointer?,
  _ progress: MaskCTProgress?, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutableRawPointer? {
  handle(error) {
    try decode(ScanRequest.self, request).scan(
      hu, iodine: iodine, progress: reporting(to: progress))
  }
}

/// What a result holds, as JSON; `maskct_free` frees the text.
@_cdecl("maskct_describe")
public func describe(
  _ result: UnsafeMutableRawPointer, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutablePointer<CChar>? {
  caught(error) { text(try object(result, Result.self).description()) }
}

/// Copies the image (`what` 0: HU, float32; 1: HU, int16) or the labels (2: uint8) of a result into an array of
/// `count` elements of the described shape, first axis fastest. Returns 0, or 1 with `error` set; then nothing is copied.
@_cdecl("maskct_copy")
public func copy(
  _ result: UnsafeMutableRawPointer, _ what: Int32, _ count: Int, _ target: UnsafeMutableRawPointer,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
  status(error) { try object(result, Result.self).copy(what, count: count, to: target) }
}

/// Writes a generated case into a folder, as `maskct generate` writes it; returns 0, or 1 with `error` set.
@_cdecl("maskct_write")
public func write(
  _ result: UnsafeMutableRawPointer, _ folder: UnsafePointer<CChar>,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
  status(error) { try object(result, Result.self).write(to: String(cString: folder)) }
}

/// Releases a session or a result.
@_cdecl("maskct_release")
public func release(_ pointer: UnsafeMutableRawPointer) {
  Unmanaged<AnyObject>.fromOpaque(pointer).release()
}

/// Frees a text.
@_cdecl("maskct_free")
public func free(_ text: UnsafeMutablePointer<CChar>) { text.deallocate() }

// MARK: - Between the two languages

/// A caller's wish to stop.
struct Stopped: Error {}

private func reporting(to progress: MaskCTProgress?) -> (Double) throws -> Void {
  { fraction in if let progress, progress(fraction) != 0 { throw Stopped() } }
}

private func object<T: AnyObject>(_ pointer: UnsafeMutableRawPointer, _: T.Type) -> T {
  Unmanaged<T>.fromOpaque(pointer).takeUnretainedValue()
}

private func handle(
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ make: () throws -> AnyObject
) -> UnsafeMutableRawPointer? {
  caught(error) {
    try InstructionSet.check()
    return Unmanaged.passRetained(try make()).toOpaque()
  }
}

private func caught<T>(
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ work: () throws -> T?
) -> T? {
  error.pointee = nil
  do {
    return try work()
  } catch let failure {
    error.pointee = text(Failure(failure).json)
    return nil
  }
}

/// 0 where the work succeeds, 1 with the error where it does not.
private func status(
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ work: () throws -> Void
) -> Int32 {
  caught(error) {
    try work()
    return 0
  } ?? 1
}

/// A C string of its own.
private func text(_ string: String) -> UnsafeMutablePointer<CChar> {
  let bytes = string.utf8CString
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
  bytes.withUnsafeBufferPointer { copy.initialize(from: $0.baseAddress!, count: $0.count) }
  return copy
}
