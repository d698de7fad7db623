import Support
public import Volumes

/// A body that tests know exactly: shapes in mm, later ones over earlier ones.
public struct Phantom: Sendable {
  /// One solid with one value.
  public enum Shape: Sendable {
    /// Half-axes in mm along x, y and z; three equal ones make a sphere.
    case ellipsoid(center: SIMD3<Double>, radii: SIMD3<Double>, value: Float)
    /// A box from corner to corner, mm.
    case box(from: SIMD3<Double>, to: SIMD3<Double>, value: Float)
    /// A cylinder along z between two heights, mm.
    case cylinder(center: SIMD2<Double>, radius: Double, z: ClosedRange<Double>, value: Float)

    /// The value inside.
    public var value: Float {
      switch self {
      case .ellipsoid(_, _, let value), .box(_, _, let value), .cylinder(_, _, _, let value): value
      }
    }

    /// Whether the point (RAS mm) lies inside.
    public func contains(_ p: SIMD3<Double>) -> Bool {
      switch self {
      case .ellipsoid(let center, let radii, _):
        let q = (p - center) / radii
        return (q * q).sum() <= 1
      case .box(let from, let to, _):
        return p.x >= from.x && p.x <= to.x && p.y >= from.y && p.y <= to.y && p.z >= from.z
          && p.z <= to.z
      case .cylinder(let center, let radius, let z, _):
        let q = SIMD2(p.x, p.y) - center
        return (q * q).sum() <= radius * radius && z.contains(p.z)
      }
    }
  }

  /// The value where no shape is.
  public var background: Float
  /// The shapes; where they overlap, the last one counts.
  public var shapes: [Shape]

  /// Creates a phantom.
  public init(background: Float = -1000, _ shapes: [Shape]) {
    self.background = background
    self.shapes = shapes
  }

  /// A sphere in air.
  public static func sphere(
    center: SIMD3<Double> = [0, 0, 0], radius: Double, value: Float = 0
  ) -> Phantom {
    Phantom([.ellipsoid(center: center, radii: .init(repeating: radius), value: value)])
  }

  /// A phantom that no flip and no exchange of axes maps onto itself, about 60 x 80 x 50 mm around
  /// `center`: an L of water, its long arm towards anterior, its short one towards left at the
  /// bottom, with a dense ball at the end of the short arm and a foot towards superior.
  public static func letterL(center c: SIMD3<Double> = [0, 0, 0]) -> Phantom {
    Phantom([
      .box(from: c + [10, -40, -25], to: c + [30, 40, -5], value: 0),
      .box(from: c + [-30, -40, -25], to: c + [10, -20, -5], value: 40),
      .box(from: c + [10, 20, -5], to: c + [30, 40, 25], value: -100),
      .ellipsoid(center: c + [-20, -30, -15], radii: [7, 7, 7], value: 1000),
    ])
  }

  /// The value at a point (RAS mm).
  public func value(at p: SIMD3<Double>) -> Float {
    shapes.last { $0.contains(p) }?.value ?? background
  }

  /// The phantom on a grid: every voxel is the mean of `samples`^3 points spread evenly in it.
  public func sampled(on grid: Grid, samples: Int = 4) -> Volume<Float> {
    var volume = Volume<Float>(grid: grid, repeating: background)
    let offsets = (0..<samples).map { (Double($0) + 0.5) / Double(samples) - 0.5 }
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z {
          let index: SIMD3<Double> = [Double(x), Double(y), Double(z)]
          var sum: Float = 0
          for dx in offsets {
            for dy in offsets {
              for dz in offsets { sum += value(at: grid.affine.apply(index + [dx, dy, dz])) }
            }
          }
          volume[x, y, z] = sum / Float(samples * samples * samples)
        }
      }
    }
    return volume
  }

  /// The number (from 1) of the shape at every voxel's centre, 0 where none is.
  public func labels(on grid: Grid) -> LabelMap {
    var labels = LabelMap(grid: grid, repeating: 0)
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z {
          let p = grid.affine.apply([Double(x), Double(y), Double(z)])
          labels[x, y, z] = UInt16(1 + (shapes.lastIndex { $0.contains(p) } ?? -1))
        }
      }
    }
    return labels
  }
}

extension Volume where Element == Float {
  /// Uniform random values in the range, the same for the same seed.
  public static func noise(
    on grid: Grid, seed: UInt64, in range: ClosedRange<Double> = -1...1
  ) -> Volume<Float> {
    var stream = RandomStream(seed: seed)
    return Volume(grid: grid, values: (0..<grid.count).map { _ in Float(stream.uniform(range)) })
  }
}

extension Volume where Element == UInt8 {
  /// A random mask with the given share of ones, the same for the same seed.
  public static func randomMask(on grid: Grid, seed: UInt64, share: Double) -> Volume<UInt8> {
    var stream = RandomStream(seed: seed)
    return Volume(
      grid: grid, values: (0..<grid.count).map { _ in stream.uniform() < share ? 1 : 0 })
  }
}
