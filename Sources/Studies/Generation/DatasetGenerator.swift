import Anatomy
public import Datasets
import FoundationEssentials
public import Support
import Textures
import Volumes

/// What is done with a simulated case before it is written, for comparisons: an image that is simulated in parts.
///
/// A record does not hold it, so that replaying gives the case as it was before.
public protocol CaseFinishing: Sendable {
  /// Changes the image of a case.
  ///
  /// - Throws: `MaskCTError` where that cannot be done; the case is left out.
  func finish(_ made: inout GeneratedCase, of plan: CasePlan, workers: Workers) throws
}

/// Writes an nnU-Net dataset of generated cases, case by case; can be interrupted and continued.
///
/// `imagesTr/CASE_0000.nii.gz` (int16; CT: HU), one file per modality, `labelsTr/CASE.nii.gz`, `records/CASE.json` in
/// this order, then `dataset.json`, `manifest.json` and `DATASET_CARD.md`, and, from the start, `generation.json` with
/// the settings. A case counts as made when its record is there.
public struct DatasetGenerator: Sendable {
  /// What to do where the dataset is there already.
  public enum Existing: Sendable {
    /// Refuse.
    case refuse
    /// Keep the cases that are done and make the others; the settings must be the same.
    case resume
    /// Remove what an earlier run wrote and start over.
    case overwrite
  }

  /// What happens while a dataset is made.
  public enum Event: Sendable {
    /// Work on a case begins; `index` counts from 0 over all cases.
    case started(name: String, index: Int, total: Int)
    /// A part of a case is done.
    case stage(CaseGenerator.Stage, fraction: Double)
    /// A case is written; its notes are worth telling.
    case finished(name: String, notes: [String])
    /// A case was there already.
    case kept(name: String)
    /// A case was left out.
    case failed(name: String, MaskCTError)
    /// Something is odd but the work goes on.
    case warning(MaskCTError)
  }

  /// How a run ended.
  public struct Outcome: Sendable {
    /// Cases in the dataset.
    public var made: [String] = []
    /// Cases that were left out, and why.
    public var failed: [(name: String, error: MaskCTError)] = []
  }

  let settings: GenerationSettings
  let dataset: NNUNetDataset
  let workers: Workers
  private let finishing: (any CaseFinishing)?

  /// Prepares a run.
  ///
  /// - Parameter finishing: what is done with every case before it is written.
  public init(
    settings: GenerationSettings, dataset: NNUNetDataset, workers: Workers,
    finishing: (any CaseFinishing)? = nil
  ) {
    self.settings = settings
    self.dataset = dataset
    self.workers = workers
    self.finishing = finishing
  }

  var recordsFolder: String { dataset.rawFolder + "/records" }
  var settingsFile: String { dataset.rawFolder + "/generation.json" }
  func record(of name: String) -> String { recordsFolder + "/\(name).json" }

  /// Makes the dataset, or a shard of it.
  ///
  /// Shards work side by side in one folder, each on its own cases, with `existing` as `resume`. The one that
  /// finds all cases made writes `dataset.json`; where a case failed in its shard, a run without a shard
  /// tries it again and writes it.
  /// - Parameter shard: the part to make; nil for all.
  /// - Parameter onEvent: told what happens; what it throws stops the run between two pieces of work.
  /// - Throws: `MaskCTError` if nothing can be made at all; a single bad case is in the outcome.
  public func run(
    existing: Existing, shard: Shard? = nil, onEvent: (Event) throws -> Void
  ) throws -> Outcome {
    let all = try settings.plans()
    let plans = all.enumerated().filter { shard?.holds($0.offset) ?? true }.map(\.element)
    let textures = try GenerationSettings.Texture.open(settings.texture, workers: workers)
    for warning in textures.warnings { try onEvent(.warning(warning)) }
    let generator = try CaseGenerator(settings: settings, textures: textures, workers: workers)
    try prepareFolder(existing, isShared: shard != nil)
    try checkTargets(all, generator)

    var outcome = Outcome()
    // While a case is scanned the next one is read and painted: where painting waits for a file, for FFmpeg or for a
    // single thread, the scan fills the other cores.
    let done = Set(plans.map(\.name).filter(isDone))
    let ahead = LookAhead(
      plans.filter { !done.contains($0.name) }, isOn: workers.memory == nil && workers.count > 1
    ) { plan, stop in
      try generator.paint(plan) { _, _ in try stop.check() }
    }
    for (index, plan) in plans.enumerated() {
      if done.contains(plan.name) {
        outcome.made.append(plan.name)
        try onEvent(.kept(name: plan.name))
        continue
      }
      try onEvent(.started(name: plan.name, index: index, total: plans.count))
      do {
        try onEvent(.stage(.painting, fraction: 0))
        var made = try generator.scan(
          ahead.next()!.get(), progress: { try onEvent(.stage($0, fraction: $1)) })
        try finishing?.finish(&made, of: plan, workers: workers)
        try onEvent(.stage(.writing, fraction: 0))
        try write(made, named: plan.name)
        outcome.made.append(plan.name)
        try onEvent(.finished(name: plan.name, notes: made.record.notes))
      } catch let error as MaskCTError where error.kind == .input || error.kind == .usage {
        outcome.failed.append((plan.name, error))
        try onEvent(.failed(name: plan.name, error))
      }
    }
    guard shard == nil || all.allSatisfy({ isDone($0.name) }) else { return outcome }
    guard !outcome.made.isEmpty || shard != nil else {
      throw MaskCTError(
        .input, path: dataset.rawFolder, "no case could be made",
        remedy: "see the reasons given for each case")
    }
    let names = try Target.resolve(settings.targets).map(\.name)
    let isUnchanged = done.count == plans.count && exists(dataset.descriptionFile)
    try dataset.writeDescription(
      structures: names, channels: settings.modalities.map(\.channelName),
      comment: "generated by maskct \(toolVersion) from label maps")
    try describe(all.filter { isDone($0.name) }, structures: names, isUnchanged: isUnchanged)
    return outcome
  }

  private func isDone(_ name: String) -> Bool {
    (settings.modalities.indices.map { dataset.image(of: name, channel: $0) }
      + [record(of: name), dataset.label(of: name)])
      .allSatisfy { FileManager.default.fileExists(atPath: $0) }
  }

  private func write(_ made: GeneratedCase, named name: String) throws {
    var record = made.record
    var times = StageTimes()
    try times.measure(.writing) {
      for (index, image) in made.images.enumerated() {
        try NIfTI.write(
          image, to: dataset.image(of: name, channel: index), frame: made.frame, workers: workers)
      }
      try NIfTI.write(made.labels, to: dataset.label(of: name), frame: made.frame, workers: workers)
    }
    record.seconds.merge(times.seconds) { $1 }
    // The record comes last: what has one is complete.
    try record.write(to: self.record(of: name))
  }

  /// Refuses to start where a target occurs in none of the label maps.
  private func checkTargets(_ plans: [CasePlan], _ generator: CaseGenerator) throws {
    var missing = Set(settings.targets.indices)
    var readable = false
    for plan in plans where !missing.isEmpty {
      guard let map = try? plan.source.load(plan.item, workers: workers) else { continue }
      readable = true
      for (index, present) in try generator.presence(in: map).enumerated() where present {
        missing.remove(index)
      }
    }
    // Where no map can be read at all, each case says by itself why.
    if let index = missing.min(), readable {
      throw MaskCTError(
        .input, path: settings.sources.map(\.path).joined(separator: ", "),
        "no label map holds the target '\(settings.targets[index])'",
        remedy: "leave it out, or check --labels and --scheme")
    }
  }
}
