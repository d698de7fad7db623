public import Support
public import Volumes

/// What is changed in a label map before it is painted: drawn from the recipe's `deformation`,
/// `dropout` and `lesions`.
public struct MapVariation: Codable, Equatable, Sendable {
  /// How it is bent; `nil` for not at all.
  public var deformation: DeformationDraw?
  /// Structures that are left out, sorted.
  public var dropped: [String]
  /// Lesions that are put into what is left, before it is bent; `nil` for none.
  public var lesions: [Lesion]?

  /// Draws the changes for a case; `nil` where the recipe asks for none.
  ///
  /// - Parameter targets: the structures to learn; they are never left out.
  /// - Throws: `MaskCTError` for an unknown host of a lesion.
  public static func draw(
    _ settings: VariationSettings, map: AnatomicalMap, targets: Set<String>, stream: RandomStream
  ) throws(MaskCTError) -> MapVariation? {
    guard settings.deformation != nil || settings.dropout != nil || settings.lesions != nil else {
      return nil
    }
    // Where lesions are to be learned, what they lie in has to stay.
    var kept = targets
    for lesion in settings.lesions ?? [] where targets.contains(lesion.canonicalStructure) {
      kept.formUnion(try StructureCatalog.standard.target(named: lesion.host).structures)
    }
    var variation = MapVariation(
      deformation: settings.deformation?.draw(stream.split("deformation")),
      dropped: settings.dropout.map {
        dropped($0, map: map, kept: kept, stream: stream.split("dropout"))
      } ?? [])
    variation.lesions = try settings.lesions?.draw(
      in: map, without: Set(variation.dropped), stream: stream.split("lesions"))
    return variation
  }

  /// Draws what is left out, sorted.
  private static func dropped(
    _ probability: Double, map: AnatomicalMap, kept: Set<String>, stream: RandomStream
  ) -> [String] {
    var dropped: [String] = []
    for part in map.removableParts where kept.isDisjoint(with: part) {
      // A stream for every part: one more label changes nothing for the others.
      var chance = stream.split(part[0])
      if chance.uniform() < probability { dropped += part }
    }
    // What is left decides which body is drawn around it: a head must stay one.
    var rest = map
    rest.structures = map.structures.filter { !dropped.contains($0.value) }
    let isSame = rest.showsHeadAndNeck == map.showsHeadAndNeck
    return rest.structures.isEmpty || !isSame ? [] : dropped.sorted()
  }

  /// The map with the changes.
  ///
  /// - Throws: `MaskCTError` for an unknown host of a lesion.
  public func apply(to map: AnatomicalMap, workers: Workers) throws(MaskCTError) -> AnatomicalMap {
    var map = try map.removing(dropped, workers: workers).adding(lesions ?? [])
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
