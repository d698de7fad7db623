import Acquisition
import Generation
import Painting
import Support

// What an experiment asks of the generator.

extension ExperimentInputs {
  /// The settings with which an arm's dataset is generated.
  ///
  /// - Throws: `MaskCTError` for an unknown recipe, scanner or protocol, and where clips are missing.
  func settings(_ arm: Experiment.Arm, seed: Int) throws -> GenerationSettings {
    let recipe = try recipe(of: arm)
    var texture: GenerationSettings.Texture?
    if recipe.paint.needsTexture {
      switch arm.video ?? experiment.video {
      case "dead-leaves": texture = .deadLeaves(UInt64(seed))
      case nil where recipe.paint.texture.source == .deadLeaves: texture = .deadLeaves(UInt64(seed))
      case let path?: texture = .video(path)
      case nil:
        throw MaskCTError(
          .usage, "arm '\(arm.name)' fills with video and no clips are given",
          remedy: "add 'video', a folder of clips or dead-leaves")
      }
    }
    let modalities = try ImageModality.parse(arm.modality ?? "ct")
    guard modalities.count == 1 else {
      throw MaskCTError(
        .usage, "arm '\(arm.name)' makes several images and learns from one",
        remedy: "give modality: ct or mr")
    }
    let protocols = try GenerationSettings.split(
      protocols: arm.protocols ?? [], for: modalities)
    let acquisition = try GenerationSettings.acquisition(
      of: recipe, scanners: arm.scanners ?? [], protocols: protocols.ct)
    var settings = GenerationSettings(
      sources: experiment.sources(of: arm).map {
        .init(path: $0.path, scheme: $0.scheme, region: $0.region)
      },
      targets: experiment.targets, recipe: recipe, texture: texture, cases: arm.cases,
      seed: UInt64(seed),
      scanners: acquisition.scanners, protocols: acquisition.protocols,
      spacing: arm.spacing.map { $0.count == 1 ? [$0[0], $0[0], $0[0]] : $0 },
      recipeName: arm.recipe)
    try settings.image(modalities, mrProtocols: protocols.mr)
    return settings
  }

  /// An arm's recipe, with what the arm changes in it.
  ///
  /// - Throws: `MaskCTError` for an unknown recipe, or a section that it does not have.
  private func recipe(of arm: Experiment.Arm) throws -> Recipe {
    var recipe = try Recipe.load(arm.recipe!).without(arm.without ?? [])
    recipe = try recipe.told(phases: arm.phases ?? [])
    if let imaging = arm.imaging {
      guard recipe.acquisition != nil, arm.protocols == nil else {
        throw MaskCTError(
          .usage, "arm '\(arm.name)' has 'imaging' and draws no protocol",
          remedy: "take a recipe with 'acquisition', and leave out 'protocols'")
      }
      recipe.acquisition!.imaging = ScanProtocol.Imaging(rawValue: imaging)
    }
    // Real and painted voxels of one patient lie at one place only where nothing moves the labels.
    if arm.blend != nil { recipe = recipe.unmoved() }
    return recipe
  }

  /// The settings with which the scans of phantoms to test on are made; nil without phantoms.
  ///
  /// - Throws: `MaskCTError` for an unknown recipe, scanner or protocol.
  func testScanSettings() throws -> GenerationSettings? {
    guard let phantoms = experiment.phantoms else { return nil }
    let recipe = try Recipe.load(phantoms.scans.recipe)
    return GenerationSettings(
      sources: [.init(path: layout.phantomTestLabels, scheme: Experiment.Phantoms.scheme)],
      targets: experiment.targets, recipe: recipe,
      texture: recipe.paint.needsTexture ? .deadLeaves(phantoms.seed) : nil, seed: phantoms.seed,
      scanners: [try Scanner.load(phantoms.scans.scanner)],
      protocols: [try ScanProtocol.load(phantoms.scans.protocol)],
      recipeName: phantoms.scans.recipe)
  }
}
