import Support
// From stored numbers of any type to HU or labels: small generic types, so that the compiler makes
// one tight loop for each pair.

/// A number as it may be stored in a file.
protocol StoredNumber: BitwiseCopyable, Sendable {
  /// The number as a `Float`, rounded to nearest.
  var float: Float { get }
  /// The number as a `Double`, rounded to nearest.
  var double: Double { get }
  /// Whether every value of the type is a label.
  static var isLabel: Bool { get }
  /// Whether the type has values that are not finite as a `Float`.
  static var isAlwaysFinite: Bool { get }
  /// The value as a label; only its low bits where it is none.
  var label: UInt16 { get }
}

extension StoredNumber where Self: FixedWidthInteger {
  @inline(__always) var float: Float { Float(self) }
  @inline(__always) var double: Double { Double(self) }
  @inline(__always) var label: UInt16 { UInt16(truncatingIfNeeded: self) }
  static var isLabel: Bool { Self.min == 0 && Self.bitWidth <= 16 }
  static var isAlwaysFinite: Bool { true }
}

extension StoredNumber where Self: BinaryFloatingPoint {
  @inline(__always) var float: Float { Float(self) }
  @inline(__always) var double: Double { Double(self) }
  @inline(__always) var label: UInt16 { toLabel(Double(self)) }
  static var isLabel: Bool { false }
  static var isAlwaysFinite: Bool { false }
}

extension UInt8: StoredNumber {}
extension UInt16: StoredNumber {}
extension UInt32: StoredNumber {}
extension UInt64: StoredNumber {}
extension Int8: StoredNumber {}
extension Int16: StoredNumber {}
extension Int32: StoredNumber {}
extension Int64: StoredNumber {}
extension Float: StoredNumber {}
extension Double: StoredNumber {}

/// What the voxels of a file are to become.
protocol Decoding: Sendable {
  associatedtype Target: BitwiseCopyable & Sendable
  static func decode<S: StoredNumber>(_ stored: S) -> Target
  static func decode(_ value: Double) -> Target
  static func accepts(_ value: Double) -> Bool
  static func acceptsAll<S: StoredNumber>(_: S.Type) -> Bool
  static func failure(_ value: Double, at place: (Int, Int, Int), path: String) -> MaskCTError
}

/// Real numbers (HU).
enum VolumeDecoding: Decoding {
  @inline(__always) static func decode<S: StoredNumber>(_ stored: S) -> Float { stored.float }
  @inline(__always) static func decode(_ value: Double) -> Float { Float(value) }
  @inline(__always) static func accepts(_ value: Double) -> Bool { Float(value).isFinite }
  static func acceptsAll<S: StoredNumber>(_: S.Type) -> Bool { S.isAlwaysFinite }

  static func failure(_ value: Double, at place: (Int, Int, Int), path: String) -> MaskCTError {
    MaskCTError(
      .input, path: path, "holds the value \(value) at voxel \(place), which is no HU",
      remedy: "replace such values, for example by -1000 (air)")
  }
}

/// HU that are stored as integers of at most 16 bits with a sign, or 8 without.
enum IntegerDecoding: Decoding {
  @inline(__always) static func decode<S: StoredNumber>(_ stored: S) -> Int16 {
    Int16(bitPattern: stored.label)
  }
  @inline(__always) static func decode(_ value: Double) -> Int16 { Int16(value) }
  @inline(__always) static func accepts(_ value: Double) -> Bool { Int16(exactly: value) != nil }
  static func acceptsAll<S: StoredNumber>(_: S.Type) -> Bool { S.isAlwaysFinite }

  static func failure(_ value: Double, at place: (Int, Int, Int), path: String) -> MaskCTError {
    VolumeDecoding.failure(value, at: place, path: path)
  }
}

/// Labels.
enum LabelDecoding: Decoding {
  @inline(__always) static func decode<S: StoredNumber>(_ stored: S) -> UInt16 { stored.label }
  @inline(__always) static func decode(_ value: Double) -> UInt16 { toLabel(value) }
  @inline(__always) static func accepts(_ value: Double) -> Bool { isLabel(value) }
  static func acceptsAll<S: StoredNumber>(_: S.Type) -> Bool { S.isLabel }

  static func failure(_ value: Double, at place: (Int, Int, Int), path: String) -> MaskCTError {
    MaskCTError(
      .input, path: path, "is not a label map: it holds the value \(value) at voxel \(place)",
      remedy: "labels are integers from 0 to 65535; give the label map, not the image")
  }
}

/// How far a label may be from an integer.
private let labelTolerance = 1e-3

@inline(__always) private func isLabel(_ value: Double) -> Bool {
  let nearest = value.rounded()
  return abs(value - nearest) <= labelTolerance && nearest >= 0 && nearest <= 65535
}

@inline(__always) private func toLabel(_ value: Double) -> UInt16 {
  isLabel(value) ? UInt16(value.rounded()) : 0
}

/// A mapping that refuses some values.
protocol CheckedMapping: VoxelMapping where Target: Sendable {
  static var acceptsAll: Bool { get }
  func accepts(_ stored: Source) -> Bool
  func failure(_ stored: Source, at place: (Int, Int, Int), path: String) -> MaskCTError
}

/// Values taken as they are stored.
struct Plain<D: Decoding, S: StoredNumber>: CheckedMapping {
  static var acceptsAll: Bool { D.acceptsAll(S.self) }
  @inline(__always) func callAsFunction(_ stored: S) -> D.Target { D.decode(stored) }
  @inline(__always) func accepts(_ stored: S) -> Bool { D.accepts(stored.double) }
  func failure(_ stored: S, at place: (Int, Int, Int), path: String) -> MaskCTError {
    D.failure(stored.double, at: place, path: path)
  }
}

/// Values scaled as the header says.
struct Scaled<D: Decoding, S: StoredNumber>: CheckedMapping {
  var slope, intercept: Double
  static var acceptsAll: Bool { false }
  @inline(__always) func value(_ stored: S) -> Double { stored.double * slope + intercept }
  @inline(__always) func callAsFunction(_ stored: S) -> D.Target { D.decode(value(stored)) }
  @inline(__always) func accepts(_ stored: S) -> Bool { D.accepts(value(stored)) }
  func failure(_ stored: S, at place: (Int, Int, Int), path: String) -> MaskCTError {
    D.failure(value(stored), at: place, path: path)
  }
}
