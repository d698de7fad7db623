#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Support
import Textures
import Tissues

/// Draws everything random of a painted body: the only place in this module that asks a stream.
///
/// Every structure has a stream of its own name, so that one more label changes no other draw.
struct DrawMaker {
  let settings: PaintSettings
  let tissues: TissueTable
  /// What tissues are in MR; `nil` draws nothing about it.
  let magnetic: MagneticPriors?
  let textures: any TextureProvider
  let workers: Workers

  /// Draws for the labelled structures given (name and extent in mm) and for those of the completed body.
  ///
  /// - Parameters:
  ///   - completion: names of what the completed body may hold.
  ///   - field: extent of the label map, mm.
  ///   - body: extent of the painting grid, mm.
  ///   - target: outline of the target's shadow along z, mm from the centre of the map.
  func draw(
    structures: [(name: String, extent: SIMD3<Double>)], completion: [String],
    field: SIMD3<Double>, body: SIMD3<Double>, target: [SIMD2<Double>], stream: RandomStream
  ) throws(MaskCTError) -> PaintDraw {
    var phaseStream = stream.split("phase")
    let phase = ContrastPhase.random(settings.phases.weights, using: &phaseStream)
    var clips: [String] = []
    if settings.needsTexture {
      clips = try textures.drawClips(
        settings.texture.clips, stream: stream.split("clips"), workers: workers)
    }
    // 53 bits: every JSON reader keeps them.
    var seed = stream.split("body")
    var draw = PaintDraw(
      phase: phase, clips: clips, bodySeed: seed.next() >> 11, structures: [], surroundings: [])
    draw.up = up(draw)
    for (index, structure) in structures.enumerated() {
      draw.structures.append(
        try fill(
          structure.name, draw, settings.priors, clip: index < clips.count ? index : nil,
          structure.extent, stream.split("structure").split(structure.name), isLabelled: true))
    }
    guard settings.strategy != .cylinder else {
      draw.cylinder = try cylinder(
        clips[0], body: field, target: target, stream: stream.split("cylinder"))
      return draw
    }
    let surroundings = RandomStream(seed: draw.bodySeed).split("surroundings")
    for name in completion.sorted() {
      draw.surroundings.append(
        try fill(
          name, draw, settings.surroundings, clip: nil, body, surroundings.split(name),
          isLabelled: false))
    }
    return draw
  }

  /// - Parameter clip: which of the case's clips, or `nil` to draw one: as long as there are clips
  ///   enough, every structure has one of its own.
  private func fill(
    _ structure: String, _ draw: PaintDraw, _ priors: PriorSettings, clip: Int?,
    _ extent: SIMD3<Double>, _ own: RandomStream, isLabelled: Bool
  ) throws(MaskCTError) -> FillDraw {
    let prior = try tissues.prior(for: structure, phase: draw.phase)
    let values = value(of: prior.tissue, draw, priors, own.split("mean"))
    let hasTexture = settings.strategy == .video && !isConstant(draw, own)
    let deviation = hasTexture ? values.deviation : 0
    var texture: TextureDraw?
    if deviation > 0 {
      var choice = own.split("clip")
      let drawn = min(draw.clips.count - 1, Int(choice.uniform() * Double(draw.clips.count)))
      texture = TextureDraw(
        clip: try textures.clip(named: draw.clips[clip ?? drawn]),
        ranges: settings.texture.ranges, extent: extent, stream: own.split("texture"))
    }
    let isBone = tissues.isBone(prior.tissue)
    var fill = FillDraw(
      structure: structure, mean: values.mean, deviation: deviation, texture: texture,
      parts: try parts(of: prior.tissue, draw, priors, hasTexture: hasTexture, own),
      contents: try contents(of: prior.tissue, draw, priors, hasTexture: hasTexture, own),
      contrast: values.contrast)
    if let contours = settings.contours, isLabelled {
      var chance = own.split("contours")
      fill.offset = chance.gaussian(
        mean: isBone ? -contours.bones : 0, deviation: contours.deviation, cut: 2)
    }
    fill.magnetic = try magnetic?.draw(
      tissue: prior.tissue, enhancement: values.contrast ?? 0, priors,
      common: magneticStream(of: prior.tissue, draw), own: own.split("magnetic"))
    return fill
  }

  /// What tissues of a patient share in MR: those that vary with one in CT do in MR.
  func magneticStream(of tissue: String, _ draw: PaintDraw) -> RandomStream {
    RandomStream(seed: draw.bodySeed).split("magnetic").split(tissues.variation(of: tissue))
  }

  /// Whether a structure gets one value although the strategy gives it texture.
  private func isConstant(_ draw: PaintDraw, _ own: RandomStream) -> Bool {
    guard let mixing = settings.mixing else { return false }
    // The whole case first: labels and completion alike, so from the seed that they share.
    var whole = RandomStream(seed: draw.bodySeed).split("mixing")
    let kind = whole.uniform()
    if kind < mixing.allConstant { return true }
    if kind < mixing.allConstant + mixing.allTexture { return false }
    var single = own.split("mixing")
    return single.uniform() < mixing.constant
  }

  /// - Parameters:
  ///   - body: extent of the label map, mm.
  ///   - target: outline of the target's shadow along z, mm from the centre of the label map.
  private func cylinder(
    _ clip: String, body: SIMD3<Double>, target: [SIMD2<Double>], stream: RandomStream
  ) throws(MaskCTError) -> CylinderDraw {
    guard let shape = settings.cylinder else {
      throw MaskCTError(
        .input, "the recipe has no 'cylinder'",
        remedy: "copy it from the built-in recipe 'cylinder'")
    }
    var stream = stream
    let half = min(body.x, body.y) / 2
    // Wider than deep, as people are.
    var rx = half * stream.uniform(shape.radius)
    var ry = rx * stream.uniform(shape.ratio)
    let exponent = stream.uniform(shape.exponent)
    let offsetX = stream.uniform(-1...1) * max(0, half - rx)
    let offsetY = stream.uniform(-1...1) * max(0, half - ry) / 2
    // Made deeper, then larger, until it holds the target.
    func holdsTarget() -> Bool {
      target.allSatisfy { point in
        let u = (abs(point.x - offsetX) + shape.clearance) / rx
        let v = (abs(point.y - offsetY) + shape.clearance) / ry
        return pow(u, exponent) + pow(v, exponent) <= 1
      }
    }
    while !holdsTarget() {
      if ry < rx { ry = min(rx, 1.02 * ry) } else { (rx, ry) = (1.02 * rx, 1.02 * ry) }
    }
    let parts = shape.distribution.map { part in
      TargetDistribution.Component(
        weight: part.weight * stream.uniform(0.5...1.5),
        mean: max(-1000, stream.gaussian(mean: part.mean, deviation: part.spread, cut: 2.5)),
        deviation: part.deviation)
    }
    var ranges = settings.texture.ranges
    ranges.millimetresPerPixel = shape.millimetresPerPixel
    return CylinderDraw(
      radiusX: rx, radiusY: ry, exponent: exponent, offsetX: offsetX, offsetY: offsetY,
      distribution: parts,
      texture: TextureDraw(
        clip: try textures.clip(named: clip), ranges: ranges, extent: [2 * rx, 2 * ry, body.z],
        stream: stream.split("texture")))
  }
}
