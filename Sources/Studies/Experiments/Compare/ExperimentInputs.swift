import Anatomy
import FoundationEssentials
import Generation
import Support
import Textures

/// What every step depends on, as a digest: a step whose digest is the recorded one is up to date.
///
/// A digest covers the step's own settings, what it reads from the user, and the digests of the steps before
/// it. What it reads is listed by the loaders themselves, so that nothing is read that does not count:
///
/// | input | listed by | counts by |
/// | --- | --- | --- |
/// | label maps, masks, region masks | `LabelSource.Case.files` | name, bytes |
/// | schemes, `dataset.json` | `LabelSource.meaning` | what they name the numbers |
/// | CT images | `RealCase.files` | name, bytes |
/// | clips | `VideoLibrary.files` | name below the folder, bytes |
/// | recipes, scanners, protocols | `GenerationSettings` | the values that were read |
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
    for source in step.sources(in: experiment) {
      text += "\n" + (try digest(of: source, files: &files))
    }
    let value = Support.digest(text.utf8)
    known[step] = value
    return value
  }

  /// What the step depends on by itself.
  private func own(_ step: ExperimentStep, files: inout FileDigests) throws -> String {
    switch step {
    case .phantoms:
      return try Self.json(experiment.phantoms) + Self.json(Self.unnamed(testScanSettings()))
    case .test:
      let settings = try Self.json(experiment.targets) + Self.json(experiment.selection)
      // Phantoms count by the step that makes them: before it, there is nothing to read.
      if experiment.phantoms != nil { return settings }
      let (cases, missing) = try TestSet(experiment: experiment, layout: layout).find()
      return try settings + missing.map(\.description).joined()
        + Self.content(cases, files: &files)
    case .dataset(let arm, let seed):
      let arm = experiment.arms.first { $0.name == arm }!
      if arm.isClinical { return try real(arm, seed: seed, files: &files) }
      let settings = try self.settings(arm, seed: seed)
      var parts = [try Self.json(Self.unnamed(settings))]
      if arm.isMixed { parts.append(try real(arm, seed: seed, files: &files)) }
      parts += try finishing(arm, files: &files)
      for source in settings.sources where source.path != layout.phantomLabels {
        let source = try LabelSource(
          path: source.path, scheme: try source.scheme.map { try LabelScheme.load($0) },
          regions: source.region)
        parts.append(source.meaning)
        for item in source.cases {
          parts.append(try Self.content(item.name, item.files, files: &files))
        }
      }
      if case .video(let folder)? = settings.texture {
        for clip in try VideoLibrary.files(folder) {
          parts.append("\(clip.name) \(try files.digest(of: clip.path))")
        }
      }
      return parts.joined(separator: "\n")
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

  /// The settings without what decides nothing: a recipe counts by its values, not by its name.
  private static func unnamed(_ settings: GenerationSettings?) -> GenerationSettings? {
    var settings = settings
    settings?.recipeName = nil
    return settings
  }

  /// The real CT that an arm learns from.
  private func real(
    _ arm: Experiment.Arm, seed: Int, files: inout FileDigests
  ) throws -> String {
    let (cases, missing) = try ClinicalDataset(
      arm: arm, sources: experiment.sources(of: arm), targets: experiment.targets,
      dataset: layout.dataset(arm: arm.name, seed: seed), seed: seed
    ).chosen()
    // Of an arm without them the text is that of versions that did not know them.
    let choice =
      try arm.real == nil && arm.share == nil
      ? "" : Self.json(arm.real) + Self.json(arm.share)
    return try Self.json(experiment.targets) + Self.json(arm.cases) + Self.json(arm.spacing)
      + choice + missing.map(\.description).joined() + Self.content(cases, files: &files)
  }

  /// The real CT that simulated cases are blended with, or measured on.
  private func finishing(
    _ arm: Experiment.Arm, files: inout FileDigests
  ) throws -> [String] {
    var parts: [String] = []
    if let blend = arm.blend { parts.append(try Self.json(blend)) }
    if let measured = arm.measured { parts.append(try Self.json(measured)) }
    for images in [arm.blend?.images, arm.measured?.images].compactMap({ $0 }) {
      let cases = try RealCases.find(images: images, sources: experiment.sources(of: arm)).cases
      parts.append(try Self.content(cases, files: &files))
    }
    return parts
  }

  private static func content(_ cases: [RealCase], files: inout FileDigests) throws -> String {
    try cases.map { item in
      try item.source.meaning + " " + content(item.name, item.files, files: &files)
    }.joined(separator: "\n")
  }

  /// A case by its name, and its files by their names and bytes: the name decides what is drawn, and a
  /// binary mask's name its structure.
  private static func content(
    _ name: String, _ paths: [String], files: inout FileDigests
  ) throws -> String {
    try paths.reduce(name) {
      try $0 + " \(lastComponent($1)) " + files.digest(of: $1)
    }
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
