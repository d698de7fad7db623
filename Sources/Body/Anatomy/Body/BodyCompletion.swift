public import Support
import Volumes

/// Fills in what labels leave open: the body around and between them, and the table below it.
///
/// The result, the *filler map*, is a map of its own on an isotropic working grid. Where a label map
/// has a structure, the label counts; where it has none (or only `body`), the filler does.
///
/// How it is made: a frame of reference is fitted to the labelled organs (`BodyFrameFit`); skin, fat,
/// muscle wall and cavity are laid around them (`BodyEnvelope`), or taken from the map where it shows
/// the body; a whole torso is drawn into that frame (spine, ribs, lungs above the diaphragm, organs,
/// bowel), of which only those parts are kept that the map does not have itself. On slices on which nothing was
/// labelled (`AnatomicalMap.labelledSlices`) all parts are kept but those that are excluded.
public struct BodyCompletion: Sendable {
  /// What is filled in.
  public struct Options: Sendable, Codable, Equatable {
    /// Voxel size of the working grid, mm.
    public var spacing = 2.0
    /// Structures that are never drawn, and groups of them: the targets. A body without a labelled
    /// gallbladder must not show one where gallbladders are to be learned.
    public var excluded: Set<String> = []
    /// Whether organs that the map does not have are drawn.
    public var drawsOrgans = true
    /// Whether filler bones get a cortex around their marrow.
    public var drawsCortex = true
    /// How often there is a table, from 0 to 1.
    public var tableProbability = 0.92
    /// Whether the arms lie beside a trunk; above the head, and not to be seen, where they do not. Not drawn around a
    /// map that shows the body.
    public var armsDown = false

    /// The default options.
    public init() {}
  }

  /// What is filled in.
  public var options: Options

  /// Creates a completion.
  public init(options: Options = Options()) {
    self.options = options
  }

  /// The filler map of a label map.
  ///
  /// - Parameters:
  ///   - marginBefore: how far the filler reaches below the first slice, mm.
  ///   - marginAfter: how far it reaches above the last slice, mm.
  /// - Returns: a map whose grid has the label map's axes, a spacing of `options.spacing`, and covers
  ///   the label map's grid, the margins, the body and the table. 0 is air; `structures` names the
  ///   rest. The same arguments give the same map, whatever the number of threads.
  /// - Throws: `MaskCTError` where the label map has no label.
  public func complete(
    _ map: AnatomicalMap, marginBefore: Double, marginAfter: Double, stream: RandomStream,
    workers: Workers
  ) throws(MaskCTError) -> AnatomicalMap {
    guard !map.structures.isEmpty else {
      throw MaskCTError(
        .input, "case '\(map.name)' has no labels to build a body around",
        remedy: "leave this case out")
    }
    if HeadNeck.isShown(by: map.structures.values) {
      return completeHead(
        map, marginBefore: marginBefore, marginAfter: marginAfter, stream: stream,
        workers: workers)
    }
    let coarse = CoarseLabels(map, spacing: options.spacing, workers: workers)
    let extents = BodyFrameFit.extents(of: map, workers: workers)
    let outline = coarse.outline
    let labelled = map.labelledHeights
    var frame = BodyFrameFit.fit(
      extents, field: map.labels.grid.extent,
      middle: (labelled.lowerBound + labelled.upperBound) / 2, outline: outline,
      stream: stream.split("frame"))
    frame.course = SpineCourse(map, frame: frame)

    // Slices of the canvas continue those of the coarse labels.
    let step = Float(options.spacing)
    let before = Int((marginBefore / options.spacing).rounded(.up))
    let after = Int((marginAfter / options.spacing).rounded(.up))
    let depth = coarse.shape.z + before + after
    let bottom = coarse.origin.z - Float(before) * step
    let slices = (0..<depth).map { bottom + step * Float($0) }
    let axis = frame.axis
    let open = UnlabelledSlices(of: map, slices: slices)
    let need = coarse.need(axis: axis, before: before, depth: depth)
    let build = BodyEnvelope.Build(stream: stream.split("build"))
    let field = SIMD2<Float>(
      Float(map.labels.grid.extent.x), Float(map.labels.grid.extent.y))
    let envelope = BodyEnvelope(
      frame: frame, build: build, need: need, slices: slices, spacing: step, unlabelled: open,
      limit: { Self.distance(from: axis, at: $0, toEdgeOf: field) - 4 })

    // The canvas holds the field of view, the body and the table, in step with the coarse labels.
    var low = SIMD2<Float>(coarse.origin.x, coarse.origin.y)
    var high =
      low + step * SIMD2<Float>(Float(coarse.shape.x - 1), Float(coarse.shape.y - 1))
    var back = Float.infinity
    var backs: [Float] = []
    for z in 0..<depth {
      back = .infinity
      for i in 0..<PolarSurface.angles {
        let angle = PolarSurface.angle(i)
        let r = envelope.skin.values[i * depth + z]
        let p = axis + r * SIMD2(Float(cosine(angle)), Float(sine(angle)))
        low = pointwiseMin(low, p - 8)
        high = pointwiseMax(high, p + 8)
        back = min(back, p.y)
      }
      backs.append(back)
    }
    backs.sort()
    back = backs[depth / 20]
    let couch = Couch(
      middle: need.skin == nil ? frame.middle : Double(axis.x),
      back: back + (need.skin == nil ? 4 : -1),
      stream: stream.split("couch"))
    var chance = Variation(stream.split("table"))
    let hasTable = chance.chance(options.tableProbability)
    if hasTable { low.y = min(low.y, couch.top - couch.thickness - 4) }
    let known = KnownStructures(map, excluded: options.excluded)
    let arms =
      options.armsDown && need.skin == nil
      ? Arms(
        frame: frame, envelope: envelope, back: back, slices: slices, known: known,
        stream: stream.split("arms")) : nil
    if let reach = arms?.reach {
      low.x = min(low.x, reach.lowerBound - 8)
      high.x = max(high.x, reach.upperBound + 8)
    }
    let first = SIMD2<Float>(
      ((coarse.origin.x - low.x) / step).rounded(.up),
      ((coarse.origin.y - low.y) / step).rounded(.up))
    let origin = SIMD3(coarse.origin.x - first.x * step, coarse.origin.y - first.y * step, bottom)
    let shape = SIMD3(
      Int(((high.x - origin.x) / step).rounded(.up)) + 1,
      Int(((high.y - origin.y) / step).rounded(.up)) + 1, depth)
    let canvas = Canvas(
      shape: shape, spacing: [step, step, step], origin: origin, workers: workers)
    var painter = TorsoPainter(canvas: canvas, frame: frame, envelope: envelope)
    painter.layers()
    let offset = SIMD3(Int(first.x), Int(first.y), before)
    if need.skin != nil { coarse.trim(&painter.canvas, offset: offset, slices: open.labelled) }
    let diaphragm = diaphragm(
      painter, known: known, coarse: coarse, extents: extents, offset: offset, stream: stream)
    // Where nothing was labelled, the map's structures go on as those of the reference torso.
    var beyond = painter
    fill(&painter, known: known, diaphragm: diaphragm, stream: stream)
    if !open.isEmpty {
      fill(
        &beyond, known: KnownStructures(excluded: options.excluded.union(map.continuedStructures)),
        diaphragm: diaphragm,
        stream: stream)
      painter.canvas.take(beyond.canvas, slices: open.ranges)
    }
    coarse.fillBones(&painter.canvas, offset: offset, middle: frame.middle)
    arms?.paint(into: &painter.canvas)
    if options.drawsCortex { Self.cortex(&painter.canvas) }
    if hasTable {
      couch.paint(
        into: &painter.canvas,
        pressesBack: need.skin == nil ? [0..<depth] : open.ranges)
    }
    return Self.map(painter.canvas, like: map)
  }

  /// The dome between chest and belly.
  private func diaphragm(
    _ painter: TorsoPainter, known: KnownStructures, coarse: CoarseLabels,
    extents: [String: BodyFrameFit.Extent], offset: SIMD3<Int>, stream: RandomStream
  ) -> Diaphragm {
    let (z0, dz) = (painter.canvas.origin.z, painter.canvas.spacing.z)
    return Diaphragm(
      frame: painter.frame, envelope: painter.envelope, canvas: painter.canvas,
      slice: { ($0 - z0) / dz },
      organs: coarse.topsBelowDiaphragm(shape: painter.canvas.shape, offset: offset),
      lungs: known.has("lungs") ? coarse.bottoms(shape: painter.canvas.shape, offset: offset) : nil,
      isLiverComplete: extents["liver"].map { !$0.isCutAbove } ?? false,
      stream: stream.split("diaphragm"))
  }

  /// Draws the parts of a torso that are not known.
  private func fill(
    _ painter: inout TorsoPainter, known: KnownStructures, diaphragm: Diaphragm,
    stream: RandomStream
  ) {
    let frame = painter.frame
    let envelope = painter.envelope
    let (z0, dz) = (painter.canvas.origin.z, painter.canvas.spacing.z)
    let slice = { (z: Float) in (z - z0) / dz }
    painter.lungs(
      diaphragm, hasLungs: !known.has("lungs"), stream: stream.split("mediastinum"))
    let inside = painter
    var pieces = Skeleton.pieces(
      .all, frame: frame, envelope: envelope, stream: stream.split("skeleton"), slice: slice)
    let muscles = pieces.filter { $0.layer == .muscle }
    let bones = pieces.filter { $0.layer == .bone }
    pieces = muscles
    if options.drawsOrgans {
      pieces += Bowel.pieces(
        frame: frame, stream: stream.split("bowel"), showsGas: true,
        inside: { inside.isInside($0, $1) })
      pieces += TorsoOrgans.pieces(frame: frame, stream: stream.split("organs"))
      if !known.has("lungs") {
        pieces += LungVessels.pieces(frame: frame, stream: stream.split("lung vessels"))
      }
    }
    pieces += bones
    pieces.removeAll { known.has($0.structure) }
    painter.paint(pieces, ceiling: diaphragm.heights.map { $0 - 2 })
  }

  /// Distance from a place to the edge of the rectangle `0...field` in a direction, mm.
  private static func distance(
    from p: SIMD2<Float>, at angle: Double, toEdgeOf field: SIMD2<Float>
  ) -> Float {
    let d = SIMD2(Float(cosine(angle)), Float(sine(angle)))
    var distance = Float.infinity
    for axis in 0..<2 where abs(d[axis]) > 1e-6 {
      distance = min(distance, ((d[axis] > 0 ? field[axis] : 0) - p[axis]) / d[axis])
    }
    return max(distance, 0)
  }

  /// The canvas as a map on a grid with the axes of another map's.
  static func map(_ canvas: Canvas, like map: AnatomicalMap) -> AnatomicalMap {
    let grid = map.labels.grid
    let ratio = SIMD3<Double>(canvas.spacing) / grid.spacing
    let first = SIMD3<Double>(canvas.origin) / grid.spacing
    let affine = grid.affine.scaled(by: ratio).translated(to: grid.affine.apply(first))
    // One id for all values of one structure.
    var table = [UInt16](repeating: 0, count: 256)
    var structures: [UInt16: String] = [:]
    var present = [Bool](repeating: false, count: 256)
    canvas.values.withUnsafeBufferPointer { values in
      present.withUnsafeMutableBufferPointer { present in
        for value in values { present[Int(value)] = true }
      }
    }
    for (value, name) in canvas.names.enumerated() where value > 0 && present[value] {
      let structure = name == TorsoPainter.mediastinum ? "visceral_fat" : name
      let id = structures.first { $0.value == structure }?.key ?? UInt16(value)
      table[value] = id
      structures[id] = structure
    }
    let values = canvas.values.withUnsafeBufferPointer { source in
      table.withUnsafeBufferPointer { table in source.map { table[Int($0)] } }
    }
    return AnatomicalMap(
      name: map.name,
      labels: LabelMap(grid: Grid(shape: canvas.shape, affine: affine), values: values),
      structures: structures)
  }
}
