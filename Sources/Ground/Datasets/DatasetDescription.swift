import FoundationEssentials
public import Support

/// What nnU-Net's `dataset.json` says: channels, labels, the number of cases.
///
/// The rules for labels hold wherever such a file is read, to train, to score or to name a label map:
/// - value 0 is background, whatever its name; no other label may include it;
/// - a label named `ignore` is not a structure: its voxels are left out of training;
/// - a label with several values is a region, and regions may overlap: `{"kidney": [1, 2], "tumor": 2}`.
public struct DatasetDescription: Equatable, Sendable {
  /// A structure of the dataset.
  public struct Label: Hashable, Sendable {
    /// The structure's name.
    public var name: String
    /// The values of its voxels; several for a region.
    public var values: Set<UInt16>

    /// Creates a label.
    public init(name: String, values: Set<UInt16>) {
      self.name = name
      self.values = values
    }
  }

  /// Names of the channels, in their order; empty where the file does not name them.
  public var channels: [String]
  /// The structures, by their smallest value; without background and `ignore`.
  public var labels: [Label]
  /// The value of voxels that training leaves out.
  public var ignore: UInt16?
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

  /// Describes a dataset of CT images; the label of `structures[i]` is `i + 1`.
  ///
  /// - Throws: `MaskCTError` (usage) if there is no structure, or a name is empty, repeated or reserved.
  public init(
    structures: [String], channels: [String] = ["CT"], cases: Int, comment: String? = nil
  ) throws {
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
    self.channels = channels
    labels = structures.enumerated().map { Label(name: $1, values: [UInt16($0 + 1)]) }
    self.cases = cases
    self.comment = comment
  }

  /// Whether images are CT in HU: they are where the file does not name their channel.
  public var isCT: Bool { channels.isEmpty || channels.contains("CT") }

  /// The structures' names, in the order of `labels`.
  public var structures: [String] { labels.map(\.name) }

  /// What each value of a label map means: the smallest region that includes it.
  public var names: [UInt16: String] {
    var names: [UInt16: String] = [:]
    // Small regions come last and so have the last word; of equal size, the first label has it.
    for label in labels.reversed().sorted(by: { $0.values.count > $1.values.count }) {
      for value in label.values { names[value] = label.name }
    }
    return names
  }

  /// Refuses what MaskCT cannot train: regions, gaps between label values, several channels.
  ///
  /// - Throws: `MaskCTError` (input) that names the file at `path`.
  public func checkTrainable(path: String) throws(MaskCTError) {
    if let region = labels.first(where: { $0.values.count > 1 }) {
      throw MaskCTError(
        .input, path: path, "the label '\(region.name)' is a region of several values",
        remedy: "training on regions is not supported; give every label one value")
    }
    let values = labels.flatMap(\.values) + [ignore].compactMap(\.self)
    guard values.sorted().elementsEqual((1...values.count).map { UInt16($0) }) else {
      throw MaskCTError(
        .input, path: path, "labels are not numbered 0, 1, 2, ... without a gap",
        remedy: "renumber them, with background 0 and 'ignore' last")
    }
    guard channels.count <= 1 else {
      throw MaskCTError(
        .input, path: path, "has \(channels.count) channels: \(channels.joined(separator: ", "))",
        remedy: "training on several channels is not supported; keep one")
    }
  }
}

// MARK: - The file

extension DatasetDescription {
  /// Reads a `dataset.json`.
  ///
  /// - Throws: `MaskCTError` (input) if it is missing, is not JSON, or breaks a rule for labels.
  public init(path: String) throws(MaskCTError) {
    let file = try JSONFile.read(File.self, path: path)
    func wrong(_ problem: String, _ remedy: String) -> MaskCTError {
      MaskCTError(.input, path: path, problem, remedy: remedy)
    }
    labels = []
    for (name, value) in file.labels.sorted(by: { $0.key < $1.key }) {
      switch value {
      case .text:
        throw wrong(
          "label '\(name)' is a name where a value belongs, as in the format of nnU-Net 1",
          "write \"NAME\": VALUE, or convert the dataset with nnUNetv2_convert_MSD_dataset")
      case .other:
        throw wrong(
          "label '\(name)' has no value from 0 to 65535",
          "write one whole number, or a list of them for a region")
      case .values([]):
        throw wrong("label '\(name)' is a region of no values", "list its values, or remove it")
      case .values([0]):
        continue
      case .values(let values):
        guard !values.contains(0) else {
          throw wrong("label '\(name)' includes value 0, which is background", "remove the 0")
        }
        guard name != "background" else {
          throw wrong("background has value \(values[0])", "give background value 0")
        }
        if name == "ignore" {
          guard values.count == 1 else {
            throw wrong("'ignore' has several values", "give it one")
          }
          ignore = values[0]
          continue
        }
        let label = Label(name: name, values: Set(values))
        if let other = labels.first(where: { $0.values == label.values }) {
          throw wrong(
            "labels '\(other.name)' and '\(name)' have the same value", "keep one of them")
        }
        labels.append(label)
      }
    }
    guard !labels.isEmpty else { throw wrong("names no structure", "add one to \"labels\"") }
    labels.sort { ($0.values.min()!, $0.name) < ($1.values.min()!, $1.name) }
    let channels = file.channel_names ?? file.modality ?? [:]
    self.channels = try (0..<channels.count).map { index throws(MaskCTError) in
      guard let name = channels["\(index)"] else {
        throw wrong("channels are not numbered from 0", "number them 0, 1, 2, ...")
      }
      return name
    }
    cases = file.numTraining ?? 0
    comment = file.description
  }

  /// The `dataset.json` that describes a file or folder: in the folder itself or in the one above; `nil`
  /// where there is none.
  public static func file(for path: String) -> String? {
    let folder = isFolder(path) ? absolute(path) : parent(path)
    return [folder, parent(folder)].map { $0 + "/dataset.json" }.first(where: exists)
  }

  /// The text of a `dataset.json`, labels in their order.
  public var json: String {
    func quoted(_ text: String) -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .withoutEscapingSlashes
      // A string always has a JSON form.
      return String(decoding: try! encoder.encode(text), as: UTF8.self)
    }
    func member(_ name: String, _ values: Set<UInt16>) -> String {
      let numbers = values.sorted().map(String.init).joined(separator: ", ")
      return "        \(quoted(name)): " + (values.count == 1 ? numbers : "[\(numbers)]")
    }
    var members = [member("background", [0])] + labels.map { member($0.name, $0.values) }
    if let ignore { members.append(member("ignore", [ignore])) }
    let channels = self.channels.enumerated().map { "        \"\($0)\": \(quoted($1))" }
    var lines = [
      "    \"channel_names\": {\n\(channels.joined(separator: ",\n"))\n    }",
      "    \"labels\": {\n\(members.joined(separator: ",\n"))\n    }",
      "    \"numTraining\": \(cases)", "    \"file_ending\": \".nii.gz\"",
      "    \"overwrite_image_reader_writer\": \(quoted(Self.reader))",
    ]
    if let comment { lines.append("    \"description\": \(quoted(comment))") }
    return "{\n\(lines.joined(separator: ",\n"))\n}\n"
  }

  /// The keys of the file that matter here; all others are passed over.
  private struct File: Decodable {
    var labels: [String: Value]
    var channel_names: [String: String]?
    /// What nnU-Net 1 called the channels.
    var modality: [String: String]?
    var numTraining: Int?
    var description: String?
  }

  /// What a label is given in the file.
  private enum Value: Decodable {
    case values([UInt16])
    case text
    case other

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(UInt16.self) {
        self = .values([value])
      } else if let values = try? container.decode([UInt16].self) {
        self = .values(values)
      } else {
        self = (try? container.decode(String.self)) == nil ? .other : .text
      }
    }
  }
}
