/// An affine map `y = A x + t` of three-dimensional space; voxel index to RAS mm in a `Grid`.
public struct Affine: Equatable, Sendable, Codable {
  /// The columns of `A`: the step in mm of one voxel along x, y and z.
  public var columns: Columns
  /// `t`: where index (0, 0, 0) lies, mm.
  public var translation: SIMD3<Double>

  /// The three columns of a 3 x 3 matrix.
  public struct Columns: Equatable, Sendable, Codable {
    /// First, second and third column.
    public var x, y, z: SIMD3<Double>

    /// Creates a matrix from its columns.
    public init(x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>) {
      self.x = x
      self.y = y
      self.z = z
    }

    /// The diagonal matrix with the given entries.
    public static func diagonal(_ d: SIMD3<Double>) -> Columns {
      Columns(x: [d.x, 0, 0], y: [0, d.y, 0], z: [0, 0, d.z])
    }

    /// Column `axis` (0, 1 or 2).
    public subscript(axis: Int) -> SIMD3<Double> {
      get { axis == 0 ? x : axis == 1 ? y : z }
      set {
        switch axis {
        case 0: x = newValue
        case 1: y = newValue
        default: z = newValue
        }
      }
    }
  }

  /// Creates the map `x -> columns x + translation`.
  public init(columns: Columns, translation: SIMD3<Double>) {
    self.columns = columns
    self.translation = translation
  }

  /// The identity.
  public static let identity = Affine(columns: .diagonal([1, 1, 1]), translation: .zero)

  /// The image of a point.
  @inlinable
  public func apply(_ p: SIMD3<Double>) -> SIMD3<Double> {
    columns.x * p.x + columns.y * p.y + columns.z * p.z + translation
  }

  /// The Euclidean length of every column.
  public var columnLengths: SIMD3<Double> {
    [
      (columns.x * columns.x).sum().squareRoot(), (columns.y * columns.y).sum().squareRoot(),
      (columns.z * columns.z).sum().squareRoot(),
    ]
  }

  /// Determinant of the linear part; zero means that the map cannot be inverted.
  public var determinant: Double {
    (columns.x * cross(columns.y, columns.z)).sum()
  }

  /// The inverse map.
  ///
  /// - Precondition: the determinant is not zero.
  public var inverse: Affine {
    let scale = 1 / determinant
    precondition(scale.isFinite, "an affine with determinant zero has no inverse")
    let rows = [
      cross(columns.y, columns.z) * scale, cross(columns.z, columns.x) * scale,
      cross(columns.x, columns.y) * scale,
    ]
    let inverse = Columns(
      x: [rows[0].x, rows[1].x, rows[2].x], y: [rows[0].y, rows[1].y, rows[2].y],
      z: [rows[0].z, rows[1].z, rows[2].z])
    let linear = Affine(columns: inverse, translation: .zero)
    return Affine(columns: inverse, translation: linear.apply(translation) * -1)
  }

  /// The map with column `i` multiplied by `factors[i]`.
  public func scaled(by factors: SIMD3<Double>) -> Affine {
    Affine(
      columns: Columns(
        x: columns.x * factors.x, y: columns.y * factors.y, z: columns.z * factors.z),
      translation: translation)
  }

  /// The map with another translation (mm).
  public func translated(to translation: SIMD3<Double>) -> Affine {
    Affine(columns: columns, translation: translation)
  }

  /// The composition `x -> self(other(x))`.
  public func composed(with other: Affine) -> Affine {
    let linear = Affine(columns: columns, translation: .zero)
    return Affine(
      columns: Columns(
        x: linear.apply(other.columns.x), y: linear.apply(other.columns.y),
        z: linear.apply(other.columns.z)),
      translation: apply(other.translation))
  }
}

/// The vector product `a x b`.
public func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  [a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x]
}
