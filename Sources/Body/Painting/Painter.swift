public import Anatomy
public import Support
import Synchronization
public import Textures
public import Tissues
public import Volumes

/// A painted body: HU on the painting grid, and what was drawn for it.
public struct PaintedBody: Sendable {
  /// HU. Same axes as the label map, isotropic voxels, with the margins along z.
  public var hu: Volume<Float>
  /// The part of the HU that contrast medium makes; `nil` where it was not asked for.
  public var contrast: Volume<Float>?
  /// What was drawn.
  public var draws: PaintDraws

  /// Creates a painted body.
  public init(hu: Volume<Float>, contrast: Volume<Float>? = nil, draws: PaintDraws) {
    self.hu = hu
    self.contrast = contrast
    self.draws = draws
  }
}

/// Paints label maps as a recipe says.
///
/// Two steps: `draw` makes every random choice, `paint` applies them. Painting again with the draws
/// of a record gives the same volume, for any number of threads.
public struct Painter: Sendable {
  private let recipe: Recipe
  private let tissues: TissueTable
  private let textures: any TextureProvider

  /// Creates a painter.
  public init(recipe: Recipe, tissues: TissueTable, textures: any TextureProvider) {
    self.recipe = recipe
    self.tissues = tissues
    self.textures = textures
  }

  /// Draws everything random for a case.
  ///
  /// - Parameter targets: the structures that a network is to learn; the `cylinder` strategy paints
  ///   only these.
  /// - Throws: `MaskCTError` where the map holds no structure to paint, no clip is usable, or a
  ///   structure has no tissue prior.
  public func draw(
    map: AnatomicalMap, targets: [String], stream: RandomStream, workers: Workers = Workers()
  ) throws(MaskCTError) -> PaintDraws {
    let boxes = LabelBoxes(map.labels, workers: workers)
    let spacing = map.labels.grid.spacing
    let painted = try paintedStructures(map, targets, boxes)
    let structures = painted.map { structure in
      let size = SIMD3<Double>(structure.box.high &- structure.box.low &+ 1) * spacing
      return (name: structure.name, extent: size)
    }
    return try maker(workers).draws(
      structures: structures, body: map.labels.grid.extent,
      target: recipe.strategy == .cylinder ? outline(map.labels, painted) : [], stream: stream)
  }

  private func maker(_ workers: Workers) -> DrawMaker {
    DrawMaker(recipe: recipe, tissues: tissues, textures: textures, workers: workers)
  }

  /// The first and the last voxel of every row of the structures' shadow along z, mm from the
  /// centre of the label map.
  private func outline(_ labels: LabelMap, _ structures: [Structure]) -> [SIMD2<Double>] {
    var wanted = [Bool](repeating: false, count: 65536)
    for id in structures.flatMap(\.ids) { wanted[Int(id)] = true }
    let shape = labels.grid.shape
    let spacing = labels.grid.spacing
    let center = SIMD3<Double>(shape &- 1) * 0.5
    var points: [SIMD2<Double>] = []
    labels.values.withUnsafeBufferPointer { values in
      wanted.withUnsafeBufferPointer { wanted in
        for y in 0..<shape.y {
          func holds(_ x: Int) -> Bool {
            let base = labels.grid.offset(x, y, 0)
            for z in 0..<shape.z where wanted[Int(values[base + z])] { return true }
            return false
          }
          guard let first = (0..<shape.x).first(where: holds),
            let last = (0..<shape.x).last(where: holds)
          else { continue }
          for x in [first, last] {
            points.append(
              [(Double(x) - center.x) * spacing.x, (Double(y) - center.y) * spacing.y])
          }
        }
      }
    }
    return points
  }

  /// Paints a case.
  ///
  /// Where the body reaches beyond the label map in the plane, so does the painted volume: a scanner
  /// sees all of a patient, whatever part is reconstructed.
  ///
  /// - Parameter margins: how much further than the label map the body goes towards the feet
  ///   (`before`) and the head (`after`), mm; labels go on there as in a mirror.
  /// - Parameter contrast: whether the HU of contrast medium are wanted beside the others.
  /// - Returns: the body, with the draws of the body completion added.
  /// - Throws: `MaskCTError` where a clip of the draws is missing or unusable.
  public func paint(
    map: AnatomicalMap, targets: [String], draws: PaintDraws,
    margins: (before: Double, after: Double), contrast: Bool = false, workers: Workers
  ) throws(MaskCTError) -> PaintedBody {
    let core = Self.paintingGrid(for: map.labels.grid, settings: recipe.grid)
    let step = core.spacing.z
    var pad = Pad()
    pad.before.z = Int((max(0, margins.before) / step).rounded(.up))
    pad.after.z = Int((max(0, margins.after) / step).rounded(.up))

    var draws = draws
    var filler: AnatomicalMap?
    if let cylinder = draws.cylinder {
      pad.hold(cylinder, core)
    } else {
      let completion = try Surroundings.make(
        for: map, excluded: targets,
        margins: (Double(pad.before.z) * step, Double(pad.after.z) * step), seed: draws.bodySeed,
        workers: workers)
      pad.hold(completion.labels.grid, core)
      draws.surroundings = try maker(workers).surroundings(
        Set(completion.structures.values).sorted(), draws, body: core.extent)
      filler = completion
    }
    let clips = try load(draws, workers)
    let grid = core.padded(before: pad.before, after: pad.after)
    let slices = pad.before.z..<pad.before.z + core.shape.z
    try workers.reserve((contrast ? 8 : 4) * grid.count, for: "the painted body, \(grid),")

    var base = PaintBase.constant(-1000)
    if let cylinder = draws.cylinder {
      base = .cylinder(
        self.cylinder(cylinder, clips, core: core, pad: pad, grid: grid, workers), outside: -1000)
    }
    var layers: [PaintLayer] = []
    if let filler {
      layers.append(
        layer(filler, draws.surroundings, grid: grid, slices: slices, clips, workers))
    }
    layers.append(layer(map, draws.structures, grid: grid, slices: slices, clips, workers))
    // By the same edges, so that a voxel half filled with it has half of it.
    let medium =
      contrast
      ? Compositor.composite(
        grid: grid, base: .constant(0), layers: layers.map(\.contrastAlone), workers: workers) : nil
    return PaintedBody(
      hu: Compositor.composite(grid: grid, base: base, layers: layers, workers: workers),
      contrast: medium, draws: draws)
  }

  /// Voxels around the label map's own painting grid.
  private struct Pad {
    var before = SIMD3<Int>()
    var after = SIMD3<Int>()
    /// Beyond this half width (mm) no scanner's field of view reaches.
    private static let reach = 300.0

    /// Grows in the plane until it holds another grid with the same axes.
    mutating func hold(_ other: Grid, _ core: Grid) {
      let map = AxisMap.axes(from: other, to: core)
      let last = SIMD3<Double>(other.shape &- 1)
      for axis in 0..<2 {
        grow(axis, map[axis].offset, map[axis](Int(last[axis])), core)
      }
    }

    /// Grows in the plane until it holds a cylinder, with a little air around.
    mutating func hold(_ cylinder: CylinderDraw, _ core: Grid) {
      for (axis, offset, radius) in [
        (0, cylinder.offsetX, cylinder.radiusX), (1, cylinder.offsetY, cylinder.radiusY),
      ] {
        let step = core.spacing[axis]
        let middle = Double(core.shape[axis] - 1) / 2 + offset / step
        grow(axis, middle - radius / step - 2, middle + radius / step + 2, core)
      }
    }

    private mutating func grow(_ axis: Int, _ low: Double, _ high: Double, _ core: Grid) {
      let last = Double(core.shape[axis] - 1)
      let limit = max(0, Self.reach / core.spacing[axis] - last / 2)
      before[axis] = max(before[axis], Int(min(limit, -low).rounded(.up)))
      after[axis] = max(after[axis], Int(min(limit, high - last).rounded(.up)))
    }
  }

  /// The painting grid of a label grid, without margins: same axes and the same box, isotropic.
  static func paintingGrid(for labels: Grid, settings: GridSettings) -> Grid {
    let spacing = labels.spacing
    let step = min(settings.coarsest, max(settings.finest, min(spacing.x, spacing.y)))
    var grid = labels.resampled(spacing: [step, step, step])
    // A box that is no whole number of voxels is covered, not cut.
    for axis in 0..<3 {
      grid.shape[axis] = Int((labels.extent[axis] / step - 1e-6).rounded(.up))
    }
    return grid
  }

  // MARK: - What is painted

  private struct Structure {
    var name: String
    var ids: [UInt16]
    var box: LabelBoxes.Box
  }

  /// The structures of the map that the strategy paints, by name.
  private func paintedStructures(_ map: AnatomicalMap, _ targets: [String], _ boxes: LabelBoxes)
    throws(MaskCTError) -> [Structure]
  {
    var ids: [String: [UInt16]] = [:]
    for (id, name) in map.structures.sorted(by: { $0.key < $1.key })
    where boxes.boxes[id] != nil && id != 0 {
      ids[name, default: []].append(id)
    }
    let all = ids.sorted { $0.key < $1.key }.compactMap { name, ids in
      boxes.box(of: ids).map { Structure(name: name, ids: ids, box: $0) }
    }
    if all.isEmpty {
      throw MaskCTError(
        .input, path: map.name, "holds no labelled voxel", remedy: "leave this case out")
    }
    guard recipe.strategy == .cylinder else {
      return all.filter { !StructureCatalog.isEnvelope($0.name) }
    }
    let chosen = all.filter { targets.contains($0.name) }
    if chosen.isEmpty {
      throw MaskCTError(
        .input, path: map.name, "holds no \(targets.sorted().joined(separator: " or "))",
        remedy: "leave this case out, or choose another target")
    }
    return chosen
  }

  /// Loads every clip that the draws name, several at once.
  private func load(_ draws: PaintDraws, _ workers: Workers) throws(MaskCTError) -> [String: Clip] {
    var names = (draws.structures + draws.surroundings).compactMap { $0.texture?.clip }
    if let cylinder = draws.cylinder { names.append(cylinder.texture.clip) }
    let wanted = Set(names).sorted()
    let results = Mutex<[String: Result<Clip, MaskCTError>]>([:])
    workers.forEach(wanted.count) { index in
      let result = Result { () throws(MaskCTError) in try textures.clip(named: wanted[index]) }
      results.withLock { $0[wanted[index]] = result }
    }
    var clips: [String: Clip] = [:]
    let found = results.withLock { $0 }
    for name in wanted { clips[name] = try found[name]?.get() }
    return clips
  }

  // MARK: - Layers

  private func layer(
    _ map: AnatomicalMap, _ draws: [FillDraw], grid: Grid, slices: Range<Int>,
    _ clips: [String: Clip], _ workers: Workers
  ) -> PaintLayer {
    let labels = LabelLayer(
      labels: map.labels, painting: grid, edges: recipe.edges, workers: workers)
    var fills: [PaintLayer.Fill] = []
    for draw in draws {
      let ids = map.ids(of: draw.structure)
      guard let box = labels.boxes.box(of: ids) else { continue }
      var paint = Paint.constant(Float(draw.mean))
      if let texture = draw.texture, let clip = clips[texture.clip] {
        // The crop is centred on the structure; where margins begin does not matter.
        let center = labels.center(of: box)
        let field = TextureField(clip: clip, draw: texture, spacing: grid.spacing)
        let cortex = draw.cortex.map {
          Cortex(
            ids: ids, box: box, layer: labels, thickness: $0.thickness, share: $0.share,
            offset: draw.offset ?? 0, workers: workers)
        }
        let counted = TextureCensus.count(
          field, origin: center, ids: ids, box: box, layer: labels, z: slices, cortex: cortex,
          workers: workers)
        paint = .texture(
          field,
          HistogramMatch(
            from: counted,
            to: cortex == nil
              ? .gaussian(mean: draw.mean, deviation: draw.deviation)
              : Cortex.distribution(
                mean: draw.mean, deviation: draw.deviation, shell: counted.share(above: 127.5))),
          origin: center, cortex: cortex)
      }
      let weight = draw.offset.map {
        labels.rule.weight(offset: $0, labels: labels.labels.grid.spacing)
      }
      fills.append(
        PaintLayer.Fill(
          ids: ids, box: box, paint: paint, weight: weight ?? 1,
          contrast: Float(draw.contrast ?? 0)))
    }
    return PaintLayer(labels: labels, fills: fills)
  }

  private func cylinder(
    _ draw: CylinderDraw, _ clips: [String: Clip], core: Grid, pad: Pad, grid: Grid,
    _ workers: Workers
  ) -> PaintedCylinder {
    let spacing = core.spacing
    let middle = SIMD3<Double>(core.shape &- 1) * 0.5 + SIMD3<Double>(pad.before)
    var cylinder = PaintedCylinder(
      center: [middle.x + draw.offsetX / spacing.x, middle.y + draw.offsetY / spacing.y],
      radii: [draw.radiusX / spacing.x, draw.radiusY / spacing.y], exponent: draw.exponent,
      field: TextureField(clip: clips[draw.texture.clip]!, draw: draw.texture, spacing: spacing),
      match: HistogramMatch(from: LuminanceHistogram(), to: .gaussian(mean: 0, deviation: 0)),
      origin: [Int(middle.x), Int(middle.y), Int(middle.z)])
    let counted = TextureCensus.count(
      cylinder, grid: grid, z: pad.before.z..<pad.before.z + core.shape.z, workers: workers)
    cylinder.match = HistogramMatch(from: counted, to: .mixture(draw.distribution))
    return cylinder
  }
}
