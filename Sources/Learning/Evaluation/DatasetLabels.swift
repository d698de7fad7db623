import FoundationEssentials
import Support

/// The label names of nnU-Net's `dataset.json`.
public enum DatasetLabels {
  /// The structures that a `dataset.json` names, in the order of their ids; a region has several ids.
  ///
  /// Background and nnU-Net's `ignore` label are left out.
  /// - Throws: `MaskCTError` (input) when the file is missing or names no structure.
  public static func read(_ path: String) throws -> [EvaluatedStructure] {
    struct Document: Decodable {
      var labels: [String: IDs]
    }
    /// `1`, or `[1, 2]` for a region.
    struct IDs: Decodable {
      var ids: [UInt16]
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do { ids = [try container.decode(UInt16.self)] } catch {
          ids = try container.decode([UInt16].self)
        }
      }
    }
    let bytes = try ByteFile.read(path)
    let structures: [EvaluatedStructure]
    do {
      structures = try JSONDecoder().decode(Document.self, from: Data(bytes)).labels
        .filter { $0.key != "background" && $0.key != "ignore" }
        .map { name, ids in
          EvaluatedStructure(name: name, prediction: Set(ids.ids), reference: Set(ids.ids))
        }
        .filter { !$0.prediction.isEmpty && !$0.prediction.contains(0) }
    } catch {
      throw MaskCTError(
        .input, path: path, "has no readable \"labels\"", remedy: "check it, or name structures")
    }
    guard !structures.isEmpty else {
      throw MaskCTError(
        .input, path: path, "names no structure", remedy: "check it, or name structures")
    }
    return structures.sorted {
      ($0.prediction.min()!, $0.name) < ($1.prediction.min()!, $1.name)
    }
  }

  /// The `dataset.json` that describes a file or folder of a dataset: in the folder itself or the one
  /// above; nil where there is none.
  public static func file(for path: String) -> String? {
    let manager = FileManager.default
    var folder = path
    var isFolder = false
    if !(manager.fileExists(atPath: path, isDirectory: &isFolder) && isFolder) {
      folder = parent(of: path)
    }
    return [folder, parent(of: folder)].map { $0 + "/dataset.json" }
      .first { manager.fileExists(atPath: $0) }
  }

  private static func parent(of path: String) -> String {
    var parts = path.split(separator: "/", omittingEmptySubsequences: true)
    if parts.isEmpty || parts.allSatisfy({ $0 == ".." }) { return path + "/.." }
    parts.removeLast()
    let joined = parts.joined(separator: "/")
    return path.hasPrefix("/") ? "/" + joined : parts.isEmpty ? "." : joined
  }
}
