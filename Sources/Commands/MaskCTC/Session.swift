import Acquisition
import Anatomy
import CTScan
import FoundationEssentials
import Generation
import Painting
import Support
import Textures
import Volumes

/// An opened generator: recipe, textures and scanners, read once for any number of cases.
final class Session: Sendable {
  private let settings: GenerationSettings
  private let scheme: LabelScheme?
  private let textures: any TextureProvider
  private let workers: Workers

  init(_ request: GeneratorRequest) throws {
    workers = Workers(count: request.threads)
    let recipe = try Recipe.load(request.recipe)
    let acquisition = try GenerationSettings.acquisition(
      of: recipe, scanners: request.scanners, protocols: request.protocols)
    settings = GenerationSettings(
      sources: [], targets: request.targets, recipe: recipe,
      texture: try GenerationSettings.texture(
        for: recipe, named: request.recipe, video: request.video, seed: request.seed),
      cases: 1, seed: request.seed,
      scanners: acquisition.scanners, protocols: acquisition.protocols, spacing: request.spacing)
    if let structures = request.structures {
      var ids: [UInt16: String] = [:]
      for (id, structure) in structures {
        guard let id = UInt16(id) else {
          throw MaskCTError(
            .usage, "'\(id)' is no label", remedy: "labels are integers from 1 to 65535")
        }
        ids[id] = structure
      }
      scheme = try LabelScheme(name: "own", structures: ids)
    } else {
      scheme = try request.scheme.map { name throws(MaskCTError) in try LabelScheme.load(name) }
    }
    if let scheme, !request.targets.isEmpty {
      _ = try Target.resolve(
        request.targets, scheme: scheme, added: settings.recipe.lesionStructures)
    }
    textures = try GenerationSettings.Texture.open(settings.texture, workers: workers)
  }

  /// The body alone, on the painting grid.
  func paint(_ request: CaseRequest, _ labels: UnsafeRawPointer?) throws -> Result {
    let plan = try plan(request, labels)
    let map = try plan.source.load(plan.item, workers: workers)
    let stream = RandomStream(seed: settings.seed).split(plan.name).split("painting")
    let targets =
      settings.targets.isEmpty ? [] : try Target.resolve(settings.targets).flatMap(\.structures)
    let painter = Painter(recipe: settings.recipe, tissues: .standard, textures: textures)
    let draws = try painter.draw(map: map, targets: targets, stream: stream, workers: workers)
    let body = try painter.paint(
      map: map, targets: targets, draws: draws, margins: (0, 0), workers: workers)
    return Result(
      image: body.hu, frame: map.frame.adapted(to: body.hu.grid), notes: map.notes,
      workers: workers)
  }

  /// A whole case.
  func generate(
    _ request: CaseRequest, _ labels: UnsafeRawPointer?, progress: (Double) throws -> Void
  ) throws -> Result {
    let generator = try CaseGenerator(settings: settings, textures: textures, workers: workers)
    let made = try generator.generate(
      try plan(request, labels),
      progress: { stage, fraction in
        // Painting takes about as long as scanning.
        switch stage {
        case .reading: try progress(0)
        case .painting: try progress(0.05)
        case .scanning: try progress(0.5 + 0.5 * fraction)
        case .writing: break
        }
      })
    return Result(
      image: made.ct, labels: made.labels, frame: made.frame.adapted(to: made.ct.grid),
      notes: made.record.notes, case: made, workers: workers)
  }

  private func plan(_ request: CaseRequest, _ labels: UnsafeRawPointer?) throws -> CasePlan {
    let source: LabelSource
    if let array = request.array, let labels {
      guard let scheme else {
        throw MaskCTError(
          .usage, path: VoxelArray.name, "needs a label scheme to name its numbers",
          remedy:
            "choose one of \(LabelScheme.presets.names.joined(separator: ", ")), or name each number"
        )
      }
      let array = try array.array()
      source = LabelSource(
        labels: try array.labelMap(at: labels, workers: workers), frame: array.frame,
        name: request.name ?? "case", scheme: scheme)
    } else {
      source = try LabelSource(path: request.path ?? "", scheme: scheme)
    }
    guard source.cases.count == 1 else {
      throw MaskCTError(
        .usage, path: source.path, "holds \(source.cases.count) cases", remedy: "name one file")
    }
    return CasePlan(
      name: request.name ?? source.cases[0].name, source: source, item: source.cases[0])
  }
}

extension ScanRequest {
  /// The volume as the scanner shows it, on its own grid.
  func scan(
    _ hu: UnsafeRawPointer, iodine map: UnsafeRawPointer?, progress: (Double) throws -> Void
  ) throws -> Result {
    let workers = Workers(count: threads)
    var settings = try ScanProtocol.load(scanProtocol)
    if let kernel { settings.kernel = kernel }
    if let mas { settings.mas = mas }
    if let kvp { settings.kvp = kvp }
    let simulator = try CTSimulator(
      scanner: try Scanner.load(scanner), scanProtocol: settings)
    let array = try array.array()
    let volume = try array.volume(at: hu, workers: workers)
    var contrast: Volume<Float>?
    if let iodine, let map {
      try IodineMap.check(settings, option: "iodine", voltage: "kvp=120")
      contrast = try IodineMap.contrast(
        try iodine.array().volume(at: map, workers: workers), name: "the map of iodine",
        on: volume.grid)
    }
    let ct = try simulator.scan(
      volume, contrast: contrast, onto: volume.grid, noiseless: noiseless,
      stream: RandomStream(seed: seed),
      workers: workers, progress: progress)
    return Result(image: ct, frame: array.frame, workers: workers)
  }
}
