import FoundationEssentials
import Generation
import Support
import Volumes

/// What a call has made, until the caller has copied it.
final class Result: Sendable {
  /// CT in HU, MR; one or two.
  let images: [Volume<Float>]
  /// The targets; nil where no case was generated.
  let labels: LabelMap?
  /// How both are to lie in the caller's arrays.
  let frame: FileFrame
  let workers: Workers
  private let notes: [String]
  private let made: GeneratedCase?

  init(
    images: [Volume<Float>], labels: LabelMap? = nil, frame: FileFrame, notes: [String] = [],
    case made: GeneratedCase? = nil, workers: Workers
  ) {
    self.images = images
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

  /// Copies the first image (0: float32, 1: int16), the labels (2: uint8) or the second image (3: int16) into an array of
  /// the caller's.
  ///
  /// - Throws: `MaskCTError` (usage) for an array of another size, for labels of a result that has none, or for
  ///   anything else that is asked for.
  func copy(_ what: Int32, count: Int, to target: UnsafeMutableRawPointer) throws(MaskCTError) {
    let shape = frame.fileShape
    guard count == shape.x * shape.y * shape.z else {
      throw MaskCTError(
        .usage,
        "the array has \(count) elements, and the result \(shape.x) x \(shape.y) x \(shape.z)",
        remedy: "give an array of the described shape")
    }
    switch what {
    case 3 where images.count > 1:
      frame.copy(images[1], to: target, isInteger: true, workers: workers)
    case 0, 1: frame.copy(images[0], to: target, isInteger: what == 1, workers: workers)
    case 2:
      guard let labels else {
        throw MaskCTError(
          .usage, "this result has no labels", remedy: "ask for the labels of a generated case")
      }
      frame.copy(labels, to: target, workers: workers)
    default:
      throw MaskCTError(
        .usage, "a result has no part \(what)",
        remedy: "ask for 0, 1 (the image), 2 (the labels) or 3 (a second image)"
      )
    }
  }

  /// Writes a case's image, labels and record.
  func write(to folder: String) throws {
    guard let made else {
      throw MaskCTError(.usage, "only a generated case can be written", remedy: "generate one")
    }
    try made.write(to: folder, workers: workers)
  }
}
