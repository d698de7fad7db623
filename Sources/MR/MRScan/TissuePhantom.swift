public import Painting
public import Tissues
public import Volumes

/// Bodies of a few tissues, to measure a scanner with or to image a labelled map as it is.
public enum TissuePhantom {
  /// A body in which each voxel holds parts of tissues; what is left of a voxel is air.
  ///
  /// - Parameters:
  ///   - channels: those of the modalities that are to image it; magnetic ones.
  ///   - parts: the tissues at a place, mm.
  public static func body(
    _ grid: Grid, channels: Set<BodyChannel>,
    parts: (SIMD3<Double>) -> [(part: Double, tissue: MagneticTissue)]
  ) -> Body {
    let channels = channels.sorted { $0.name < $1.name }
    var volumes = channels.map { Volume<Float>(grid: grid, repeating: $0.background) }
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z {
          let parts = parts(grid.affine.apply([Double(x), Double(y), Double(z)]))
          if parts.isEmpty { continue }
          let place = grid.offset(x, y, z)
          for (index, channel) in channels.enumerated() {
            guard case .magnetic(let value) = channel.quantity else { continue }
            var sum = channel.background
            for (part, tissue) in parts {
              sum += Float(part) * (value(tissue) - channel.background)
            }
            volumes[index].values[place] = sum
          }
        }
      }
    }
    return Body(
      grid: grid, channels: Dictionary(uniqueKeysWithValues: zip(channels, volumes)))
  }
}
