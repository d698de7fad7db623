public import Volumes

/// Where two volumes differ most, for assertions that say so:
///
///     let worst = WorstVoxel(actual, expected)
///     #expect(worst.difference < 1e-3, "\(worst)")
public struct WorstVoxel: CustomStringConvertible, Sendable {
  /// Index of the voxel.
  public let x: Int, y: Int, z: Int
  /// The value tested there.
  public let actual: Float
  /// The value that it should have.
  public let expected: Float

  /// How far apart they are; infinite if one of them is NaN or the shapes differ.
  public let difference: Float

  /// Compares two volumes of one shape, or the part of them in which `mask` is not 0.
  public init(_ actual: Volume<Float>, _ expected: Volume<Float>, in mask: Volume<UInt8>? = nil) {
    guard actual.grid.shape == expected.grid.shape else {
      (x, y, z, self.actual, self.expected) = (-1, -1, -1, .nan, .nan)
      difference = .infinity
      return
    }
    var worst = 0
    var greatest: Float = -1
    for index in 0..<actual.values.count where mask?.values[index] != 0 {
      let (a, b) = (actual.values[index], expected.values[index])
      let difference = a == b ? 0 : abs(a - b)
      if !(difference <= greatest) {
        (worst, greatest) = (index, difference.isNaN ? .infinity : difference)
      }
    }
    let shape = actual.grid.shape
    z = worst % shape.z
    x = worst / shape.z % shape.x
    y = worst / (shape.z * shape.x)
    self.actual = actual.values[worst]
    self.expected = expected.values[worst]
    difference = max(greatest, 0)
  }

  /// `worst at (x, y, z): 3.5, should be 3.0`.
  public var description: String {
    x < 0
      ? "the shapes differ"
      : "worst at (\(x), \(y), \(z)): \(actual), should be \(expected)"
  }
}
