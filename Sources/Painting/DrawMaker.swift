#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Anatomy
import Textures
import Volumes

/// Draws everything random of a painted body: the only place in this module that asks a stream.
///
/// Every structure has a stream of its own name, so that one more label changes no other draw.
struct DrawMaker {
  let recipe: Recipe
  let tissues: TissueTable
  let textures: any TextureProvider
  let stream: RandomStream
  let workers: Workers

  /// Draws for the labelled structures given (name and extent in mm) and those of the completion.
  func draws(
    structures: [(name: String, extent: SIMD3<Double>)], surroundings: [String],
    body: SIMD3<Double>, target: [SIMD2<Double>]
  ) throws(MaskCTError) -> PaintDraws {
    var phaseStream = stream.split("phase")
    let phase = ContrastPhase.random(recipe.phases.weights, using: &phaseStream)
    var clips: [String] = []
    if recipe.needsTexture {
      clips = try textures.drawClips(
        recipe.texture.clips, stream: stream.split("clips"), workers: workers)
    }
    var labelled: [FillDraw] = []
    for (index, structure) in structures.enumerated() {
      labelled.append(
        try fill(
          structure.name, phase, recipe.priors, clips, index, structure.extent,
          stream.split("structure").split(structure.name)))
    }
    var others: [FillDraw] = []
    for (index, name) in surroundings.enumerated() {
      others.append(
        try fill(
          name, phase, recipe.surroundings, clips, structures.count + index, body,
          stream.split("surroundings").split(name)))
    }
    var seed = stream.split("completion")
    return PaintDraws(
      phase: phase, structures: labelled, surroundings: others,
      completionSeed: recipe.strategy == .cylinder ? nil : seed.next(),
      cylinder: try recipe.strategy == .cylinder
        ? cylinder(clips[0], body: body, target: target) : nil)
  }

  private func fill(
    _ structure: String, _ phase: ContrastPhase, _ settings: PriorSettings, _ clips: [String],
    _ index: Int, _ extent: SIMD3<Double>, _ own: RandomStream
  ) throws(MaskCTError) -> FillDraw {
    let prior = try tissues.prior(for: structure, phase: phase)
    // Two parts whose squares add up to 1: what the tissue has in this patient, and the structure.
    var common = stream.split("tissue").split(prior.tissue)
    var single = own.split("mean")
    let u =
      settings.sharing * common.gaussian(mean: 0, deviation: 1, cut: 2.5)
      + (1 - settings.sharing * settings.sharing).squareRoot()
      * single.gaussian(mean: 0, deviation: 1, cut: 2.5)
    let mean = max(-1000, prior.mean + settings.spread * prior.spread * u)
    let deviation = recipe.strategy == .video ? settings.texture * prior.texture : 0
    var texture: TextureDraw?
    if deviation > 0 {
      // As long as there are clips enough, every structure has one of its own.
      var choice = own.split("clip")
      let clip =
        index < clips.count
        ? index : min(clips.count - 1, Int(choice.uniform() * Double(clips.count)))
      texture = TextureDraw(
        clip: try textures.clip(named: clips[clip]), ranges: recipe.texture.ranges,
        extent: extent, stream: own.split("texture"))
    }
    return FillDraw(structure: structure, mean: mean, deviation: deviation, texture: texture)
  }

  /// - Parameters:
  ///   - body: extent of the label map, mm.
  ///   - target: outline of the target's shadow along z, mm from the centre of the label map.
  private func cylinder(_ clip: String, body: SIMD3<Double>, target: [SIMD2<Double>])
    throws(MaskCTError) -> CylinderDraw
  {
    guard let settings = recipe.cylinder else {
      throw MaskCTError(
        .input, "the recipe has no 'cylinder'",
        remedy: "copy it from the built-in recipe 'cylinder'")
    }
    var stream = stream.split("cylinder")
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
