import Acquisition
public import Anatomy
import CTScan
import Painting
public import Support
public import Textures
public import Tissues
public import Volumes

/// One case of a dataset before it is made: which label map, under which name.
public struct CasePlan: Sendable {
  /// The case's identifier in the dataset.
  public let name: String
  /// Where its label map comes from.
  public let source: LabelSource
  /// The label map.
  public let item: LabelSource.Case

  /// Plans a case; the name decides what is drawn for it.
  public init(name: String, source: LabelSource, item: LabelSource.Case) {
    self.name = name
    self.source = source
    self.item = item
  }
}

/// A case: the CT, its labels, and what they were made of.
public struct GeneratedCase: Sendable {
  /// CT, HU, on the labels' grid.
  public let ct: Volume<Float>
  /// 0 for background, k for the k-th target.
  public let labels: LabelMap
  /// How both lie in a file.
  public let frame: FileFrame
  /// What the case was made of.
  public var record: CaseRecord
}

/// Makes one case: label map, painted body, scan, reconstruction.
///
/// A pure function of the plan, the settings and the seed; or of a record, which holds all draws.
public struct CaseGenerator: Sendable {
  /// A stage of the work on a case.
  public enum Stage: String, Sendable, CaseIterable {
    /// Reading the label map.
    case reading
    /// Drawing and painting the body.
    case painting
    /// Projecting, adding noise and reconstructing.
    case scanning
    /// Compressing and writing; the dataset's writer reports it.
    case writing
  }

  private let settings: GenerationSettings
  private let targets: [Target]
  private let textures: any TextureProvider
  private let tissues: TissueTable
  private let workers: Workers

  /// Prepares for the settings of a dataset.
  ///
  /// - Throws: `MaskCTError` for an unknown target.
  public init(
    settings: GenerationSettings, textures: any TextureProvider,
    tissues: TissueTable = .standard, workers: Workers
  ) throws(MaskCTError) {
    self.settings = settings
    self.textures = textures
    self.tissues = tissues
    self.workers = workers
    targets = try Target.resolve(settings.targets)
  }

  /// Makes a case.
  ///
  /// - Parameter replaying: a record whose draws are taken instead of new ones.
  /// - Parameter inspect: shown the case between painting and scanning.
  /// - Parameter progress: called with the stage and the fraction of it that is done.
  /// - Throws: `MaskCTError` for an unusable label map or clip.
  public func generate(
    _ plan: CasePlan, replaying record: CaseRecord? = nil,
    inspect: (PaintedCase) throws -> Void = { _ in },
    progress: (Stage, Double) throws -> Void = { _, _ in }
  ) throws -> GeneratedCase {
    let painted = try paint(plan, replaying: record, progress: progress)
    try inspect(painted)
    return try scan(painted, progress: progress)
  }

  /// The first half of a case: reads the label map, varies it, and paints it.
  ///
  /// - Parameters: as those of `generate`.
  /// - Throws: `MaskCTError` for an unusable label map or clip.
  func paint(
    _ plan: CasePlan, replaying record: CaseRecord? = nil,
    progress: (Stage, Double) throws -> Void
  ) throws -> PaintedCase {
    var times = StageTimes()
    let stream = RandomStream(seed: settings.seed).split(plan.name)
    let names = targets.flatMap(\.structures)

    try progress(.reading, 0)
    let (map, structures, variation) = try times.measure(.reading) {
      var map = try plan.source.load(plan.item, workers: workers)
      if let spacing = settings.spacing {
        map = try map.resampled(spacing: spacing, workers: workers)
      }
      let variation =
        record == nil
        ? try MapVariation.draw(
          recipe: settings.recipe, map: map, targets: Set(names), stream: stream.split("variation"))
        : record?.variation
      return (
        try variation?.apply(to: map, workers: workers) ?? map, map.structures, variation
      )
    }

    var choice = stream.split("scanner")
    let scanner = record?.scanner ?? settings.scanners.randomElement(using: &choice)!
    let scanProtocol =
      record?.scanProtocol ?? settings.protocols.randomElement(using: &choice)
      ?? settings.recipe.acquisition!.draw(stream.split("acquisition"))
    let simulator = try CTSimulator(scanner: scanner, scanProtocol: scanProtocol)

    try progress(.painting, 0)
    let painted = try times.measure(.painting) {
      let painter = Painter(recipe: settings.recipe, tissues: tissues, textures: textures)
      let draws =
        try record?.draws
        ?? painter.draw(
          map: map, targets: names, stream: stream.split("painting"), workers: workers)
      return try painter.paint(
        map: map, targets: names, draws: draws,
        margins: (before: simulator.margin, after: simulator.margin),
        contrast: scanProtocol.kvp != nil, workers: workers)
    }
    return PaintedCase(
      plan: plan, map: map, structures: structures, variation: variation, painted: painted,
      simulator: simulator, stream: stream.split("scan"), seconds: times)
  }

  /// The second half of a case: scans what was painted and reconstructs it.
  ///
  /// - Throws: what `progress` throws.
  func scan(_ painted: PaintedCase, progress: (Stage, Double) throws -> Void) throws
    -> GeneratedCase
  {
    var times = painted.seconds
    let (plan, map, simulator) = (painted.plan, painted.map, painted.simulator)
    try progress(.scanning, 0)
    let ct = try times.measure(.scanning) {
      var ct = try simulator.scan(
        painted.body, contrast: painted.contrast, onto: map.labels.grid, stream: painted.stream,
        workers: workers
      ) { try progress(.scanning, $0) }
      if let region = map.region { Self.cut(&ct, to: region) }
      return ct
    }
    return GeneratedCase(
      ct: ct, labels: labels(of: map), frame: map.frame,
      record: CaseRecord(
        version: toolVersion, name: plan.name, source: plan.source.path,
        labelMap: plan.item.name, files: plan.item.paths, regions: plan.source.regions,
        structures: Dictionary(
          uniqueKeysWithValues: painted.structures.map { (String($0.key), $0.value) }),
        targets: settings.targets, recipe: settings.recipe, texture: settings.texture,
        seed: settings.seed, scanner: simulator.scanner, scanProtocol: simulator.scanProtocol,
        spacing: settings.spacing, variation: painted.variation, draws: painted.painted.draws,
        notes: map.notes, grid: map.labels.grid.description,
        kernels: InstructionSet.current, seconds: times.seconds))
  }

  /// Whether each target has at least one voxel in a label map, or may get one by a lesion.
  ///
  /// - Throws: `MaskCTError` for an unknown host of a lesion.
  public func presence(in map: AnatomicalMap) throws(MaskCTError) -> [Bool] {
    var possible: Set<String> = []
    for lesion in settings.recipe.lesions ?? [] {
      let structure = lesion.canonicalStructure
      if try !Lesion.hosts(lesion.host, of: structure, in: map).isEmpty {
        possible.insert(structure)
      }
    }
    return targets.map { !$0.ids(in: map).isEmpty || !possible.isDisjoint(with: $0.structures) }
  }

  /// Air wherever a published image was cut away.
  private static func cut(_ ct: inout Volume<Float>, to region: LabelMap) {
    ct.values.withUnsafeMutableBufferPointer { values in
      region.values.withUnsafeBufferPointer { region in
        for index in 0..<values.count where region[index] == 0 { values[index] = -1000 }
      }
    }
  }

  private func labels(of map: AnatomicalMap) -> LabelMap {
    let table = Target.table(targets, for: map)
    var values = [UInt16](repeating: 0, count: map.labels.values.count)
    map.labels.values.withUnsafeBufferPointer { source in
      for i in 0..<source.count {
        let id = Int(source[i])
        if id < table.count { values[i] = UInt16(table[id]) }
      }
    }
    return LabelMap(grid: map.labels.grid, values: values)
  }
}

/// The version of the tool, as `maskct --version` prints it and records state it.
public let toolVersion = "0.1.0"
