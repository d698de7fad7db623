import Anatomy
import FoundationEssentials
import Generation
import Painting
import Support

/// What every step depends on, as a digest: a step whose digest is the recorded one is up to date.
///
/// A digest covers the step's own settings, the bytes of the files it reads from the user, and the digests
/// of the steps before it.
struct ExperimentInputs {
  let experiment: Experiment
  let layout: ExperimentLayout
  private var known: [ExperimentStep: String] = [:]

  init(experiment: Experiment, layout: ExperimentLayout) {
    self.experiment = experiment
    self.layout = layout
  }

  /// The digest of a step.
  ///
  /// - Throws: `MaskCTError` where a recipe, a folder or a file cannot be read.
  mutating func digest(of step: ExperimentStep, files: inout FileDigests) throws -> String {
    if let value = known[step] { return value }
    var text = "\(toolVersion) \(step.name)\n" + (try own(step, files: &files))
    for source in step.sources {
      text += "\n" + (try digest(of: source, files: &files))
    }
    let value = Support.digest(text.utf8)
    known[step] = value
    return value
  }

  /// What the step depends on by itself.
  private func own(_ step: ExperimentStep, files: inout FileDigests) throws -> String {
    switch step {
    case .test:
      let (cases, missing) = try TestSet(experiment: experiment, layout: layout).find()
      let scheme = try experiment.test.scheme.map { try Self.structures(of: $0) } ?? ""
      return try Self.json(experiment.targets) + Self.json(experiment.selection) + scheme
        + missing.map(\.description).joined()
        + cases.map { try Self.content($0, files: &files) }.joined(separator: "\n")
    case .dataset(let arm, let seed):
      let arm = experiment.arms.first { $0.name == arm }!
      if let images = arm.images {
        let (cases, missing) = try RealCases.find(
          images: images, sources: experiment.sources(of: arm))
        return try Self.json(experiment.targets) + Self.json(arm.cases) + Self.json(arm.spacing)
          + missing.map(\.description).joined()
          + cases.map { try Self.content($0, files: &files) }.joined(separator: "\n")
      }
      let settings = try self.settings(arm, seed: seed)
      let maps = try settings.sources.flatMap { source in
        try LabelSource(
          path: source.path, scheme: try source.scheme.map { try LabelScheme.load($0) },
          regions: source.region
        )
        .cases.map { item in
          try (item.paths + [item.region].compactMap(\.self)).map { try files.digest(of: $0) }
            .joined(separator: " ")
        }
      }
      return try Self.json(settings) + maps.joined(separator: "\n")
        + (try settings.sources.compactMap(\.scheme).map { try Self.structures(of: $0) }.joined())
        + Self.listing(settings.texture)
    case .separation, .report: return ""
    case .predict: return experiment.largestComponent ? "largest component" : ""
    case .train(let run):
      var budget = experiment.training
      budget.seeds = []
      budget.folds = []
      return try Self.json(budget) + "\(run.seed) \(run.fold)"
    case .evaluate: return "\(experiment.tolerance)"
    }
  }

  /// The settings with which an arm's dataset is generated.
  ///
  /// - Throws: `MaskCTError` for an unknown recipe, scanner or protocol, and where clips are missing.
  func settings(_ arm: Experiment.Arm, seed: Int) throws -> GenerationSettings {
    let recipe = try Recipe.load(arm.recipe!).without(arm.without ?? [])
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
    let acquisition = try GenerationSettings.acquisition(
      of: recipe, scanners: arm.scanners ?? [], protocols: arm.protocols ?? [])
    return GenerationSettings(
      sources: experiment.sources(of: arm).map {
        .init(path: $0.path, scheme: $0.scheme, region: $0.region)
      },
      targets: experiment.targets, recipe: recipe, texture: texture, cases: arm.cases,
      seed: UInt64(seed),
      scanners: acquisition.scanners, protocols: acquisition.protocols,
      spacing: arm.spacing.map { $0.count == 1 ? [$0[0], $0[0], $0[0]] : $0 })
  }

  private static func content(_ item: RealCase, files: inout FileDigests) throws -> String {
    try ([item.image] + item.item.paths).reduce(item.name) {
      try $0 + " " + files.digest(of: $1)
    }
  }

  private static func structures(of scheme: String) throws -> String {
    try LabelScheme.load(scheme).structures.sorted { $0.key < $1.key }
      .map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }

  /// Names and sizes of clips: hashing hours of video would take longer than painting with it.
  private static func listing(_ texture: GenerationSettings.Texture?) -> String {
    guard case .video(let folder)? = texture else { return "" }
    return names(in: folder).map { name in
      "\(name) \((try? ByteFile.size(folder + "/" + name)) ?? 0)"
    }.joined(separator: "\n")
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
