import Datasets
import FoundationEssentials
import Support

/// Which stages of a dataset are done, and on what they were done.
///
/// A stage is up to date if the digest of what it depends on is the recorded one and its result is
/// there. The record is written after a stage has ended, so a killed stage is done again.
struct StageRecord {
  let path: String
  private var json: JSON

  init(preprocessedFolder: String) {
    path = preprocessedFolder + "/maskct_stages.json"
    json = (try? JSON(contentsOf: path)) ?? .object([])
  }

  /// Whether a stage was done on this input and left its result.
  func isUpToDate(_ stage: String, digest: String, result: String) -> Bool {
    json[stage]?.text == digest && exists(result)
  }

  /// The digest that a stage was done on.
  subscript(stage: String) -> String? { json[stage]?.text }

  /// Notes that a stage is done.
  mutating func finish(_ stage: String, digest: String) throws {
    json[stage] = .string(digest)
    try AtomicFile.write(json.formatted, to: path)
  }
}

extension NNUNetDataset {
  /// A digest of the description and of names, sizes and times of all cases.
  func dataDigest(of cases: [String]) -> String {
    var text = readText(descriptionFile) ?? ""
    for identifier in cases {
      for file in [image(of: identifier), label(of: identifier)] {
        let attributes = try? FileManager.default.attributesOfItem(atPath: canonical(file))
        let size = (attributes?[.size] as? any BinaryInteger).map { "\($0)" } ?? "?"
        let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        text += "\n\(identifier) \(size) \(date)"
      }
    }
    return digest(text.utf8)
  }
}
