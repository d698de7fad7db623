import Anatomy
public import Datasets
import FoundationEssentials
public import Support
import Textures
import Volumes

/// Writes an nnU-Net dataset of generated cases, case by case; can be interrupted and continued.
///
/// `imagesTr/CASE_0000.nii.gz` (HU, int16), `labelsTr/CASE.nii.gz`, `records/CASE.json` in this order, then
/// `dataset.json` and, from the start, `generation.json` with the settings. A case counts as made when
/// its record is there.
public struct DatasetGenerator: Sendable {
  /// What to do where the dataset is there already.
  public enum Existing: Sendable {
    /// Refuse.
    case refuse
    /// Keep the cases that are done and make the others; the settings must be the same.
    case resume
    /// Remove what an earlier run wrote and begin anew.
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

  private let settings: GenerationSettings
  private let dataset: NNUNetDataset
  private let workers: Workers

  /// Prepares a run.
  public init(settings: GenerationSettings, dataset: NNUNetDataset, workers: Workers) {
    self.settings = settings
    self.dataset = dataset
    self.workers = workers
  }

  private var recordsFolder: String { dataset.rawFolder + "/records" }
  private var settingsFile: String { dataset.rawFolder + "/generation.json" }
  private func record(of name: String) -> String { recordsFolder + "/\(name).json" }

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
    let all = try self.plans()
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
        let made = try generator.scan(
          ahead.next()!.get(), progress: { try onEvent(.stage($0, fraction: $1)) })
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
    try dataset.writeDescription(
      structures: names, comment: "generated by maskct \(toolVersion) from label maps")
    return outcome
  }

  /// Makes a case again from its record.
  ///
  /// - Parameter inspect: shown the case between painting and scanning.
  /// - Throws: `MaskCTError` if its label map or clips are gone.
  public static func replay(
    _ record: CaseRecord, workers: Workers, inspect: (PaintedCase) throws -> Void = { _ in },
    progress: (CaseGenerator.Stage, Double) throws -> Void = { _, _ in }
  ) throws -> GeneratedCase {
    var settings = GenerationSettings(
      sources: [], targets: record.targets, recipe: record.recipe, texture: record.texture,
      seed: record.seed, scanners: [record.scanner], protocols: [record.scanProtocol],
      spacing: record.spacing)
    settings.cases = 1
    let scheme = try LabelScheme(
      name: "record", description: "",
      structures: Dictionary(
        uniqueKeysWithValues: record.structures.compactMap { id, name in
          UInt16(id).map { ($0, name) }
        }))
    let source = try LabelSource(path: record.source, scheme: scheme, regions: record.regions)
    guard let item = source.cases.first(where: { $0.name == record.labelMap }) else {
      throw MaskCTError(
        .input, path: record.source, "no longer holds the label map '\(record.labelMap)'",
        remedy: "put it back where the record says it was")
    }
    let textures = try GenerationSettings.Texture.open(record.texture, workers: workers)
    let generator = try CaseGenerator(settings: settings, textures: textures, workers: workers)
    let plan = CasePlan(name: record.name, source: source, item: item)
    return try generator.generate(
      plan, replaying: record, inspect: inspect, progress: progress)
  }

  /// Makes a case again from its record and writes image, labels and record to `folder`.
  ///
  /// - Throws: `MaskCTError` if its label map or clips are gone.
  public static func replay(
    _ record: CaseRecord, to folder: String, workers: Workers,
    progress: (CaseGenerator.Stage, Double) throws -> Void = { _, _ in }
  ) throws {
    let made = try replay(record, workers: workers, progress: progress)
    try progress(.writing, 0)
    try write(made, to: folder, workers: workers)
  }

  /// Writes image, labels and record of a single case to `folder`.
  ///
  /// - Throws: `MaskCTError` if they cannot be written.
  public static func write(_ made: GeneratedCase, to folder: String, workers: Workers) throws {
    let path = folder + "/" + made.record.name
    try createDirectory(folder)
    try NIfTI.write(made.ct, to: path + "_0000.nii.gz", frame: made.frame, workers: workers)
    try NIfTI.write(made.labels, to: path + ".nii.gz", frame: made.frame, workers: workers)
    try made.record.write(to: path + ".json")
  }

  /// Which cases there will be: label maps in order of their names, again from the first where more
  /// cases are asked for than there are maps.
  public func plans() throws -> [CasePlan] {
    var items: [(prefix: String, source: LabelSource, item: LabelSource.Case)] = []
    for entry in settings.sources {
      let scheme = try entry.scheme.map { try LabelScheme.load($0) }
      let source = try LabelSource(path: entry.path, scheme: scheme, regions: entry.region)
      if let scheme {
        _ = try Target.resolve(
          settings.targets, scheme: scheme, added: settings.recipe.lesionStructures)
      }
      // Case names of several folders must not collide.
      let prefix = settings.sources.count > 1 ? "\(identifier(scheme?.name ?? "labels"))_" : ""
      items += source.cases.map { (prefix, source, $0) }
    }
    let wanted = settings.cases ?? items.count
    guard wanted > 0 else {
      throw MaskCTError(.usage, "no cases are asked for", remedy: "give --cases 1 or more")
    }
    var used: Set<String> = []
    return (0..<wanted).map { index in
      let entry = items[index % items.count]
      let round = index / items.count
      let base = entry.prefix + identifier(entry.item.name) + (round > 0 ? "_\(round + 1)" : "")
      var name = base
      var attempt = 2
      while !used.insert(name).inserted {
        name = "\(base)_\(attempt)"
        attempt += 1
      }
      return CasePlan(name: name, source: entry.source, item: entry.item)
    }
  }

  // nnU-Net builds file names from identifiers; keep to what every file system and shell takes.
  private func identifier(_ text: String) -> String {
    let name = String(
      text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) ? $0 : "_" })
    return name.isEmpty || name.hasPrefix("-") ? "case" + name : name
  }

  private func isDone(_ name: String) -> Bool {
    [record(of: name), dataset.image(of: name), dataset.label(of: name)]
      .allSatisfy { FileManager.default.fileExists(atPath: $0) }
  }

  private func write(_ made: GeneratedCase, named name: String) throws {
    var record = made.record
    var times = StageTimes()
    try times.measure(.writing) {
      try NIfTI.write(made.ct, to: dataset.image(of: name), frame: made.frame, workers: workers)
      try NIfTI.write(made.labels, to: dataset.label(of: name), frame: made.frame, workers: workers)
    }
    record.seconds.merge(times.seconds) { $1 }
    // The record comes last: what has one is complete.
    try record.write(to: self.record(of: name))
  }

  /// Creates the folders, or deals with those that are there.
  private func prepareFolder(_ existing: Existing, isShared: Bool) throws {
    let files = FileManager.default
    let folders = [dataset.imagesFolder, dataset.labelsFolder, recordsFolder]
    // Hidden files may be those that another shard is about to give their names.
    let there = ((try? files.contentsOfDirectory(atPath: dataset.rawFolder)) ?? [])
      .contains { !$0.hasPrefix(".") }
    switch existing {
    case .refuse:
      if there {
        throw MaskCTError(
          .output, path: dataset.rawFolder, "is there already",
          remedy: "continue it with --resume, or begin anew with --overwrite")
      }
    case .overwrite:
      // Only what this tool writes is removed.
      for path in folders + [settingsFile, dataset.descriptionFile]
      where files.fileExists(atPath: path) {
        do {
          try files.removeItem(atPath: path)
        } catch {
          throw MaskCTError(
            .output, path: path, "cannot be removed", remedy: "check its permissions")
        }
      }
    case .resume:
      if there, files.fileExists(atPath: settingsFile) {
        let old = try? JSONDecoder().decode(
          GenerationSettings.self, from: Data(try ByteFile.read(settingsFile)))
        guard let old else {
          throw MaskCTError(
            .input, path: settingsFile, "is damaged", remedy: "begin anew with --overwrite")
        }
        let differences = settings.differences(from: old)
        if !differences.isEmpty {
          throw MaskCTError(
            .usage, path: dataset.rawFolder,
            "was begun with another \(differences.joined(separator: ", "))",
            remedy: "give the same settings, or begin anew with --overwrite")
        }
      } else if there {
        throw MaskCTError(
          .input, path: dataset.rawFolder, "was not written by 'maskct generate'",
          remedy: "choose another output folder")
      }
    }
    // The settings come first: a folder with anything in it has them.
    try Self.createDirectory(dataset.rawFolder)
    try AtomicFile.write(try CaseRecord.json(settings), to: settingsFile)
    for folder in folders {
      try Self.createDirectory(folder)
      if !isShared { AtomicFile.removeLeftovers(in: folder) }
    }
  }

  private static func createDirectory(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw MaskCTError(
        .output, path: path, "cannot be created", remedy: "check the disk and its permissions")
    }
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
