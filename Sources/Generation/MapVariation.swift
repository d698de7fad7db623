import Anatomy
import Painting
public import Volumes

/// What is changed in a label map before it is painted: drawn from the recipe's `deformation` and
/// `dropout`, stored in the case's record.
public struct MapVariation: Codable, Equatable, Sendable {
  /// How it is bent; `nil` for not at all.
  public var deformation: DeformationDraw?
  /// Structures that are left out, sorted.
  public var dropped: [String]

  /// Draws the changes for a case; `nil` where the recipe asks for none.
  ///
  /// - Parameter targets: the structures to learn; they are never left out.
  static func draw(
    recipe: Recipe, map: AnatomicalMap, targets: Set<String>, stream: RandomStream
  ) -> MapVariation? {
    guard recipe.deformation != nil || recipe.dropout != nil else { return nil }
    var variation = MapVariation(
      deformation: recipe.deformation?.draw(stream.split("deformation")), dropped: [])
    guard let probability = recipe.dropout else { return variation }
    for part in map.removableParts where targets.isDisjoint(with: part) {
      // A stream for every part: one more label changes nothing for the others.
      var chance = stream.split("dropout").split(part[0])
      if chance.uniform() < probability { variation.dropped += part }
    }
    variation.dropped.sort()
    // What is left decides which body is drawn around it: a head must stay one.
    let left = map.structures.filter { !variation.dropped.contains($0.value) }
    var rest = map
    rest.structures = left
    if left.isEmpty || rest.showsHeadAndNeck != map.showsHeadAndNeck { variation.dropped = [] }
    return variation
  }

  /// The map with the changes.
  func apply(to map: AnatomicalMap, workers: Workers) -> AnatomicalMap {
    var map = map.removing(dropped, workers: workers)
    if let deformation {
      let bend = Deformation(deformation, extent: map.labels.grid.extent, workers: workers)
      map.labels = bend.deform(map.labels, workers: workers)
      map.region = map.region.map { bend.deform($0, workers: workers) }
    }
    return map
  }
}

extension DeformationSettings {
  /// Draws how one map is bent.
  func draw(_ stream: RandomStream) -> DeformationDraw {
    var stream = stream
    // 53 bits: every JSON reader keeps them.
    let seed = stream.next() >> 11
    let amplitude = stream.uniform(amplitude)
    let smoothness = stream.uniform(smoothness)
    let all = stream.logUniform(scale)
    let each = SIMD3(
      stream.logUniform(stretch), stream.logUniform(stretch), stream.logUniform(stretch))
    let most = rotation * Double.pi / 180
    let turn = SIMD3(
      stream.uniform(-most...most), stream.uniform(-most...most), stream.uniform(-most...most))
    return DeformationDraw(
      seed: seed, amplitude: amplitude, smoothness: smoothness, scale: all * each, rotation: turn)
  }
}
