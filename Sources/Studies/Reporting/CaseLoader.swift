import Datasets
public import Support
import Volumes

/// Reads what a picture of a case shows.
public struct CaseLoader: Sendable {
  /// A label map, or a folder of label maps by case name; nil for those beside the images.
  public var labels: String?
  /// A predicted label map or a folder of them; nil for none.
  public var prediction: String?
  /// Names of label ids, before those of a `dataset.json`.
  public var names: [UInt16: String]
  /// The structures through which the slices go, by name or id; empty for all labels.
  public var targets: [String]

  /// Sets up what is read beside the images.
  public init(
    labels: String? = nil, prediction: String? = nil, names: [UInt16: String] = [:],
    targets: [String] = []
  ) {
    self.labels = labels
    self.prediction = prediction
    self.names = names
    self.targets = targets
  }

  /// Reads a case.
  ///
  /// The values of a file that stands alone decide whether it is an image or a label map, see `isLabelMap`.
  /// - Throws: `MaskCTError` when a file cannot be read, labels lie on another grid than the image, or
  ///   a target is not among the labels.
  public func load(_ files: CaseFinder.Files, workers: Workers) throws -> CaseImages {
    var names = self.names
    if let dataset = files.dataset {
      names.merge(try DatasetDescription(path: dataset).names) { given, _ in given }
    }
    let main = try NIfTI.readVolume(files.main, workers: workers).volume
    let mainIsLabels = files.labels == nil && Self.isLabelMap(main)
    var labelFile = files.labels
    if let labels { labelFile = try CaseFinder.file(for: files.name, in: labels) }
    let predictionFile = try prediction.map { folder throws(MaskCTError) in
      try CaseFinder.file(for: files.name, in: folder)
    }
    func read(_ path: String?) throws -> LabelMap? {
      guard let path else { return nil }
      let map = try NIfTI.readLabelMap(path, workers: workers).labels
      guard map.grid.shape == main.grid.shape,
        map.grid.matches(main.grid, tolerance: 0.5 * main.grid.spacing.min())
      else {
        throw MaskCTError(
          .input, path: path,
          "lies on another grid (\(map.grid)) than \(files.main) (\(main.grid))",
          remedy: "show it by itself, or resample it to the image")
      }
      return map
    }
    let labels: LabelMap? = mainIsLabels ? main.map { UInt16($0) } : try read(labelFile)
    return CaseImages(
      name: files.name, image: mainIsLabels ? nil : main, labels: labels,
      prediction: try read(predictionFile), names: names, targets: try targetIDs(names: names))
  }

  /// The ids that the targets mean.
  private func targetIDs(names: [UInt16: String]) throws(MaskCTError) -> Set<UInt16>? {
    if targets.isEmpty { return nil }
    var ids: Set<UInt16> = []
    for target in targets {
      let matches = names.filter { $0.value == target }.map(\.key)
      if !matches.isEmpty {
        ids.formUnion(matches)
      } else if let id = UInt16(target), id > 0 {
        ids.insert(id)
      } else {
        let known = Set(names.values).sorted()
        throw MaskCTError(
          .usage, "no label is named '\(target)'",
          remedy: known.isEmpty
            ? "give its id; without a dataset.json the names are not known"
            : "names are \(known.prefix(12).joined(separator: ", "))")
      }
    }
    return ids
  }

  /// Whether a volume's values look like labels: none negative, all whole, at most 256 different.
  ///
  /// CT has negative HU (air, fat), so the two are rarely mistaken.
  static func isLabelMap(_ volume: Volume<Float>) -> Bool {
    var seen: Set<Float> = []
    var last = Float.nan
    for value in volume.values where value != last {
      guard value >= 0, value <= 65535, value == value.rounded() else { return false }
      seen.insert(value)
      if seen.count > 256 { return false }
      last = value
    }
    return true
  }
}
