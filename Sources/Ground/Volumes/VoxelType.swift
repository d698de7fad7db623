/// How a voxel is stored in a file.
public enum VoxelType: String, CaseIterable, Sendable, Codable {
  /// Unsigned integers.
  case uint8, uint16, uint32, uint64
  /// Signed integers.
  case int8, int16, int32, int64
  /// IEEE floating point numbers.
  case float32, float64

  /// Bytes of one voxel.
  public var byteCount: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// Whether every value is an integer.
  public var isInteger: Bool { self != .float32 && self != .float64 }

  /// The number by which NIfTI names the type (`datatype`).
  public var niftiCode: Int {
    switch self {
    case .uint8: 2
    case .int16: 4
    case .int32: 8
    case .float32: 16
    case .float64: 64
    case .int8: 256
    case .uint16: 512
    case .uint32: 768
    case .int64: 1024
    case .uint64: 1280
    }
  }

  /// The type with this NIfTI `datatype`; nil for types that are no plain numbers (RGB, complex).
  public init?(niftiCode: Int) {
    guard let type = Self.allCases.first(where: { $0.niftiCode == niftiCode }) else { return nil }
    self = type
  }
}
