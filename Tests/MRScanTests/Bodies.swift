import Painting
import Support
import Tissues
import Volumes

@testable import MRScan

/// Bodies of few tissues for the scanner to image.
enum Phantom {
  static func tissue(
    water: Double = 0, fat: Double = 0, t1: Double = 800, t2: Double = 80, t2Star: Double? = nil,
    susceptibility: Double = -9
  ) -> MagneticTissue {
    let sum = water + fat
    let star = t2Star ?? t2
    return MagneticTissue(
      protonDensity: sum, fatFraction: sum > 0 ? fat / sum : 0, t1: .init(low: t1, high: t1),
      t2: .init(low: t2, high: t2), t2Star: .init(low: star, high: star),
      susceptibility: susceptibility)
  }

  /// A body in which each voxel holds parts of tissues; what is left is air.
  static func body(
    _ grid: Grid, for scanner: MRScanner,
    _ parts: (SIMD3<Double>) -> [(part: Double, tissue: MagneticTissue)]
  ) -> Body {
    let channels = Array(scanner.channels)
    var volumes = channels.map { Volume<Float>(grid: grid, repeating: $0.background) }
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z {
          let parts = parts(grid.affine.apply([Double(x), Double(y), Double(z)]))
          for (index, channel) in channels.enumerated() {
            guard case .magnetic(let value) = channel.quantity else { continue }
            var sum = channel.background
            for (part, tissue) in parts {
              sum += Float(part) * (value(tissue) - channel.background)
            }
            volumes[index][x, y, z] = sum
          }
        }
      }
    }
    return Body(
      grid: grid, channels: Dictionary(uniqueKeysWithValues: zip(channels, volumes)))
  }

  /// A protocol without suppression, variation or shading: one coil that sees all alike.
  static func plain(_ sequence: MRProtocol.Sequence, tr: Double, te: Double) -> MRProtocol {
    var p = try! MRProtocol.load("t1-in-phase")
    (p.sequence, p.tr, p.te, p.flipAngle) = (sequence, tr, te, nil)
    (p.transmitVariation, p.coils, p.normalization) = (nil, 1, nil)
    p.voxel = [1, 1]
    return p
  }
}
