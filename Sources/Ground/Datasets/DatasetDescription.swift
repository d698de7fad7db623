public import Support

/// What nnU-Net's `dataset.json` says: one CT channel, the structures, the number of cases.
public struct DatasetDescription: Equatable, Sendable {
  /// Structure names; the label of `structures[i]` is `i + 1`, background is 0.
  public var structures: [String]
  /// How many training cases there are.
  public var cases: Int
  /// Where the data comes from, in words.
  public var comment: String?

  /// Reads and writes NIfTI through nnU-Net's own reader that brings every orientation to RAS.
  ///
  /// nnU-Net's default reader hands the network the axes in stored order; label maps and scans
  /// come in all orientations (LPS, LAS, RAS, IPL), so the same body would be seen turned and mirrored.
  /// Predictions are written back in the orientation of the image.
  public static let reader = "NibabelIOWithReorient"

  /// Creates a description.
  ///
  /// - Throws: `MaskCTError` if there is no structure, or a name is empty, repeated or `background`.
  public init(structures: [String], cases: Int, comment: String? = nil) throws {
    guard !structures.isEmpty else {
      throw MaskCTError(
        .usage, "a dataset needs at least one structure", remedy: "name a target, for example liver"
      )
    }
    guard structures.count < 255 else {
      throw MaskCTError(
        .usage, "a dataset has at most 254 structures", remedy: "name fewer targets")
    }
    for (index, name) in structures.enumerated() {
      guard !name.isEmpty, name != "background", name != "ignore" else {
        throw MaskCTError(
          .usage, "'\(name)' cannot name a structure of a dataset",
          remedy: "choose a name other than 'background' and 'ignore'")
      }
      guard !structures[..<index].contains(name) else {
        throw MaskCTError(.usage, "the structure '\(name)' is named twice", remedy: "name it once")
      }
    }
    self.structures = structures
    self.cases = cases
    self.comment = comment
  }

  /// Reads the content of a `dataset.json`.
  ///
  /// - Throws: `MaskCTError` if labels are missing, are not numbered from 0 without a gap, or regions.
  public init(json: JSON, path: String) throws {
    guard case .object(let members)? = json["labels"] else {
      throw MaskCTError(
        .input, path: path, "has no labels", remedy: "write the dataset again, or add \"labels\"")
    }
    var byNumber: [Int: String] = [:]
    for member in members {
      guard let number = member.value.int else {
        throw MaskCTError(
          .input, path: path, "the label '\(member.key)' has no single number",
          remedy: "region-based labels are not supported; give every label one number")
      }
      byNumber[number] = member.key
    }
    guard byNumber[0] != nil, byNumber.count > 1,
      (0..<byNumber.count).allSatisfy({ byNumber[$0] != nil })
    else {
      throw MaskCTError(
        .input, path: path, "labels are not numbered 0, 1, 2, ... with background 0",
        remedy: "number them without a gap")
    }
    structures = (1..<byNumber.count).map { byNumber[$0]! }
    cases = json["numTraining"]?.int ?? 0
    comment = json["description"]?.text
  }

  /// The content of `dataset.json`.
  public var json: JSON {
    var labels: [JSON.Member] = [.init("background", .integer(0))]
    for (index, name) in structures.enumerated() { labels.append(.init(name, .integer(index + 1))) }
    var json: JSON = .pairs([
      "channel_names": .pairs(["0": .string("CT")]),
      "labels": .object(labels),
      "numTraining": .integer(cases),
      "file_ending": .string(".nii.gz"),
      "overwrite_image_reader_writer": .string(Self.reader),
    ])
    if let comment { json["description"] = .string(comment) }
    return json
  }
}
