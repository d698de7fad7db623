import Foundation
import Support
import Synchronization
import Testing
@testable import MaskCTC

/// The C functions as the Python package calls them, without Python, so that sanitizers see all of it.
@Suite struct InterfaceTests {
  /// 5 mm voxels: a liver and a spleen.
  private static let shape = SIMD3(44, 36, 14)
  private static let labels: [UInt8] = {
    var labels = [UInt8](repeating: 0, count: shape.x * shape.y * shape.z)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          func lies(_ center: SIMD3<Double>, _ radii: SIMD3<Double>) -> Bool {
            let from = (SIMD3(Double(x), Double(y), Double(z)) - center) / radii
            return (from * from).sum() < 1
          }
          let index = x + shape.x * (y + shape.y * z)
          if lies([13, 17, 7], [10, 9, 6]) { labels[index] = 1 }
          if lies([34, 23, 7], [5, 5, 5]) { labels[index] = 2 }
        }
      }
    }
    return labels
  }()

  private static func array(_ type: String) -> String {
    let affine = "-5,0,0,110, 0,-5,0,90, 0,0,5,-40"
    return
      #"{"shape":[\#(shape.x),\#(shape.y),\#(shape.z)],"affine":[\#(affine)],"type":"\#(type)"}"#
  }

  /// The text of an error, which is freed.
  private func taken(_ error: UnsafeMutablePointer<CChar>?) -> String? {
    guard let error else { return nil }
    defer { MaskCTC.free(error) }
    return String(cString: error)
  }

  private func opened(threads: Int) throws -> UnsafeMutableRawPointer {
    let request = """
      {"structures":{"1":"liver","2":"spleen"},"targets":["liver"],"recipe":"constant","seed":5,
      "scanners":["rows16"],"protocols":["low-dose"],"threads":\(threads)}
      """
    var error: UnsafeMutablePointer<CChar>?
    let session = MaskCTC.open(request, &error)
    return try #require(session, "\(taken(error) ?? "no error")")
  }

  private func copy<T>(
    _ result: UnsafeMutableRawPointer, _ what: Int32, into array: inout [T]
  ) throws {
    var error: UnsafeMutablePointer<CChar>?
    let status = array.withUnsafeMutableBytes {
      MaskCTC.copy(result, what, $0.count / MemoryLayout<T>.stride, $0.baseAddress!, &error)
    }
    try #require(status == 0, "\(taken(error) ?? "no error")")
  }

  /// A case's CT and labels, and its painted body.
  private func made(
    _ session: UnsafeMutableRawPointer, _ name: String
  ) throws -> (ct: [Int16], labels: [UInt8], body: [Float]) {
    let request = #"{"name":"\#(name)","array":\#(Self.array("uint8"))}"#
    var error: UnsafeMutablePointer<CChar>?
    let generated = Self.labels.withUnsafeBytes {
      MaskCTC.generate(session, request, $0.baseAddress, nil, &error)
    }
    let result = try #require(generated, "\(taken(error) ?? "no error")")
    defer { release(result) }
    var ct = [Int16](repeating: 0, count: Self.labels.count)
    var labels = [UInt8](repeating: 0, count: Self.labels.count)
    try copy(result, 1, into: &ct)
    try copy(result, 2, into: &labels)

    let painted = Self.labels.withUnsafeBytes {
      MaskCTC.paint(session, request, $0.baseAddress, &error)
    }
    let body = try #require(painted, "\(taken(error) ?? "no error")")
    defer { release(body) }
    struct Description: Decodable { var shape: [Int] }
    let text = try #require(describe(body, &error), "\(taken(error) ?? "no error")")
    let shape = try JSONDecoder().decode(
      Description.self, from: Data(String(cString: text).utf8)
    ).shape
    MaskCTC.free(text)
    var hu = [Float](repeating: 0, count: shape.reduce(1, *))
    try copy(body, 0, into: &hu)
    return (ct, labels, hu)
  }

  /// Threads that share a session give what one alone gives, each two threads of its own.
  @Test func threadsShareASession() throws {
    let alone = try opened(threads: 1)
    defer { release(alone) }
    let names = ["first", "second"]
    let expected = try names.map { try made(alone, $0) }
    #expect(expected[0].ct != expected[1].ct, "a case's name decides what is drawn")
    #expect(Set(expected[0].labels) == [0, 1])

    nonisolated(unsafe) let session = try opened(threads: 2)
    defer { release(session) }
    let equal = Mutex([Bool](repeating: false, count: names.count))
    DispatchQueue.concurrentPerform(iterations: names.count) { index in
      guard let mine = try? made(session, names[index]) else { return }
      let same = mine == expected[index]
      equal.withLock { $0[index] = same }
    }
    #expect(equal.withLock { $0 } == [true, true])
  }

  /// Scans at once, each of its own volume.
  @Test func scansRunAtOnce() throws {
    let request = """
      {"array":\(Self.array("float32")),"scanner":"rows16","scanProtocol":"low-dose","noiseless":false,
      "seed":3,"threads":2}
      """
    @Sendable func scanned(_ hu: Float) -> [Int16]? {
      let volume = Self.labels.map { $0 == 0 ? -1000 : hu }
      var error: UnsafeMutablePointer<CChar>?
      let scanned = volume.withUnsafeBytes { scan(request, $0.baseAddress!, nil, nil, &error) }
      guard let result = scanned else { return nil }
      defer { release(result) }
      var ct = [Int16](repeating: 0, count: volume.count)
      let status = ct.withUnsafeMutableBytes {
        MaskCTC.copy(result, 1, volume.count, $0.baseAddress!, &error)
      }
      return status == 0 ? ct : nil
    }
    let expected = [scanned(0), scanned(200)]
    #expect(expected[0] != nil && expected[0] != expected[1])
    let results = Mutex([[Int16]?](repeating: nil, count: 2))
    DispatchQueue.concurrentPerform(iterations: 2) { index in
      let mine = scanned(Float(200 * index))
      results.withLock { $0[index] = mine }
    }
    #expect(results.withLock { $0 } == expected)
  }

  /// A caller that wants to stop is heard, and a request that cannot be met is told as JSON of one line.
  @Test func failuresAreTold() throws {
    let session = try opened(threads: 1)
    defer { release(session) }
    var error: UnsafeMutablePointer<CChar>?
    let request = #"{"name":"a","array":\#(Self.array("uint8"))}"#
    let stopped = Self.labels.withUnsafeBytes {
      MaskCTC.generate(session, request, $0.baseAddress, { _ in 1 }, &error)
    }
    #expect(stopped == nil)
    #expect(taken(error)?.contains("stopped") == true)
    #expect(MaskCTC.open(#"{"recipe":"constnat"}"#, &error) == nil)
    let text = try #require(taken(error))
    #expect(text.contains("message") && !text.contains("\n"))
  }

  /// A body is not a case: it has no labels to copy, and an array of another size is not written to.
  @Test func copyingTellsWhatItCannotDo() throws {
    let session = try opened(threads: 1)
    defer { release(session) }
    var error: UnsafeMutablePointer<CChar>?
    let request = #"{"name":"a","array":\#(Self.array("uint8"))}"#
    let painted = Self.labels.withUnsafeBytes {
      MaskCTC.paint(session, request, $0.baseAddress, &error)
    }
    let body = try #require(painted, "\(taken(error) ?? "no error")")
    defer { release(body) }
    var untouched = [UInt8](repeating: 7, count: 64)
    for (what, count) in [(Int32(2), 64), (0, 16), (9, 64)] {
      let status = untouched.withUnsafeMutableBytes {
        MaskCTC.copy(body, what, count, $0.baseAddress!, &error)
      }
      #expect(status == 1)
      #expect(taken(error)?.contains("message") == true)
    }
    #expect(untouched.allSatisfy { $0 == 7 })
  }
}
