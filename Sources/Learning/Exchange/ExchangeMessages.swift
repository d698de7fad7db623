import Training

// The requests to `Resources/maskct_exchange.py`, one per function there, with what it reports and answers.

/// Finds the labels and the CT series in a file, folder or zip; later requests refer to what it found.
struct ScanRequest: DriverRequest {
  typealias Answer = Inventory
  static let command = "scan"
  var input: String

  /// How many files have been looked at.
  struct Event: Decodable {
    var files: Int
  }
}

/// Writes the label maps of cases.
struct ConvertRequest: DriverRequest {
  typealias Answer = Done
  static let command = "convert"
  var cases: [LabelMap]
  /// Voxel size in the plane where a grid has to be made from contours, mm.
  var spacing: Double

  /// A label map to write.
  struct LabelMap: Encodable {
    /// The case's index in the inventory.
    var index: Int
    var name: String
    var output: String
    /// The segments that are wanted.
    var ids: [Number]
  }

  /// The label of a segment.
  struct Number: Encodable {
    var file: Int
    var number: Int
    var id: UInt16
  }

  /// A case that was written, or why it was not.
  struct Event: Decodable {
    var name: String
    var done: Int
    var total: Int
    var error: String?
    var notes: [String]?
    var segments: [Segment]?
  }

  /// A segment as it was written.
  struct Segment: Decodable {
    var file: Int
    var number: Int
    /// Its volume, ml.
    var ml: Double
    /// What smaller structures hide of it, ml.
    var hidden: Double
    var notes: [String]
  }
}

/// An image or a case that was written, or why it was not.
struct WrittenFile: Decodable {
  var name: String
  var done: Int
  var error: String?
  var notes: [String]?
}

/// Writes CT series as NIfTI files in HU.
struct ImagesRequest: DriverRequest {
  typealias Answer = Done
  static let command = "images"
  var images: [Image]

  /// An image to write.
  struct Image: Encodable {
    var name: String
    var uid: String
    var output: String
  }

  typealias Event = WrittenFile
}

/// Writes label maps as DICOM-SEG, RTSTRUCT or `.seg.nrrd`, and images as DICOM series.
struct ExportRequest: DriverRequest {
  typealias Answer = Done
  static let command = "export"
  var format: String
  var structures: [Structure]
  /// Who segmented.
  var algorithm: String
  /// The tool's version.
  var version: String
  /// One line about the segmentation.
  var description: String
  var cases: [ExportCase]

  /// What a value of the label maps stands for.
  struct Structure: Encodable {
    var id: UInt16
    var name: String
    var code: String
    var meaning: String
    var side: String
    /// Red, green and blue, 0 to 255.
    var color: [Int]
  }

  typealias Event = WrittenFile
}

/// A label map to write, with its image if that is to be written, too.
struct ExportCase: Encodable, Equatable, Sendable {
  var name: String
  /// The label map, a NIfTI file.
  var labels: String
  /// The file to write.
  var output: String
  /// The UID of the series to reference.
  var series: String?
  /// An image to write as a series, which the labels then reference.
  var image: String?
  /// The folder for that series.
  var imagesOutput: String?
  /// How that image was scanned.
  var acquisition: Acquisition?

  /// What the headers of a simulated series say about its scan.
  struct Acquisition: Encodable, Equatable, Sendable {
    var scanner: String
    /// Tube voltage; `nil` for a monoenergetic scan.
    var kvp: Double?
    /// `nil` where a noise index chose the mAs for the body.
    var mas: Double?
    var pitch: Double
    var kernel: String
    /// Slice thickness, mm; `nil` for the spacing of the slices.
    var sliceThickness: Double?
    /// Time of one rotation, s.
    var rotationTime: Double?
  }
}
