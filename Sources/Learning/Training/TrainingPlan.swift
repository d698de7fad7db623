import Datasets
import Support
import Volumes

/// The stages before the training: fingerprint, plans, preprocessed cases; each done only if needed.
struct TrainingPlan {
  let dataset: NNUNetDataset
  let settings: TrainingSettings
  let cases: [String]
  let data: String

  /// Looks at the dataset.
  ///
  /// - Throws: `MaskCTError` if it is missing, empty or not described.
  init(dataset: NNUNetDataset, settings: TrainingSettings) throws {
    self.dataset = dataset
    self.settings = settings
    guard isFolder(dataset.rawFolder) else {
      throw MaskCTError(
        .input, path: dataset.rawFolder, "the dataset folder does not exist",
        remedy: "write it with 'maskct generate --output \(dataset.rawFolder)'")
    }
    try dataset.description().checkTrainable(path: dataset.descriptionFile)
    cases = dataset.cases
    guard cases.count >= 2 else {
      throw MaskCTError(
        .input, path: dataset.rawFolder,
        "has \(cases.count) training cases (imagesTr/CASE_0000.nii.gz with labelsTr/CASE.nii.gz)",
        remedy: "generate at least 2, better 20")
    }
    data = dataset.dataDigest(of: cases)
  }

  var fingerprintFile: String { dataset.preprocessedFolder + "/dataset_fingerprint.json" }
  var plansFile: String { dataset.preprocessedFolder + "/\(TrainedModel.plansName).json" }
  var splitsFile: String { dataset.preprocessedFolder + "/splits_final.json" }

  /// A digest of data, normalisation and sizes: what the plans depend on. The leading number counts
  /// changes of the rules in this source.
  var planDigest: String {
    digest("3 \(data) \(settings.intensities) \(settings.voxels)".utf8)
  }

  /// A digest of plans and data: what preprocessed cases depend on.
  var preprocessDigest: String {
    digest("1 \(data) \(readText(plansFile) ?? "")".utf8)
  }

  /// Whether all stages are up to date, so that no Python process is needed for them.
  var isComplete: Bool {
    let record = StageRecord(preprocessedFolder: dataset.preprocessedFolder)
    guard let plans = try? readPlans() else { return false }
    return record.isUpToDate("plan", digest: planDigest, result: plansFile)
      && record.isUpToDate(
        preprocessStage, digest: preprocessDigest, result: preprocessedCases(plans))
  }

  /// The name of the last stage in the record.
  var preprocessStage: String { "preprocess_\(settings.configuration)" }

  /// Reads what matters here of nnU-Net's plans.
  func readPlans() throws(MaskCTError) -> Plans {
    try JSONFile.read(Plans.self, path: plansFile, fromPython: true)
  }

  /// Where nnU-Net puts the preprocessed cases of the configuration.
  func preprocessedCases(_ plans: Plans) -> String {
    var name: String? = settings.configuration
    while let configuration = name.flatMap({ plans.configurations[$0] }) {
      if let identifier = configuration.dataIdentifier {
        return dataset.preprocessedFolder + "/" + identifier
      }
      name = configuration.inheritsFrom
    }
    return dataset.preprocessedFolder + "/\(TrainedModel.plansName)_\(settings.configuration)"
  }

  /// The extent of the box about all structures of every case that has any, mm, in nnU-Net's order of
  /// axes: z, y, x of the patient.
  ///
  /// - Throws: `MaskCTError` if a label map cannot be read.
  func structureExtents() throws -> [[Double]] {
    try cases.compactMap { identifier in
      let labels = try NIfTI.readLabelMap(dataset.label(of: identifier), workers: settings.workers)
        .labels
      let census = LabelCensus(labels, workers: settings.workers)
      guard let box = census.box(of: Array(census.entries.keys)) else { return nil }
      let extent = SIMD3<Double>(box.shape) * labels.grid.spacing
      return [extent.z, extent.y, extent.x]
    }
  }
}

/// The part of nnU-Net's plans that is read here; the Python process writes them.
struct Plans: Decodable {
  /// One way to preprocess and train.
  struct Configuration: Decodable {
    /// The folder of its preprocessed cases.
    var dataIdentifier: String?
    /// The configuration that has what this one leaves out.
    var inheritsFrom: String?
  }
  /// The configurations by name.
  var configurations: [String: Configuration]
}
