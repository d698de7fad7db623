import Anatomy
import Datasets
public import Support
import Volumes

extension CaseRecord {
  /// Makes the case again: renders the recorded draw.
  ///
  /// - Parameter inspect: shown the case between painting and scanning.
  /// - Throws: `MaskCTError` if its label map or clips are gone.
  public func replay(
    workers: Workers, inspect: (PaintedCase) throws -> Void = { _ in },
    progress: (CaseGenerator.Stage, Double) throws -> Void = { _, _ in }
  ) throws -> GeneratedCase {
    var settings = GenerationSettings(
      sources: [], targets: targets, recipe: recipe, texture: texture, cases: 1, seed: draw.seed,
      scanners: [], protocols: [], spacing: spacing, tissues: tissues, recipeName: recipeName)
    settings.modalities = draw.acquisitions.map(\.modality)
    let scheme = try LabelScheme(
      name: "record", description: "",
      structures: Dictionary(
        uniqueKeysWithValues: structures.compactMap { id, name in UInt16(id).map { ($0, name) } }))
    let source = try LabelSource(path: source, scheme: scheme, regions: regions)
    guard let item = source.cases.first(where: { $0.name == labelMap }) else {
      throw MaskCTError(
        .input, path: source.path, "no longer holds the label map '\(labelMap)'",
        remedy: "put it back where the record says it was")
    }
    let textures = try GenerationSettings.Texture.open(texture, workers: workers)
    let generator = try CaseGenerator(settings: settings, textures: textures, workers: workers)
    return try generator.generate(
      CasePlan(name: name, source: source, item: item), rendering: draw, inspect: inspect,
      progress: progress)
  }

  /// Makes the case again and writes image, labels and record to `folder`.
  ///
  /// - Throws: `MaskCTError` if its label map or clips are gone.
  public func replay(
    to folder: String, workers: Workers,
    progress: (CaseGenerator.Stage, Double) throws -> Void = { _, _ in }
  ) throws {
    let made = try replay(workers: workers, progress: progress)
    try progress(.writing, 0)
    try made.write(to: folder, workers: workers)
  }
}

extension GeneratedCase {
  /// Writes image, labels and record of a single case to `folder`.
  ///
  /// - Throws: `MaskCTError` if they cannot be written.
  public func write(to folder: String, workers: Workers) throws {
    let path = folder + "/" + record.name
    try createFolder(folder)
    for (index, image) in images.enumerated() {
      try NIfTI.write(
        image, to: "\(path)\(CaseFiles.suffix(ofChannel: index)).nii.gz", frame: frame,
        workers: workers)
    }
    try NIfTI.write(labels, to: path + ".nii.gz", frame: frame, workers: workers)
    try record.write(to: path + ".json")
  }
}
