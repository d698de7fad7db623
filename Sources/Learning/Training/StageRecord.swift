import Datasets
import Support

/// Which stages of a dataset are done, and on what they were done.
///
/// A stage is up to date if the digest of what it depends on is the recorded one and its result is
/// there. The record is written after a stage has ended, so a killed stage runs again.
struct StageRecord {
  let path: String
  private var digests: [String: String]

  init(preprocessedFolder: String) {
    path = preprocessedFolder + "/maskct_stages.json"
    digests = (try? JSONFile.read([String: String].self, path: path)) ?? [:]
  }

  /// Whether a stage was done on this input and left its result.
  func isUpToDate(_ stage: String, digest: String, result: String) -> Bool {
    digests[stage] == digest && exists(result)
  }

  /// The digest that a stage was done on.
  subscript(stage: String) -> String? { digests[stage] }

  /// Notes that a stage is done.
  mutating func finish(_ stage: String, digest: String) throws {
    digests[stage] = digest
    try JSONFile.write(digests, to: path)
  }
}

extension NNUNetDataset {
  /// A digest of the description and of names, sizes and times of all cases.
  func dataDigest(of cases: [String]) -> String {
    var text = readText(descriptionFile) ?? ""
    for identifier in cases {
      for file in [image(of: identifier), label(of: identifier)] {
        let status = fileStatus(canonical(file))
        let size = status.map { "\($0.size)" } ?? "?"
        text += "\n\(identifier) \(size) \(status?.modified ?? 0)"
      }
    }
    return digest(text.utf8)
  }
}
