import FoundationEssentials
import Support
import Volumes

/// What a generator is opened with; as the options of `maskct generate`.
struct GeneratorRequest: Decodable {
  /// A label scheme: a name or file, or structures by their ids.
  var scheme: String?
  /// Structures by their ids, in place of a scheme.
  var structures: [String: String]?
  /// Structures to learn.
  var targets: [String]
  var recipe: String
  var video: String?
  var seed: UInt64
  /// `ct`, `mr` or `ct,mr`; `ct` where missing.
  var modality: String?
  var scanners: [String]
  var protocols: [String]
  var spacing: [Double]?
  /// A table of tissue priors, a file; nil for the one that ships with the tool.
  var tissues: String?
  /// How many; nil for one a core.
  var threads: Int?
}

/// One label map.
struct CaseRequest: Decodable {
  /// The name, which decides what is drawn.
  var name: String?
  /// The file, or nil for an array.
  var path: String?
  /// The array, or nil for a file.
  var array: ArrayRequest?
}

/// What is scanned, and how; as the options of `maskct scan`.
struct ScanRequest: Decodable {
  var array: ArrayRequest
  /// Of the map of iodine, where there is one.
  var iodine: ArrayRequest?
  var scanner: String
  var scanProtocol: String
  var kernel: String?
  var mas: Double?
  var kvp: Double?
  var noiseless: Bool
  var seed: UInt64
  var threads: Int?
}

/// How an array lies; see `VoxelArray`.
struct ArrayRequest: Decodable {
  var shape: [Int]
  /// Element index to RAS+ mm: twelve numbers, three rows.
  var affine: [Double]
  var type: VoxelType

  func array() throws -> VoxelArray {
    guard shape.count == 3, affine.count == 12 else {
      throw MaskCTError(
        .usage, path: VoxelArray.name, "is not a volume", remedy: "give an array with three axes")
    }
    func column(_ index: Int) -> SIMD3<Double> {
      [affine[index], affine[4 + index], affine[8 + index]]
    }
    return try VoxelArray(
      shape: [shape[0], shape[1], shape[2]],
      affine: Affine(
        columns: .init(x: column(0), y: column(1), z: column(2)), translation: column(3)),
      type: type)
  }
}

/// A failure, for the caller.
struct Failure: Encodable {
  /// `usage`, `input`, `output`, `environment`, or `stopped`.
  var kind: String
  /// One line.
  var message: String

  init(_ error: any Error) {
    if let error = error as? MaskCTError {
      (kind, message) = ("\(error.kind)", error.description)
    } else if error is Stopped {
      (kind, message) = ("stopped", "stopped")
    } else {
      (kind, message) = ("usage", "\(error)")
    }
  }

  /// The failure as JSON.
  var json: String {
    (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) }
      ?? #"{"kind": "usage", "message": "failed"}"#
  }
}

/// Reads a request.
func decode<T: Decodable>(_ type: T.Type, _ text: UnsafePointer<CChar>) throws -> T {
  try JSONDecoder().decode(type, from: Data(String(cString: text).utf8))
}
