public import Anatomy
public import Support
import Synchronization
public import Textures
public import Tissues
import Volumes

/// Paints label maps as the paint section of a recipe says.
///
/// Two steps: `draw` makes every random choice, `paint` is a pure function of what was drawn. The same draw
/// gives the same body, for any number of threads.
public struct Painter: Sendable {
  private let settings: PaintSettings
  private let tissues: TissueTable
  private let textures: any TextureProvider
  private let magnetic: MagneticPriors?

  /// Creates a painter.
  ///
  /// - Parameter magnetic: what tissues are in MR; `nil` where only CT is made.
  public init(
    settings: PaintSettings, tissues: TissueTable, textures: any TextureProvider,
    magnetic: MagneticPriors? = nil
  ) {
    self.settings = settings
    self.tissues = tissues
    self.textures = textures
    self.magnetic = magnetic
  }

  /// Draws everything random for a case.
  ///
  /// - Parameter targets: the structures that a network is to learn; the `cylinder` strategy paints
  ///   only these.
  /// - Throws: `MaskCTError` where the map holds no structure to paint, no clip is usable, or a
  ///   structure has no tissue prior.
  public func draw(
    map: AnatomicalMap, targets: [String], stream: RandomStream, workers: Workers = Workers()
  ) throws(MaskCTError) -> PaintDraw {
    let census = map.census(workers: workers)
    let spacing = map.labels.grid.spacing
    let painted = try paintedStructures(map, targets, census)
    let structures = painted.map { structure in
      let size = SIMD3<Double>(structure.box.shape) * spacing
      return (name: structure.name, extent: size)
    }
    let maker = DrawMaker(
      settings: settings, tissues: tissues, magnetic: magnetic, textures: textures,
      workers: workers)
    return try maker.draw(
      structures: structures, completion: BodyCompletion.repertoire(for: map),
      field: map.labels.grid.extent,
      body: Self.paintingGrid(for: map.labels.grid, settings: settings.grid).extent,
      target: settings.strategy == .cylinder ? outline(map.labels, painted) : [], stream: stream)
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
  /// - Parameters:
  ///   - margins: how much further than the label map the body goes towards the feet (`before`) and the head
  ///     (`after`), mm; labels go on there as in a mirror. Negative where the body is wanted for less.
  ///   - completion: what is asked of the body completion; the targets are excluded in any case.
  ///   - channels: the properties to paint.
  /// - Throws: `MaskCTError` where a clip of the draw is missing or unusable, or the draw is of another map.
  public func paint(
    map: AnatomicalMap, targets: [String], draw: PaintDraw,
    margins: (before: Double, after: Double), completion options: BodyCompletion.Options = .init(),
    channels: Set<BodyChannel> = [.attenuation], workers: Workers
  ) throws(MaskCTError) -> Body {
    let core = Self.paintingGrid(for: map.labels.grid, settings: settings.grid)
    let step = core.spacing.z
    var pad = Pad()
    pad.before.z = Int((margins.before / step).rounded(.up))
    pad.after.z = Int((margins.after / step).rounded(.up))

    var filler: AnatomicalMap?
    var fills = draw.structures
    var around: [FillDraw] = []
    if let cylinder = draw.cylinder {
      pad.hold(cylinder, core)
    } else {
      let completion = try Surroundings.make(
        for: map, excluded: targets,
        margins: (Double(max(0, pad.before.z)) * step, Double(max(0, pad.after.z)) * step),
        options: options, seed: draw.bodySeed, workers: workers)
      pad.hold(completion.labels.grid, core)
      around = try drawn(draw.surroundings, for: completion, around: map, draw.structures)
      fills += around
      filler = completion
    }
    let clips = try load(fills, draw.cylinder, workers)
    let grid = core.padded(before: pad.before, after: pad.after)
    let slices = max(0, pad.before.z)..<grid.shape.z - max(0, pad.after.z)
    let order = channels.sorted { $0.name < $1.name }
    try check(draw, paints: order, map)
    try workers.reserve(4 * order.count * grid.count, for: "the painted body, \(grid),")

    let bases = order.map { channel in
      if channel == .attenuation, let cylinder = draw.cylinder {
        return PaintBase.cylinder(
          self.cylinder(cylinder, clips, core: core, pad: pad, grid: grid, workers),
          outside: channel.background)
      }
      return .constant(channel.background)
    }
    let up = draw.up.map { SIMD3($0[0], $0[1], $0[2]) } ?? [0, 1, 0]
    var layers: [PaintLayer] = []
    if let filler {
      layers.append(
        layer(
          filler, around, order, up: up, grid: grid, slices: slices, clips, workers))
    }
    layers.append(
      layer(map, draw.structures, order, up: up, grid: grid, slices: slices, clips, workers))
    let volumes = Compositor.composite(grid: grid, bases: bases, layers: layers, workers: workers)
    return Body(
      grid: grid, channels: Dictionary(uniqueKeysWithValues: zip(order, volumes)))
  }

  /// Refuses channels that a draw says nothing about.
  private func check(
    _ draw: PaintDraw, paints channels: [BodyChannel], _ map: AnatomicalMap
  ) throws(MaskCTError) {
    guard channels.contains(where: \.isMagnetic) else { return }
    if draw.cylinder != nil {
      throw MaskCTError(
        .usage, "strategy 'cylinder' paints HU alone, which MR does not see",
        remedy: "choose another recipe for MR")
    }
    if (draw.structures + draw.surroundings).contains(where: { !$0.isMagnetic }) {
      throw MaskCTError(
        .input, path: map.name, "the draw does not say what tissues are in MR",
        remedy: "draw the case for MR")
    }
  }

  /// The draws of the structures that a completed body holds.
  ///
  /// Where the map goes on unlabelled, the structures that it shows are filled there as they are in it.
  ///
  /// - Throws: `MaskCTError` where one is missing: the draw was made for another kind of map.
  private func drawn(
    _ draws: [FillDraw], for completion: AnatomicalMap, around map: AnatomicalMap,
    _ labelled: [FillDraw]
  ) throws(MaskCTError) -> [FillDraw] {
    let present = Set(completion.structures.values)
    if let missing = present.subtracting(draws.map(\.structure)).min() {
      throw MaskCTError(
        .input, path: completion.name, "the draw does not say what '\(missing)' is filled with",
        remedy: "replay it with the label map that it was made for")
    }
    let found = draws.filter { present.contains($0.structure) }
    guard map.labelledSlices != nil else { return found }
    return found.map { own in
      var shown = labelled.first { $0.structure == own.structure } ?? own
      shown.offset = nil
      return shown
    }
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
    // A box that is not a whole number of voxels is covered, not cut.
    for axis in 0..<3 {
      grid.shape[axis] = Int((labels.extent[axis] / step - 1e-6).rounded(.up))
    }
    return grid
  }

  // MARK: - What is painted

  private struct Structure {
    var name: String
    var ids: [UInt16]
    var box: BoundingBox
  }

  /// The structures of the map that the strategy paints, by name.
  private func paintedStructures(_ map: AnatomicalMap, _ targets: [String], _ census: LabelCensus)
    throws(MaskCTError) -> [Structure]
  {
    var ids: [String: [UInt16]] = [:]
    for (id, name) in map.structures.sorted(by: { $0.key < $1.key })
    where census.entries[id] != nil {
      ids[name, default: []].append(id)
    }
    let all = ids.sorted { $0.key < $1.key }.compactMap { name, ids in
      census.box(of: ids).map { Structure(name: name, ids: ids, box: $0) }
    }
    if all.isEmpty {
      throw MaskCTError(
        .input, path: map.name, "holds no labelled voxel", remedy: "leave this case out")
    }
    guard settings.strategy == .cylinder else {
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

  /// Loads every clip that is painted with, several at once.
  private func load(_ fills: [FillDraw], _ cylinder: CylinderDraw?, _ workers: Workers)
    throws(MaskCTError) -> [String: Clip]
  {
    var names = fills.compactMap { $0.texture?.clip }
    if let cylinder { names.append(cylinder.texture.clip) }
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
    _ map: AnatomicalMap, _ draws: [FillDraw], _ channels: [BodyChannel], up: SIMD3<Double>,
    grid: Grid,
    slices: Range<Int>, _ clips: [String: Clip], _ workers: Workers
  ) -> PaintLayer {
    let labels = LabelLayer(
      labels: map.labels, painting: grid, edges: settings.edges, workers: workers)
    var fills: [PaintLayer.Fill] = []
    for draw in draws {
      let ids = map.ids(of: draw.structure)
      guard let box = labels.census.box(of: ids) else { continue }
      // The crop and the fields are centred on the structure; where margins begin does not matter.
      let origin = labels.center(of: box)
      let isComposed = draw.parts != nil || draw.contents != nil
      var texture: FillTexture?
      var match: HistogramMatch?
      var counts: LuminanceHistogram?
      if let drawn = draw.texture, let clip = clips[drawn.clip] {
        let laid = FillTexture(
          field: TextureField(clip: clip, draw: drawn, spacing: grid.spacing), origin: origin)
        let counted = TextureCensus.count(
          laid.field, origin: laid.origin, ids: ids, box: box, layer: labels, z: slices,
          workers: workers)
        match = HistogramMatch(
          from: counted,
          to: isComposed
            ? .gaussian(mean: 0, deviation: 1)
            : .gaussian(mean: draw.mean, deviation: draw.deviation))
        texture = laid
        counts = counted
      }
      let layout =
        isComposed
        ? FillLayout(
          layout: TissueLayout(
            draw, up: up, ids: ids, box: box, layer: labels, origin: origin, workers: workers),
          texture: texture.flatMap { texture in match.map { (texture, $0) } })
        : nil
      let weight = draw.offset.map {
        labels.rule.weight(offset: $0, labels: labels.labels.grid.spacing)
      }
      fills.append(
        PaintLayer.Fill(
          ids: ids, box: box, texture: isComposed ? nil : texture, layout: layout,
          paints: channels.map { channel in
            if let layout { return .composed(layout.layout.parts.map { $0.value(of: channel) }) }
            switch channel.quantity {
            case .attenuation: return match.map { .ranked($0) } ?? .constant(Float(draw.mean))
            case .enhancement: return .constant(Float(draw.contrast ?? 0))
            case .magnetic(let value): return draw.magnetic!.paint(value, counts)
            }
          }, weight: weight ?? 1))
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

extension PartDraw {
  /// What the part is in a channel: the one place where a tissue's part becomes a channel's value.
  func value(of channel: BodyChannel) -> ChannelPaint.PartValue {
    switch channel.quantity {
    case .attenuation: .init(mean: Float(mean), deviation: Float(deviation))
    case .enhancement: .init(mean: Float(contrast ?? 0), deviation: 0)
    // Drawn wherever a case is drawn for MR, and checked before anything is painted.
    case .magnetic(let value): magnetic!.part(value, hasTexture: deviation > 0)
    }
  }
}
