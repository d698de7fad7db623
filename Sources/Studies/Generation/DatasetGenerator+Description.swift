import Acquisition
import Datasets
import Support
import Textures

extension DatasetGenerator {
  var manifestFile: String { dataset.rawFolder + "/" + Manifest.fileName }
  var cardFile: String { dataset.rawFolder + "/" + DatasetCard.fileName }

  /// Writes `manifest.json` and `DATASET_CARD.md` for the cases that are there.
  ///
  /// - Parameter isUnchanged: nothing was made in this run: what an author has added to the card stays.
  func describe(_ plans: [CasePlan], structures: [String], isUnchanged: Bool) throws {
    // An input that could not be read has no digest; it may be back.
    let known = try? JSONFile.read(Manifest.self, path: manifestFile)
    let isWhole = known?.inputs.allSatisfy { $0.sha256 != nil } ?? false
    if isUnchanged, isWhole, exists(cardFile) { return }
    let records = try plans.map { try CaseRecord(path: record(of: $0.name)) }
    var seconds: [String: Double] = [:]
    for record in records { seconds.merge(record.seconds) { $0 + $1 } }
    var written: [(role: String, path: String)] = [
      (role: "description", path: dataset.descriptionFile)
    ]
    for plan in plans {
      for channel in settings.modalities.indices {
        written.append((role: "image", path: dataset.image(of: plan.name, channel: channel)))
      }
      written.append((role: "label map", path: dataset.label(of: plan.name)))
    }
    let manifest = Manifest(
      kind: "dataset", name: "\(dataset.name)", versions: ["maskct": toolVersion],
      kernels: InstructionSet.current,
      inputs: Manifest.read(try inputs(plans), workers: workers),
      settings: lastComponent(settingsFile),
      outputs: Manifest.read(written, below: dataset.rawFolder, workers: workers),
      seconds: seconds)
    try JSONFile.write(manifest, to: manifestFile)
    if isUnchanged, exists(cardFile) { return }
    let card = DatasetCard(
      name: "\(dataset.name)", structures: structures, settings: settings, records: records)
    try AtomicFile.write(card.text, to: cardFile)
  }

  private func inputs(_ plans: [CasePlan]) throws -> [(role: String, path: String)] {
    var files: [(role: String, path: String)] = []
    for plan in plans {
      for path in plan.item.paths { files.append((role: "label map", path: path)) }
      if let region = plan.item.region { files.append((role: "region mask", path: region)) }
    }
    if case .video(let folder)? = settings.texture {
      for clip in try VideoLibrary.files(folder) { files.append((role: "video", path: clip.path)) }
    }
    return files
  }
}
