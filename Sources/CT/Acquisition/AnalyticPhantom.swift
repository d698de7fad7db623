public import Support
public import Volumes

/// A phantom of geometric solids: no voxels, so its line integrals are exact.
///
///     AnalyticPhantom([
///       .init(.cylinder(center: [0, 0], radius: 100), hu: 0),
///       .init(.cylinder(center: [50, 0], radius: 12.5), hu: 955, within: 0),
///     ])
public struct AnalyticPhantom: ScannedPhantom, Equatable {
  /// The form of a solid; lengths in mm.
  public enum Shape: Equatable, Sendable {
    /// Half axes along x, y and z.
    case ellipsoid(center: SIMD3<Double>, radii: SIMD3<Double>)
    /// A cylinder along z; without end where no heights are given.
    case cylinder(
      center: SIMD2<Double>, radius: Double, heights: ClosedRange<Double> = -1e6...1e6)
    /// A box with edges along the axes.
    case box(center: SIMD3<Double>, halfWidths: SIMD3<Double>)
  }

  /// A form filled with one material, wholly inside of what it lies in.
  public struct Solid: Equatable, Sendable {
    /// Its form.
    public var shape: Shape
    /// HU inside.
    public var hu: Double
    /// HU of what it lies in, whose place it takes.
    public var surroundings: Double
    /// The part of the HU inside that contrast medium makes; there is none in the surroundings.
    public var contrast = 0.0

    /// Creates a solid.
    public init(
      _ shape: Shape, hu: Double, within surroundings: Double = -1000, contrast: Double = 0
    ) {
      self.shape = shape
      self.hu = hu
      self.surroundings = surroundings
      self.contrast = contrast
    }
  }

  /// The solids, in no order.
  public var solids: [Solid]

  /// Creates a phantom.
  public init(_ solids: [Solid]) { self.solids = solids }

  /// The phantom at another place.
  public func moved(by offset: SIMD3<Double>) -> AnalyticPhantom {
    AnalyticPhantom(
      solids.map { solid in
        var moved = solid
        switch solid.shape {
        case .ellipsoid(let center, let radii):
          moved.shape = .ellipsoid(center: center + offset, radii: radii)
        case .box(let center, let halfWidths):
          moved.shape = .box(center: center + offset, halfWidths: halfWidths)
        case .cylinder(let center, let radius, let heights):
          moved.shape = .cylinder(
            center: center + SIMD2(offset.x, offset.y), radius: radius,
            heights: heights.lowerBound + offset.z...heights.upperBound + offset.z)
        }
        return moved
      })
  }

  /// The phantom without its contrast medium.
  public var withoutContrast: AnalyticPhantom {
    AnalyticPhantom(
      solids.map {
        Solid($0.shape, hu: $0.hu - $0.contrast, within: $0.surroundings)
      })
  }

  /// The contrast medium of the phantom alone; where there is none, 0 HU. `nil` for a phantom without.
  public var contrastAlone: AnalyticPhantom? {
    let filled = solids.filter { $0.contrast != 0 }
    if filled.isEmpty { return nil }
    return AnalyticPhantom(filled.map { Solid($0.shape, hu: $0.contrast, within: 0) })
  }

  /// HU at a point.
  public func value(at point: SIMD3<Double>) -> Double {
    solids.reduce(-1000) { sum, solid in
      solid.shape.contains(point) ? sum + solid.hu - solid.surroundings : sum
    }
  }

  /// Exact line integrals; see `AnalyticObject`.
  public func object(of quantity: (Float) -> Float) -> any ScannedObject {
    AnalyticObject(self, quantity: quantity)
  }

  /// The phantom in voxels, each the mean of `samples`³ points spread evenly in it.
  ///
  /// - Parameter grid: axes along the phantom's.
  public func voxelised(on grid: Grid, samples: Int = 4, workers: Workers) -> Volume<Float> {
    var volume = Volume<Float>(grid: grid, repeating: -1000)
    let spacing = grid.spacing
    let offsets = (0..<samples).map { (Double($0) + 0.5) / Double(samples) - 0.5 }
    let diagonal = (spacing * spacing).sum().squareRoot() / 2
    volume.values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      workers.forEach(grid.shape.y) { y in
        for x in 0..<grid.shape.x {
          for z in 0..<grid.shape.z {
            let middle = grid.affine.apply([Double(x), Double(y), Double(z)])
            var sum = -1000.0
            for solid in solids {
              let share: Double
              switch solid.shape.side(of: middle, margin: diagonal) {
              case .inside: share = 1
              case .outside: continue
              case .edge:
                var hits = 0
                for dx in offsets {
                  for dy in offsets {
                    for dz in offsets
                    where solid.shape.contains(middle + SIMD3(dx, dy, dz) * spacing) { hits += 1 }
                  }
                }
                share = Double(hits) / Double(samples * samples * samples)
              }
              sum += share * (solid.hu - solid.surroundings)
            }
            values[grid.offset(x, y, z)] = Float(sum)
          }
        }
      }
    }
    return volume
  }
}

extension AnalyticPhantom.Shape {
  /// Whether a point lies inside.
  public func contains(_ p: SIMD3<Double>) -> Bool {
    switch self {
    case .ellipsoid(let center, let radii):
      let q = (p - center) / radii
      return (q * q).sum() < 1
    case .cylinder(let center, let radius, let heights):
      let q = SIMD2(p.x, p.y) - center
      return (q * q).sum() < radius * radius && heights.contains(p.z)
    case .box(let center, let half):
      let q = p - center
      return abs(q.x) < half.x && abs(q.y) < half.y && abs(q.z) < half.z
    }
  }

  /// Where the ball of radius `margin` about a point lies; `edge` if that is not sure.
  func side(of p: SIMD3<Double>, margin: Double) -> Side {
    let depth: Double
    switch self {
    case .ellipsoid(let center, let radii):
      // In units of the half axes the ball fits into one of radius margin / least half axis.
      let q = (p - center) / radii
      depth = (1 - (q * q).sum().squareRoot()) * radii.min()
    case .cylinder(let center, let radius, let heights):
      let q = SIMD2(p.x, p.y) - center
      depth = min(
        radius - (q * q).sum().squareRoot(), p.z - heights.lowerBound, heights.upperBound - p.z)
    case .box(let center, let half):
      let q = p - center
      depth = min(half.x - abs(q.x), half.y - abs(q.y), half.z - abs(q.z))
    }
    return depth > margin ? .inside : depth < -margin ? .outside : .edge
  }
}
