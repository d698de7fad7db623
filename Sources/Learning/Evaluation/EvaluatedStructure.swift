import Datasets
public import Support

/// What is compared: a named structure, the ids that mean it in the predictions and in the
/// references.
public struct EvaluatedStructure: Equatable, Sendable {
  /// The structure's name, for people.
  public var name: String
  /// The ids of its voxels in the predictions.
  public var prediction: Set<UInt16>
  /// The ids of its voxels in the references.
  public var reference: Set<UInt16>

  /// Creates a structure with one or several ids on either side.
  public init(name: String, prediction: Set<UInt16>, reference: Set<UInt16>) {
    self.name = name
    self.prediction = prediction
    self.reference = reference
  }

  /// Reads `liver=1`, `liver=1:6` (id 1 in the predictions is id 6 in the references) or
  /// `lungs=10,11:3` (several ids, joined).
  ///
  /// - Throws: `MaskCTError` (usage) that repeats the text and shows the form.
  public init(parsing text: String) throws(MaskCTError) {
    func wrong(_ problem: String) -> MaskCTError {
      MaskCTError(
        .usage, "structure '\(text)' \(problem)",
        remedy: "write NAME=ID, NAME=PREDICTION:REFERENCE or NAME=ID,ID, for example liver=1:6")
    }
    guard let equals = text.firstIndex(of: "=") else { throw wrong("has no '='") }
    let name = text[..<equals].trimmingSpaces
    guard !name.isEmpty else { throw wrong("has no name") }
    let sides = text[text.index(after: equals)...].split(
      separator: ":", omittingEmptySubsequences: false)
    guard sides.count <= 2 else { throw wrong("has more than one ':'") }
    var ids: [Set<UInt16>] = []
    for side in sides {
      var set: Set<UInt16> = []
      for part in side.split(separator: ",", omittingEmptySubsequences: false) {
        guard let id = UInt16(part.trimmingSpaces) else {
          throw wrong("has '\(part)' where an id from 1 to 65535 belongs")
        }
        guard id > 0 else { throw wrong("names id 0, which is background") }
        set.insert(id)
      }
      ids.append(set)
    }
    self.init(name: name, prediction: ids[0], reference: ids[ids.count - 1])
  }

  /// The structures that a `dataset.json` names, in the order of their ids; a region has several ids.
  ///
  /// - Throws: `MaskCTError` (input) as `DatasetDescription.init(path:)` does.
  public static func named(in path: String) throws(MaskCTError) -> [EvaluatedStructure] {
    try DatasetDescription(path: path).labels.map {
      EvaluatedStructure(name: $0.name, prediction: $0.values, reference: $0.values)
    }
  }

  /// The structure's key in `summary.json`, made as nnU-Net makes it: the prediction's id, or for
  /// several ids a region such as `(10, 11)`.
  public var key: String {
    let ids = prediction.sorted().map(String.init)
    return ids.count == 1 ? ids[0] : "(\(ids.joined(separator: ", ")))"
  }

  /// Refuses structures that share a name or a key, which a summary could not tell apart.
  ///
  /// - Throws: `MaskCTError` (usage) that names both.
  public static func check(_ structures: [EvaluatedStructure]) throws(MaskCTError) {
    guard !structures.isEmpty else {
      throw MaskCTError(
        .usage, "no structure to evaluate", remedy: "name one, for example --structure liver=1")
    }
    for (index, structure) in structures.enumerated() {
      for other in structures[..<index] where other.name == structure.name {
        throw MaskCTError(
          .usage, "structure '\(structure.name)' is given twice",
          remedy: "join its ids: \(structure.name)=1,2")
      }
      for other in structures[..<index] where other.key == structure.key {
        throw MaskCTError(
          .usage,
          "structures '\(other.name)' and '\(structure.name)' are the same prediction ids "
            + structure.key,
          remedy: "evaluate them in separate runs")
      }
    }
  }
}

extension EvaluatedStructure: CustomStringConvertible {
  /// `liver=1` or `liver=1:6`.
  public var description: String {
    let ids = [prediction, reference].map { $0.sorted().map(String.init).joined(separator: ",") }
    return ids[0] == ids[1] ? "\(name)=\(ids[0])" : "\(name)=\(ids[0]):\(ids[1])"
  }
}

extension StringProtocol {
  /// The text without spaces and tabs at both ends.
  var trimmingSpaces: String {
    var text = Substring(self)
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}
