internal import Acquisition
internal import Support
internal import Volumes

/// Ellipsoids without edges, whose line integrals are exact: what shows the order of a projector.
///
/// Attenuation is `mu (1 - r²)³` with r the distance from the middle in units of the half axes, 0 beyond: twice
/// continuously differentiable. Along a ray `1 - r² = D - a (t - t0)²`, so that
///
///     line = mu D^(7/2) / sqrt(a) * integral of (1 - u²)³ over -1...1 = mu D^(7/2) / sqrt(a) * 32 / 35
struct SmoothEllipsoids: ScannedObject {
  /// One of them; lengths in mm, mu in 1/mm.
  struct Part: Sendable {
    var center: SIMD3<Double>
    var radii: SIMD3<Double>
    var attenuation: Double
  }

  let parts: [Part]

  /// Attenuation at a point, 1/mm.
  func value(at point: SIMD3<Double>) -> Double {
    parts.reduce(0) { sum, part in
      let q = (point - part.center) / part.radii
      let inside = 1 - (q * q).sum()
      return inside > 0 ? sum + part.attenuation * inside * inside * inside : sum
    }
  }

  /// Their values at the centres of voxels, as HU: `mu = water (1 + HU / 1000)`.
  func sampled(on grid: Grid, waterAttenuation water: Double, workers: Workers) -> Volume<Float> {
    var volume = Volume<Float>(grid: grid, repeating: -1000)
    volume.values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      workers.forEach(grid.shape.y) { y in
        for x in 0..<grid.shape.x {
          for z in 0..<grid.shape.z {
            let place = grid.affine.apply([Double(x), Double(y), Double(z)])
            values[grid.offset(x, y, z)] = Float(1000 * (value(at: place) / water - 1))
          }
        }
      }
    }
    return volume
  }

  /// Writes exact line integrals; see `ScannedObject`.
  func project(
    _ sources: [SourcePosition], scanner: Scanner, planesPerBlock: Int?,
    into readings: Readings
  ) {
    let slopes = scanner.rowSlopes
    scanner.forEachChannel(of: sources, into: readings) { start, direction, target in
      for row in 0..<target.padded { target[row] = 0 }
      for (row, slope) in slopes.enumerated() {
        let direction = SIMD3(direction.x, direction.y, slope)
        let length = (direction * direction).sum().squareRoot()
        target[row] = Float(
          length * parts.reduce(0.0) { $0 + $1.line(start: start, direction: direction) })
      }
    }
  }
}

extension SmoothEllipsoids.Part {
  /// The integral along `start + t direction` over t.
  fileprivate func line(start: SIMD3<Double>, direction: SIMD3<Double>) -> Double {
    let (o, d) = ((start - center) / radii, direction / radii)
    let (a, b) = ((d * d).sum(), (o * d).sum())
    let depth = 1 - (o * o).sum() + b * b / a
    guard depth > 0 else { return 0 }
    return attenuation * depth * depth * depth * (depth / a).squareRoot() * 32 / 35
  }
}
