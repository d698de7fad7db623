import Datasets
import Support

extension LabelScheme {
  /// The scheme that an nnU-Net `dataset.json` states; a value in several regions means the smallest.
  ///
  /// - Throws: `MaskCTError` where the file is not one, or names a structure that is not known.
  init(nnUNetDataset path: String) throws(MaskCTError) {
    var structures: [UInt16: String] = [:]
    let names = try DatasetDescription(path: path).names
    for (id, name) in names.sorted(by: { $0.key < $1.key }) {
      guard let known = StructureCatalog.standard.canonicalStructure(name) else {
        throw MaskCTError(
          .input, path: path, "names label \(id) '\(name)', which is not a known structure",
          remedy: "give a label scheme")
      }
      structures[id] = known
    }
    try self.init(name: "dataset.json", structures: structures, path: path)
  }
}
