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
  let recipe: Recipe
  let tissues: TissueTable
  let textures: any TextureProvider
  let workers: Workers

  /// Draws for the labelled structures given (name and extent in mm).
  ///
  /// - Parameter target: outline of the target's shadow along z, mm from the centre of the map.
  func draws(
    structures: [(name: String, extent: SIMD3<Double>)], body: SIMD3<Double>,
    target: [SIMD2<Double>], stream: RandomStream
  ) throws(MaskCTError) -> PaintDraws {
    var phaseStream = stream.split("phase")
    let phase = ContrastPhase.random(recipe.phases.weights, using: &phaseStream)
    var clips: [String] = []
    if recipe.needsTexture {
      clips = try textures.drawClips(
        recipe.texture.clips, stream: stream.split("clips"), workers: workers)
    }
    // 53 bits: every JSON reader keeps them.
    var seed = stream.split("body")
    var draws = PaintDraws(
      phase: phase, clips: clips, bodySeed: seed.next() >> 11, structures: [], surroundings: [])
    for (index, structure) in structures.enumerated() {
      draws.structures.append(
        try fill(
          structure.name, draws, recipe.priors, clip: index < clips.count ? index : nil,
          structure.extent, stream.split("structure").split(structure.name), isLabelled: true))
    }
    if recipe.strategy == .cylinder {
      draws.cylinder = try cylinder(
        clips[0], body: body, target: target, stream: stream.split("cylinder"))
    }
    return draws
  }

  /// Draws for the structures of a body completion that have none yet.
  func surroundings(_ names: [String], _ draws: PaintDraws, body: SIMD3<Double>)
    throws(MaskCTError) -> [FillDraw]
  {
    let stream = RandomStream(seed: draws.bodySeed).split("surroundings")
    var fills = draws.surroundings.filter { names.contains($0.structure) }
    let present = Set(fills.map(\.structure))
    for name in names where !present.contains(name) {
      fills.append(
        try fill(
          name, draws, recipe.surroundings, clip: nil, body, stream.split(name), isLabelled: false))
    }
    return fills.sorted { $0.structure < $1.structure }
  }

  /// - Parameter clip: which of the case's clips, or `nil` to draw one: as long as there are clips
  ///   enough, every structure has one of its own.
  private func fill(
    _ structure: String, _ draws: PaintDraws, _ settings: PriorSettings, clip: Int?,
    _ extent: SIMD3<Double>, _ own: RandomStream, isLabelled: Bool
  ) throws(MaskCTError) -> FillDraw {
    let prior = try tissues.prior(for: structure, phase: draws.phase)
    // Two parts whose squares add up to 1: what the tissue has in this patient, and the structure.
    var common = RandomStream(seed: draws.bodySeed).split("tissue").split(prior.tissue)
    var single = own.split("mean")
    let u =
      settings.sharing * common.gaussian(mean: 0, deviation: 1, cut: 2.5)
      + (1 - settings.sharing * settings.sharing).squareRoot()
      * single.gaussian(mean: 0, deviation: 1, cut: 2.5)
    let mean = max(-1000, prior.mean + settings.spread * prior.spread * u)
    let contrast = try contrast(of: structure, mean: mean, deviation: settings.spread * u, draws)
    let hasTexture = recipe.strategy == .video && !isConstant(draws, own)
    let deviation = hasTexture ? settings.texture * prior.texture : 0
    var texture: TextureDraw?
    if deviation > 0 {
      var choice = own.split("clip")
      let drawn = min(draws.clips.count - 1, Int(choice.uniform() * Double(draws.clips.count)))
      texture = TextureDraw(
        clip: try textures.clip(named: draws.clips[clip ?? drawn]), ranges: recipe.texture.ranges,
        extent: extent, stream: own.split("texture"))
    }
    let isBone = tissues.isBone(prior.tissue)
    var cortex: CortexDraw?
    if texture != nil, let settings = recipe.cortex, isBone {
      var chance = own.split("cortex")
      if chance.uniform() < settings.probability {
        cortex = CortexDraw(
          thickness: chance.logUniform(settings.thickness), share: chance.uniform(settings.share))
      }
    }
    var fill = FillDraw(
      structure: structure, mean: mean, deviation: deviation, texture: texture, cortex: cortex,
      contrast: contrast)
    if let contours = recipe.contours, isLabelled {
      var chance = own.split("contours")
      fill.offset = chance.gaussian(
        mean: isBone ? -contours.bones : 0, deviation: contours.deviation, cut: 2)
    }
    return fill
  }

  /// What contrast medium makes of a mean: all that the same patient has not in the native phase.
  ///
  /// - Parameter deviation: of the mean from its prior, in standard deviations.
  private func contrast(
    of structure: String, mean: Double, deviation: Double, _ draws: PaintDraws
  ) throws(MaskCTError) -> Double? {
    if draws.phase == .native { return nil }
    let native = try tissues.prior(for: structure, phase: .native)
    let enhancement = mean - (native.mean + native.spread * deviation)
    return enhancement > 0 ? enhancement : nil
  }

  /// Whether a structure gets one value although the strategy gives it texture.
  private func isConstant(_ draws: PaintDraws, _ own: RandomStream) -> Bool {
    guard let mixing = recipe.mixing else { return false }
    // The whole case first: labels and completion alike, so from the seed that they share.
    var whole = RandomStream(seed: draws.bodySeed).split("mixing")
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
    guard let settings = recipe.cylinder else {
      throw MaskCTError(
        .input, "the recipe has no 'cylinder'",
        remedy: "copy it from the built-in recipe 'cylinder'")
    }
    var stream = stream
    let half = min(body.x, body.y) / 2
    // Wider than deep, as people are.
    var rx = half * stream.uniform(settings.radius)
    var ry = rx * stream.uniform(settings.ratio)
    let exponent = stream.uniform(settings.exponent)
    let offsetX = stream.uniform(-1...1) * max(0, half - rx)
    let offsetY = stream.uniform(-1...1) * max(0, half - ry) / 2
    // Made deeper, then larger, until it holds the target.
    func holdsTarget() -> Bool {
      target.allSatisfy { point in
        let u = (abs(point.x - offsetX) + settings.clearance) / rx
        let v = (abs(point.y - offsetY) + settings.clearance) / ry
        return pow(u, exponent) + pow(v, exponent) <= 1
      }
    }
    while !holdsTarget() {
      if ry < rx { ry = min(rx, 1.02 * ry) } else { (rx, ry) = (1.02 * rx, 1.02 * ry) }
    }
    let parts = settings.distribution.map { part in
      TargetDistribution.Component(
        weight: part.weight * stream.uniform(0.5...1.5),
        mean: max(-1000, stream.gaussian(mean: part.mean, deviation: part.spread, cut: 2.5)),
        deviation: part.deviation)
    }
    var ranges = recipe.texture.ranges
    ranges.millimetresPerPixel = settings.millimetresPerPixel
    return CylinderDraw(
      radiusX: rx, radiusY: ry, exponent: exponent, offsetX: offsetX, offsetY: offsetY,
      distribution: parts,
      texture: TextureDraw(
        clip: try textures.clip(named: clip), ranges: ranges, extent: [2 * rx, 2 * ry, body.z],
        stream: stream.split("texture")))
  }
}
