import Acquisition
import Anatomy
import CTScan
import FoundationEssentials
import Generation
import Painting
import Support
import Textures
import Tissues
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
    let modalities = try ImageModality.parse(request.modality ?? "ct")
    let protocols = try GenerationSettings.split(protocols: request.protocols, for: modalities)
    let acquisition = try GenerationSettings.acquisition(
      of: recipe, scanners: request.scanners, protocols: protocols.ct)
    var settings = GenerationSettings(
      sources: [], targets: request.targets, recipe: recipe,
      texture: try GenerationSettings.texture(
        for: recipe, named: request.recipe, video: request.video, seed: request.seed),
      cases: 1, seed: request.seed,
      scanners: acquisition.scanners, protocols: acquisition.protocols, spacing: request.spacing,
      tissues: try request.tissues.map { path throws(MaskCTError) in try TissueTable.load(path) },
      recipeName: request.recipe)
    try settings.image(modalities, mrProtocols: protocols.mr)
    self.settings = settings
    if let structures = request.structures {
      var ids: [UInt16: String] = [:]
      for (id, structure) in structures {
        guard let id = UInt16(id) else {
          throw MaskCTError(
            .usage, "'\(id)' is not a label", remedy: "labels are integers from 1 to 65535")
        }
        ids[id] = structure
      }
      scheme = try LabelScheme(name: "own", structures: ids)
    } else {
      scheme = try request.scheme.map { name throws(MaskCTError) in try LabelScheme.load(name) }
    }
    if let scheme, !request.targets.isEmpty {
      _ = try Target.resolve(
        request.targets, scheme: scheme, added: settings.recipe.variation.lesionStructures)
    }
    textures = try GenerationSettings.Texture.open(settings.texture, workers: workers)
  }

  /// The body alone, on the painting grid: what a case of the same name is scanned from, without what lies beyond
  /// the first and the last slice.
  func paint(_ request: CaseRequest, _ labels: UnsafeRawPointer?) throws -> Result {
    let painted = try generator(paintsOnly: true).paint(try plan(request, labels), beyond: false)
    let (body, anatomy) = (painted.body[.attenuation], painted.anatomy)
    return Result(
      images: [body], frame: anatomy.frame.adapted(to: body.grid), notes: anatomy.notes,
      workers: workers)
  }

  /// A whole case.
  func generate(
    _ request: CaseRequest, _ labels: UnsafeRawPointer?, progress: (Double) throws -> Void
  ) throws -> Result {
    let made = try generator().generate(
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
      images: made.images, labels: made.labels, frame: made.frame.adapted(to: made.image.grid),
      notes: made.record.notes, case: made, workers: workers)
  }

  private func generator(paintsOnly: Bool = false) throws -> CaseGenerator {
    var settings = self.settings
    // What is painted for Python is what CT sees.
    if paintsOnly { settings.modalities = [.ct] }
    return try CaseGenerator(
      settings: settings, textures: textures, paintsOnly: paintsOnly, workers: workers)
  }

  private func plan(_ request: CaseRequest, _ labels: UnsafeRawPointer?) throws -> CasePlan {
    let source: LabelSource
    if let array = request.array, let labels {
      guard let scheme else {
        throw MaskCTError(
          .usage, path: VoxelArray.name, "needs a label scheme to name its numbers",
          remedy:
            """
            choose one of \(LabelScheme.presets.names.joined(separator: ", ")), or name each \
            number
            """
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
    var user = ProtocolOverrides()
    (user.kernel, user.mas, user.kvp) = (kernel, mas, kvp)
    let settings = try ScanProtocol.load(scanProtocol).overridden(by: user)
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
    return Result(images: [ct], frame: array.frame, workers: workers)
  }
}
