import FoundationEssentials
import Generation
import Support
import Volumes

/// What a call has made, until the caller has copied it.
final class Result: Sendable {
  /// HU.
  let image: Volume<Float>
  /// The targets; nil where no case was generated.
  let labels: LabelMap?
  /// How both are to lie in the caller's arrays.
  let frame: FileFrame
  let workers: Workers
  private let notes: [String]
  private let made: GeneratedCase?

  init(
    image: Volume<Float>, labels: LabelMap? = nil, frame: FileFrame, notes: [String] = [],
    case made: GeneratedCase? = nil, workers: Workers
  ) {
    self.image = image
    self.labels = labels
    self.frame = frame
    self.notes = notes
    self.made = made
    self.workers = workers
  }

  private struct Description: Encodable {
    var shape: [Int]
    var affine: [Double]
    var notes: [String]
    var record: CaseRecord?
  }

  /// Shape and affine of the arrays, and the record of a case, as JSON.
  func description() throws -> String {
    let shape = frame.fileShape
    let affine = frame.fileAffine
    let rows = (0..<3).flatMap { row in
      [
        affine.columns.x[row], affine.columns.y[row], affine.columns.z[row],
        affine.translation[row],
      ]
    }
    let data = try JSONEncoder().encode(
      Description(
        shape: [shape.x, shape.y, shape.z], affine: rows, notes: notes, record: made?.record))
    return String(decoding: data, as: UTF8.self)
  }

  /// Writes a case's image, labels and record.
  func write(to folder: String) throws {
    guard let made else {
      throw MaskCTError(.usage, "only a generated case can be written", remedy: "generate one")
    }
    try DatasetGenerator.write(made, to: folder, workers: workers)
  }
}
