import Datasets
import Acquisition
import ArgumentParser
import Generation
import Painting
import Support
import Tissues

/// `maskct generate`: label maps to an nnU-Net dataset of simulated CT.
struct GenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Generate an nnU-Net dataset of simulated CT or MR from label maps.",
    discussion: """
      For each case, a label map is painted according to the recipe, scanned in a simulated helical CT \
      scanner, reconstructed onto the label map's grid, and written as imagesTr/CASE_0000.nii.gz (HU) and \
      labelsTr/CASE.nii.gz (targets, numbered from 1). records/CASE.json holds every random choice. The \
      same settings and seed give the same bytes on any number of threads. Use --resume after an \
      interruption.

      --modality mr makes MR images instead, and ct,mr both of the same body: registered pairs, as channels \
      CASE_0000 and CASE_0001. An MR protocol is drawn for each case from those of --protocol, or from the \
      recipe's, varied.

      The recipe 'maskct' varies everything that a label mask leaves open: shape, grey values, texture, \
      scanner, dose, slice thickness. It uses a built-in texture, or video clips with --video. 'cylinder', \
      'constant' and 'video' are the three plain recipes that it is compared with.

      Label maps can be a folder of multi-label files, an nnU-Net dataset, TotalSegmentator's folder per \
      case, or what 'maskct import' wrote. 'maskct show' lists schemes, recipes, scanners and protocols, and prints them for you to \
      copy and edit; a YAML file works wherever a name does.

      EXAMPLES
        200 cases for learning the liver, with video as texture:
          maskct generate --labels btcv/labels --scheme btcv --target liver \\
            --video clips --cases 200 --seed 7 \\
            --output nnUNet_raw/Dataset503_LiverMaskct

        Two folders with different schemes, several targets, coarser voxels:
          maskct generate --labels btcv --scheme btcv \\
            --labels ircad --scheme 3dircadb1 --target liver --target spleen \\
            --recipe constant --spacing 2 \\
            --output nnUNet_raw/Dataset504_Abdomen

        TotalSegmentator's dataset, with scanner and protocol drawn per case:
          maskct generate --labels Totalsegmentator_dataset_v201 --target liver \\
            --recipe constant --scanner rows16 --scanner rows64 \\
            --protocol abdomen --protocol low-dose \\
            --output nnUNet_raw/Dataset505_LiverConstant

        T2-weighted MR with fat suppressed, on the voxels of a real collection:
          maskct generate --labels btcv --scheme btcv --target liver \\
            --target spleen --modality mr --protocol t2-spir \\
            --spacing 1.25,1.25,7.7 --output nnUNet_raw/Dataset506_LiverMR

        Regenerate one case from its record:
          maskct generate --output again \\
            --replay nnUNet_raw/Dataset503_LiverMaskct/records/label0001.json
      """)

  @Option(
    help: ArgumentHelp("Folder of label maps. Repeatable.", valueName: "folder"))
  var labels: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Label scheme that names the ids, one per --labels in the same order; not needed for \
      TotalSegmentator folders, nnU-Net datasets and the output of 'maskct import'.
      """, valueName: "name|file"))
  var scheme: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Folder of region masks, named like the label maps, one per --labels in the same order. The image is \
      air outside its mask. Use it if your real images are cut to a region.
      """, valueName: "folder"))
  var region: [String] = []

  @Option(
    help: ArgumentHelp(
      "Structure to learn; the first is label 1. Repeatable.", valueName: "structure"))
  var target: [String] = []

  @Option(
    help: ArgumentHelp(
      "Recipe: maskct, cylinder, constant, video, random-contrast, or a YAML file.",
      valueName: "name|file"))
  var recipe: String = "maskct"

  @Option(help: ArgumentHelp("Images to make: ct, mr, or ct,mr for pairs.", valueName: "name"))
  var modality: String = "ct"

  @Option(
    help: ArgumentHelp(
      """
      Contrast phase that the scans to segment are known to be in: native, arterial or portal_venous. \
      Repeatable: one is drawn per case. (default: the recipe's)
      """, valueName: "phase"))
  var phase: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Folder of video clips for textures, or 'dead-leaves' for the built-in texture. (default: the \
      recipe's; for 'maskct', dead-leaves)
      """, valueName: "folder"))
  var video: String?

  @Option(
    help: ArgumentHelp("Number of cases. (default: one per label map)", valueName: "n"))
  var cases: Int?

  @Option(help: ArgumentHelp("Seed of everything random.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      """
      Scanner. Repeatable: one is drawn per case. (default: the recipe's, or rows64)
      """, valueName: "name|file"))
  var scanner: [String] = []

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp(
      """
      Protocol, of CT or of MR. Repeatable: one is drawn per case. (default: drawn by the recipe, or \
      abdomen and t2-spir)
      """, valueName: "name|file"))
  var scanProtocol: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Table of tissue priors: an edited copy of what 'maskct show tissues' prints. (default: \
      that table)
      """,
      valueName: "file"))
  var tissues: String?

  @Option(
    help: ArgumentHelp(
      "Voxel spacing of the dataset: one number, or x,y,z. (default: the label map's)",
      valueName: "mm"))
  var spacing: String?

  @Option(
    help: ArgumentHelp(
      "Dataset folder, named DatasetNNN_Name, inside nnUNet_raw.", valueName: "folder"))
  var output: String

  @Option(
    help: ArgumentHelp(
      """
      Generate one part of the cases, for example 3/7 in the third of seven jobs. All parts share --output \
      and give the same bytes as a single run.
      """, valueName: "i/n"))
  var shard: String?

  @Flag(help: "Resume an interrupted dataset.")
  var resume = false

  @Flag(help: "Remove what an earlier run wrote and start over.")
  var overwrite = false

  @Option(
    help: ArgumentHelp("Regenerate one case from its record, into --output.", valueName: "file"))
  var replay: String?

  @OptionGroup var resources: ResourceOptions

  func run() async throws {
    if let replay { return try replayCase(replay) }
    let settings = try settings()
    let generator = DatasetGenerator(
      settings: settings, dataset: try NNUNetDataset(folder: output), workers: resources.workers)
    if resume && overwrite {
      throw MaskCTError(.usage, "--resume and --overwrite exclude each other", remedy: "give one")
    }
    let shard = try shard.map { text throws(MaskCTError) in try Shard(parsing: text) }
    if shard != nil && overwrite {
      throw MaskCTError(
        .usage, "--shard and --overwrite exclude each other: parts would remove one another",
        remedy: "remove the folder before the first part starts")
    }
    let total = try settings.plans().indices.count { shard?.holds($0) ?? true }
    let progress = GenerationProgress(total: total)
    let outcome = try generator.run(
      existing: resume || shard != nil ? .resume : overwrite ? .overwrite : .refuse, shard: shard,
      onEvent: progress.show)
    progress.finish()
    print("\(outcome.made.count) of \(total) cases in \(output)")
    if !outcome.failed.isEmpty {
      Terminal.error("maskct: error: \(outcome.failed.count) of \(total) cases were left out\n")
      throw ExitCode(1)
    }
  }

  private func settings() throws -> GenerationSettings {
    guard !labels.isEmpty else {
      throw MaskCTError(
        .usage, "no label maps are given", remedy: "name their folder with --labels")
    }
    guard scheme.count <= 1 || scheme.count == labels.count else {
      throw MaskCTError(
        .usage, "\(labels.count) folders of label maps but \(scheme.count) schemes",
        remedy: "give one --scheme for each --labels, in the same order, or one for all")
    }
    guard region.isEmpty || region.count == labels.count else {
      throw MaskCTError(
        .usage, "\(labels.count) folders of label maps but \(region.count) of region masks",
        remedy: "give one --region for each --labels, in the same order, or none")
    }
    let sources = labels.enumerated().map { index, path in
      GenerationSettings.Source(
        path: path, scheme: scheme.count == labels.count ? scheme[index] : scheme.first,
        region: region.isEmpty ? nil : region[index])
    }
    if let cases, cases < 1 {
      throw MaskCTError(.usage, "\(cases) cases cannot be made", remedy: "give --cases 1 or more")
    }
    let recipe = try Recipe.load(recipe).told(phases: phase)
    let modalities = try ImageModality.parse(modality)
    let protocols = try GenerationSettings.split(protocols: scanProtocol, for: modalities)
    let acquisition = try GenerationSettings.acquisition(
      of: recipe, scanners: scanner, protocols: protocols.ct)
    var settings = GenerationSettings(
      sources: sources, targets: target, recipe: recipe,
      texture: try GenerationSettings.texture(
        for: recipe, named: self.recipe, video: video, seed: seed),
      cases: cases, seed: seed,
      scanners: acquisition.scanners, protocols: acquisition.protocols,
      spacing: try Spacing.parse(spacing),
      tissues: try tissues.map { path throws(MaskCTError) in try TissueTable.load(path) },
      recipeName: self.recipe)
    try settings.image(modalities, mrProtocols: protocols.mr)
    return settings
  }

  private func replayCase(_ path: String) throws {
    let record = try CaseRecord(path: path)
    let progress = GenerationProgress(total: 1)
    try progress.show(.started(name: record.name, index: 0, total: 1))
    try record.replay(to: output, workers: resources.workers) {
      try progress.show(.stage($0, fraction: $1))
    }
    progress.finish()
    print("\(output)/\(record.name)_0000.nii.gz")
  }
}

/// `2` or `0.8,0.8,3` in mm.
enum Spacing {
  static func parse(_ text: String?) throws(MaskCTError) -> [Double]? {
    guard let text else { return nil }
    let numbers = text.split(separator: ",").map { Double($0) ?? .nan }
    guard numbers.count == 1 || numbers.count == 3, numbers.allSatisfy({ (0.1...20).contains($0) })
    else {
      throw MaskCTError(
        .usage, "the spacing '\(text)' cannot be used",
        remedy: "give one number or x,y,z from 0.1 to 20 mm, for example --spacing 1.5")
    }
    return numbers.count == 1 ? [numbers[0], numbers[0], numbers[0]] : numbers
  }
}
