import Datasets
public import Support
public import Training

/// Segments images that are DICOM series, or writes label maps in another format than NIfTI.
///
/// A series becomes NIfTI in HU, is segmented, and its labels are written on the series' own slices.
public struct SeriesPrediction: Sendable {
  /// What happens while it runs.
  public enum Event: Equatable, Sendable {
    /// A step of installing the Python environment.
    case installing(String)
    /// What the prediction itself tells; its files are copies in a folder that is removed afterwards.
    case prediction(PredictionEvent)
    /// An image could not be read, or its labels not be written.
    case failed(MaskCTError)
  }

  private let prediction: Prediction
  private let format: LabelFormat
  private let version: String

  /// Creates a prediction; nothing is read or written.
  public init(prediction: Prediction, format: LabelFormat, version: String) {
    self.prediction = prediction
    self.format = format
    self.version = version
  }

  /// Whether an input is for this type: a folder or file without NIfTI.
  public static func isSeries(_ input: String) -> Bool {
    guard isFolder(input) else { return CaseFiles.stem(lastComponent(input)) == nil }
    return !names(in: input).contains {
      CaseFiles.stem($0) != nil || exists("\(input)/\($0)/ct.nii.gz")
    }
  }

  /// Segments every image.
  ///
  /// - Parameters:
  ///   - input: a folder or zip of series, or NIfTI files for formats that reference no series.
  ///   - output: the folder for labels, named after the patients' IDs or the files.
  /// - Returns: how many of how many images have labels now; without those that `resume` left alone.
  /// - Throws: `MaskCTError` if nothing can be predicted.
  public func run(input: String, output: String, report: @escaping (Event) -> Void) async throws
    -> (written: Int, total: Int)
  {
    let input = absolute(input)
    let output = absolute(output)
    guard exists(input) else {
      throw MaskCTError(.input, path: input, "no such file or folder", remedy: "check the path")
    }
    let isSeries = Self.isSeries(input)
    if !isSeries, format.referencesSeries {
      throw MaskCTError(
        .usage, path: input, "is NIfTI, and \(format.rawValue) references a DICOM series",
        remedy: "give the series, or write --format nrrd")
    }
    let work = output + "/.maskct-work"
    try remove(work)
    let images = work + "/images"
    let labels = work + "/labels"
    try createFolder(images)
    defer { try? remove(work) }
    let structures = try DatasetDescription(path: prediction.model.folder + "/dataset.json").names
    return try await ExchangeEnvironment.run(progress: { report(.installing($0)) }) { driver in
      var cases: [ExportCase] = []
      func add(_ name: String, series: String?) {
        cases.append(
          ExportCase(
            name: name, labels: "\(labels)/\(name).nii.gz",
            output: "\(output)/\(name)\(format.suffix)", series: series))
      }
      var total = 0
      if isSeries {
        let found = try await driver.request(ScanRequest(input: input)).images
        guard !found.isEmpty else {
          throw MaskCTError(
            .input, path: input, "holds neither NIfTI files nor CT series",
            remedy: "give .nii.gz files, or a folder or zip of CT slices")
        }
        let wanted = try notYetWritten(found) { "\(output)/\($0.name)\(format.suffix)" }
        total = wanted.count
        try await ImageConversion.run(
          wanted, to: images, suffix: CaseFiles.channelSuffix, driver: driver
        ) { image, failure, notes, _ in
          if let failure {
            report(
              .failed(
                MaskCTError(
                  .input, path: isFolder(input) ? "\(input)/\(image.shown)" : input, failure,
                  remedy: "the image is left out")))
          } else {
            for note in notes { report(.prediction(.warning("\(image.name): \(note)"))) }
            add(image.name, series: image.uid.hasPrefix("volume-") ? nil : image.uid)
          }
        }
      } else {
        let found = try CaseFiles(imagesAt: input)
        let wanted = try notYetWritten(found.names) { "\(output)/\($0)\(format.suffix)" }
        total = wanted.count
        for name in wanted {
          let file = found[name]!
          // nnU-Net goes by the name to tell whether a file is compressed.
          let ending = file.lowercased().hasSuffix(".gz") ? ".nii.gz" : ".nii"
          try link("\(images)/\(name)\(CaseFiles.channelSuffix)\(ending)", to: file)
          add(name, series: nil)
        }
      }
      guard !cases.isEmpty else { return (0, total) }
      var settings = prediction.settings
      (settings.overwrite, settings.resume) = (true, false)
      let predicted = try await Prediction(model: prediction.model, settings: settings).run(
        input: images, output: labels
      ) { report(.prediction($0)) }
      let segmented = Set(predicted.filter { $0.failure == nil }.map(\.output))
      let ready = cases.filter { segmented.contains($0.labels) }
      if format == .nifti {
        for item in ready {
          try remove(item.output)
          try rename(item.labels, to: item.output)
        }
        return (ready.count, total)
      }
      var written = 0
      try await LabelExport.write(
        ready, structures: structures, format: format,
        algorithm: "\(prediction.model.dataset.name)", version: version, driver: driver
      ) { name, failure, _ in
        if let failure {
          report(.failed(MaskCTError(.input, path: name, failure.problem, remedy: failure.remedy)))
        } else {
          written += 1
        }
      }
      return (written, total)
    }
  }

  /// What is still to do: all of it, or with `resume` what has no labels yet.
  private func notYetWritten<Item>(_ items: [Item], output: (Item) -> String) throws -> [Item] {
    if prediction.settings.resume { return items.filter { !exists(output($0)) } }
    if !prediction.settings.overwrite, let old = items.map(output).first(where: exists) {
      throw MaskCTError(
        .usage, path: old, "exists already",
        remedy: "replace label maps with --overwrite, or predict only missing ones with --resume")
    }
    return items
  }
}
