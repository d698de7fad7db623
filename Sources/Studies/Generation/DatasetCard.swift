import Acquisition
import CTScan
import MRScan
import Support

/// `DATASET_CARD.md`: what a person should know of a generated dataset before training on it or handing it on.
///
/// What the tool cannot know, such as the licence of the masks, is marked for the author. It holds no path of the
/// machine.
struct DatasetCard {
  /// The dataset's name.
  var name: String
  /// The targets, in the order of their labels.
  var structures: [String]
  /// The settings of the run.
  var settings: GenerationSettings
  /// The records of all cases.
  var records: [CaseRecord]

  static let fileName = "DATASET_CARD.md"

  /// The card in Markdown.
  var text: String {
    """
    # \(name)

    \(records.count) simulated \(kinds) with labels of \(structures.joined(separator: ", ")), made by MaskCT \
    \(list { $0.version }) from label masks. No image of a patient went into them.

    * Licence: AUTHOR: state it; that of the masks may forbid handing on labels made from them
    * Masks: AUTHOR: where they come from, who drew them, their licence

    ## Labels

    | number | structure |
    | --- | --- |
    \(structures.enumerated().map { "| \($0 + 1) | \($1) |" }.joined(separator: "\n"))

    ## How it was made

    * label maps: \(Set(records.map { $0.source + "/" + $0.labelMap }).count), from \(list { lastComponent($0.source) })
    * recipe: \(list { Self.called($0) })
    * texture: \(texture)
    * seed: \(list { "\($0.draw.seed)" })
    * voxel spacing: \(settings.spacing.map { $0.map { "\($0)" }.joined(separator: " x ") + " mm" } ?? "that of the label maps")
    \(acquisitions)

    `records/CASE.json` has everything that was drawn for a case, and `maskct generate --replay` makes it again. \
    `manifest.json` has the SHA-256 of every file that was read and written, `generation.json` the settings.

    ## What to know before using it

    * The images are simulated. What they teach about real \(modalities) has to be measured on real \(modalities) (`maskct evaluate`).
    * Disease, implants and anatomy that the masks do not show are not in the images, unless the recipe draws lesions.
    * Labels are those of the painted body: exact where the masks are, as good as the masks where they are not.
    * The masks' population, and what it lacks, is the dataset's: AUTHOR: describe it.

    """
  }

  private var modalities: String {
    settings.modalities.map(\.channelName).joined(separator: " and ")
  }

  /// What the cases are.
  private var kinds: String {
    switch settings.modalities {
    case [.ct]: "CT scans"
    case [.mr]: "MR images"
    default: "pairs of \(modalities), registered,"
    }
  }

  private var ct: [CTAcquisition] {
    records.compactMap { $0.draw.acquisitions.compactMap(\.ct).first }
  }
  private var mr: [MRAcquisition] {
    records.compactMap { $0.draw.acquisitions.compactMap(\.mr).first }
  }

  private var acquisitions: String {
    var lines: [String] = []
    if !ct.isEmpty {
      lines += [
        "* scanners: \(counts(ct.map(\.scanner.name)))",
        "* kernels: \(counts(ct.map(\.scanProtocol.kernel)))", ranges,
      ]
    }
    if !mr.isEmpty {
      lines += [
        "* MR protocols: \(counts(mr.map(\.scanProtocol.name)))",
        "* fields: \(counts(mr.map { "\(short($0.scanProtocol.fieldStrength)) T" }))",
      ]
    }
    return lines.joined(separator: "\n")
  }

  private func list(_ value: (CaseRecord) -> String) -> String {
    Set(records.map(value)).sorted().joined(separator: ", ")
  }

  /// Each value with how many cases have it, most frequent first.
  private func counts(_ values: [String]) -> String {
    var counts: [String: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
  }

  /// The recipe's name with its description; a file's without its folders.
  static func called(_ record: CaseRecord) -> String {
    guard let name = record.recipeName else { return record.recipe.description }
    return "`\(lastComponent(name))` (\(record.recipe.description))"
  }

  private var texture: String {
    switch settings.texture {
    case nil: "none"
    case .deadLeaves: "dead leaves, built in"
    case .video(let folder):
      "video clips in \(lastComponent(folder)) (AUTHOR: their source and licence)"
    }
  }

  /// What the protocols drawn span.
  private var ranges: String {
    let protocols = ct.map(\.scanProtocol)
    let lines: [(name: String, unit: String, values: [Double])] = [
      ("tube voltage", "kV", protocols.compactMap(\.kvp)),
      ("tube current times time", "mAs", protocols.filter { $0.noiseIndex == nil }.map(\.mas)),
      ("noise index", "HU", protocols.compactMap(\.noiseIndex)),
      ("pitch", "", protocols.map(\.pitch)),
      ("slice thickness", "mm", protocols.compactMap(\.sliceThickness)),
    ]
    return lines.compactMap { line in
      guard let least = line.values.min(), let most = line.values.max() else { return nil }
      let span = least == most ? short(least) : "\(short(least)) to \(short(most))"
      let some =
        line.values.count < records.count ? ", in \(line.values.count) of the cases" : ""
      return "* \(line.name): \(span)\(line.unit.isEmpty ? "" : " " + line.unit)\(some)"
    }.joined(separator: "\n")
  }

  /// Two decimals, without zeros at the end.
  private func short(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
