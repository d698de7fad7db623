public import FoundationEssentials
import Support

/// The three folders that nnU-Net works in.
///
/// The environment variables `nnUNet_raw`, `nnUNet_preprocessed` and `nnUNet_results` are
/// respected; what is not set lies beside the folder of raw datasets, or in the working folder.
public struct NNUNetFolders: Equatable, Sendable {
  /// Datasets as they were written: `imagesTr`, `labelsTr`, `dataset.json`.
  public var raw: String
  /// What nnU-Net derives from them: fingerprints, plans, resampled cases.
  public var preprocessed: String
  /// Trained models.
  public var results: String

  /// Creates the folders from their paths.
  public init(raw: String, preprocessed: String, results: String) {
    self.raw = raw
    self.preprocessed = preprocessed
    self.results = results
  }

  /// Finds the folders that belong to a folder of raw datasets.
  ///
  /// - Parameters:
  ///   - raw: The folder that holds the dataset folders; `nil` takes `nnUNet_raw` from the
  ///     environment, then `nnUNet_raw` in the working folder.
  ///   - environment: The environment variables.
  ///   - workingFolder: What relative paths start from.
  public init(
    raw: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment,
    workingFolder: String = FileManager.default.currentDirectoryPath
  ) {
    func variable(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : absolute($0, from: workingFolder) }
    }
    let folder =
      raw.map { absolute($0, from: workingFolder) } ?? variable("nnUNet_raw")
      ?? absolute("nnUNet_raw", from: workingFolder)
    let beside = parent(folder)
    self.init(
      raw: folder,
      preprocessed: variable("nnUNet_preprocessed")
        ?? absolute("nnUNet_preprocessed", from: beside),
      results: variable("nnUNet_results") ?? absolute("nnUNet_results", from: beside))
  }

  /// The environment variables in which nnU-Net looks for its folders.
  public var environment: [String: String] {
    ["nnUNet_raw": raw, "nnUNet_preprocessed": preprocessed, "nnUNet_results": results]
  }
}
