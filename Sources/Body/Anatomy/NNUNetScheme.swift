import Configuration
import Support

extension LabelScheme {
  /// The scheme that an nnU-Net `dataset.json` states.
  ///
  /// - Throws: `MaskCTError` where the file is not one, or names a structure that is not known.
  init(nnUNetDataset path: String) throws(MaskCTError) {
    // JSON is YAML.
    let file = try YAML.decode(File.self, path: path)
    var structures: [UInt16: String] = [:]
    for (name, id) in file.labels where id != 0 {
      guard let known = StructureCatalog.standard.canonicalStructure(name) else {
        throw MaskCTError(
          .input, path: path, "names label \(id) '\(name)', which is no known structure",
          remedy: "give a label scheme")
      }
      structures[id] = known
    }
    try self.init(name: "dataset.json", structures: structures, path: path)
  }

  /// The part of `dataset.json` that matters here; all other keys are let through.
  private struct File: Decodable {
    var labels: [String: UInt16] = [:]

    private struct AnyKey: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: AnyKey.self)
      labels = try keys.decode([String: UInt16].self, forKey: AnyKey(stringValue: "labels"))
    }
  }
}
