public import Anatomy
import MRScan
import Painting
public import Support
public import Textures
import Tissues
public import Volumes

/// A case: the image, its labels, and what they were made of.
public struct GeneratedCase: Sendable {
  /// The images (CT: HU), in the order of the dataset's channels, all on the labels' grid.
  public var images: [Volume<Float>]
  /// 0 for background, k for the k-th target.
  public let labels: LabelMap
  /// How both lie in a file.
  public let frame: FileFrame
  /// What the case was made of.
  public var record: CaseRecord

  /// The first image.
  public var image: Volume<Float> {
    get { images[0] }
    set { images[0] = newValue }
  }
}

/// Makes cases: reads a label map, draws everything random, and renders body and image from the draw.
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
  private let painter: Painter
  private let workers: Workers

  /// Prepares for the settings of a dataset.
  ///
  /// - Parameter paintsOnly: whether only bodies are wanted, for which no target needs to be named.
  /// - Throws: `MaskCTError` for an unknown target, or none.
  public init(
    settings: GenerationSettings, textures: any TextureProvider, paintsOnly: Bool = false,
    workers: Workers
  ) throws(MaskCTError) {
    self.settings = settings
    self.workers = workers
    painter = Painter(
      settings: settings.recipe.paint, tissues: settings.tissues ?? .standard,
      textures: textures,
      magnetic: settings.modalities.contains(.mr)
        ? MagneticPriors(contrast: settings.recipe.mr?.contrast ?? .tissue) : nil)
    targets =
      paintsOnly && settings.targets.isEmpty ? [] : try Target.resolve(settings.targets)
  }

  private var targetStructures: [String] { targets.flatMap(\.structures) }

  /// Makes a case.
  ///
  /// - Parameter draw: what to render; `nil` draws.
  /// - Parameter inspect: shown the case between painting and scanning.
  /// - Parameter progress: called with the stage and the fraction of it that is done.
  /// - Throws: `MaskCTError` for an unusable label map or clip.
  public func generate(
    _ plan: CasePlan, rendering draw: CaseDraw? = nil,
    inspect: (PaintedCase) throws -> Void = { _ in },
    progress: (Stage, Double) throws -> Void = { _, _ in }
  ) throws -> GeneratedCase {
    let painted = try paint(plan, rendering: draw, progress: progress)
    try inspect(painted)
    return try scan(painted, progress: progress)
  }

  /// The first half of a case: reads the label map and paints the body.
  ///
  /// - Parameters:
  ///   - draw: what to render; `nil` draws.
  ///   - beyond: whether the body goes on beyond the first and the last slice, as far as the scanner needs it.
  ///   - progress: as for `generate`.
  /// - Throws: `MaskCTError` for an unusable label map or clip.
  public func paint(
    _ plan: CasePlan, rendering draw: CaseDraw? = nil, beyond: Bool = true,
    progress: (Stage, Double) throws -> Void = { _, _ in }
  ) throws -> PaintedCase {
    var times = StageTimes()
    try progress(.reading, 0)
    let map = try times.measure(.reading) { try load(plan) }
    try progress(.painting, 0)
    let painted = try times.measure(.painting) {
      let drawn =
        if let draw { try restored(draw, map) } else { try drawing.draw(map, named: plan.name) }
      return try paint(drawn, plan, structures: map.structures, beyond: beyond)
    }
    return painted.timed(times)
  }

  private var drawing: CaseDrawing {
    CaseDrawing(
      settings: settings, targets: targetStructures, painter: painter, workers: workers)
  }

  /// A recorded draw with its anatomy.
  private func restored(_ draw: CaseDraw, _ map: AnatomicalMap) throws(MaskCTError) -> DrawnCase {
    try DrawnCase(
      draw, varied: map.varied(by: draw.variation, workers: workers), workers: workers)
  }

  private func load(_ plan: CasePlan) throws -> AnatomicalMap {
    let map = try plan.source.load(plan.item, workers: workers)
    guard let spacing = settings.spacing else { return map }
    return try map.resampled(spacing: spacing, workers: workers)
  }

  /// Paints an anatomy: nothing is drawn from here on.
  private func paint(
    _ drawn: DrawnCase, _ plan: CasePlan, structures: [UInt16: String], beyond: Bool
  ) throws(MaskCTError) -> PaintedCase {
    let modalities = try drawn.draw.acquisitions.map { scan throws(MaskCTError) in
      try scan.scanner()
    }
    let margin = beyond ? modalities.reduce(0) { max($0, $1.margin) } : 0
    let channels = modalities.reduce(into: Set<BodyChannel>()) { $0.formUnion($1.channels) }
    let body = try painter.paint(
      map: drawn.painted, targets: targetStructures, draw: drawn.draw.paint,
      margins: (before: margin - drawn.overhang.below, after: margin - drawn.overhang.above),
      completion: FieldOfView.options(drawn.draw.fieldOfView), channels: channels,
      workers: workers)
    return PaintedCase(
      plan: plan, drawn: drawn, structures: structures, body: body, modalities: modalities)
  }

  /// The second half of a case: images the body.
  ///
  /// - Throws: what `progress` throws.
  func scan(_ painted: PaintedCase, progress: (Stage, Double) throws -> Void) throws
    -> GeneratedCase
  {
    var times = painted.seconds
    let (anatomy, modalities) = (painted.anatomy, painted.modalities)
    try progress(.scanning, 0)
    let images = try times.measure(.scanning) {
      try modalities.enumerated().map { index, modality in
        var image = try modality.image(
          of: painted.body, onto: anatomy.labels.grid, planned: painted.drawn.planned,
          stream: painted.drawn.draw.noise(of: index), workers: workers
        ) { try progress(.scanning, (Double(index) + $0) / Double(modalities.count)) }
        if let region = anatomy.region {
          image.fill(modality.background, outside: region)
        }
        return image
      }
    }
    return GeneratedCase(
      images: images, labels: labels(of: anatomy), frame: anatomy.frame,
      record: CaseRecord(of: painted, settings: settings, seconds: times.seconds))
  }

  /// Whether each target has at least one voxel in a label map, or may get one by a lesion.
  ///
  /// - Throws: `MaskCTError` for an unknown host of a lesion.
  public func presence(in map: AnatomicalMap) throws(MaskCTError) -> [Bool] {
    var possible: Set<String> = []
    for lesion in settings.recipe.variation.lesions ?? [] {
      let structure = lesion.canonicalStructure
      if try !Lesion.hosts(lesion.host, of: structure, in: map).isEmpty {
        possible.insert(structure)
      }
    }
    return targets.map { !$0.ids(in: map).isEmpty || !possible.isDisjoint(with: $0.structures) }
  }

  private func labels(of map: AnatomicalMap) -> LabelMap {
    let table = Target.table(targets, for: map)
    return map.labels.map { id in
      Int(id) < table.count ? UInt16(table[Int(id)]) : 0
    }
  }
}

extension Volume<Float> {
  /// Writes a value wherever a region mask on the same grid is 0.
  fileprivate mutating func fill(_ value: Float, outside region: LabelMap) {
    values.withUnsafeMutableBufferPointer { values in
      region.values.withUnsafeBufferPointer { region in
        for index in 0..<values.count where region[index] == 0 { values[index] = value }
      }
    }
  }
}

/// The version of the tool, as `maskct --version` prints it and records state it.
public let toolVersion = "0.1.0"
