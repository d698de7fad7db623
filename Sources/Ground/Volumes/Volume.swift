/// A grid with one value a voxel: HU as `Float`, labels as `UInt8` or `UInt16`.
///
/// `values[grid.offset(x, y, z)]` is the voxel's value: z fastest, then x, then y (see `Grid`).
public struct Volume<Element: Sendable>: Sendable {
  /// Where the voxels lie.
  public var grid: Grid
  /// One value a voxel, z fastest.
  public var values: [Element]

  /// Creates a volume from its values, `grid.count` of them.
  public init(grid: Grid, values: [Element]) {
    precondition(values.count == grid.count, "a volume holds exactly one value a voxel")
    self.grid = grid
    self.values = values
  }

  /// Creates a volume of one value.
  public init(grid: Grid, repeating value: Element) {
    self.init(grid: grid, values: Array(repeating: value, count: grid.count))
  }

  /// The value of voxel `(x, y, z)`.
  @inlinable
  public subscript(x: Int, y: Int, z: Int) -> Element {
    get { values[grid.offset(x, y, z)] }
    set { values[grid.offset(x, y, z)] = newValue }
  }

  /// The volume with every value transformed.
  @inlinable
  public func map<T: Sendable>(_ transform: (Element) -> T) -> Volume<T> {
    Volume<T>(grid: grid, values: values.map(transform))
  }
}

extension Volume: Equatable where Element: Equatable {}

/// An integer volume whose values name structures; 0 is background.
public typealias LabelMap = Volume<UInt16>

extension Volume where Element == Float {
  /// The volume with values beyond `window` replaced by its ends; itself without one.
  public consuming func clamped(to window: ClosedRange<Double>?) -> Volume {
    guard let window else { return self }
    let (low, high) = (Float(window.lowerBound), Float(window.upperBound))
    for index in values.indices { values[index] = min(max(values[index], low), high) }
    return self
  }
}
