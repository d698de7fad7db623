/// What an image has that the phantom has not.
///
/// A noiseless image is compared with the phantom at voxels that no edge's blur reaches.
public struct Artefact: Equatable, Sendable {
  /// Root mean square of the difference, HU.
  public let rms: Double
  /// The largest difference, HU.
  public let largest: Double
  /// How many voxels were compared.
  public let count: Int

  /// The differences between image and phantom.
  public init(_ differences: [Double]) {
    count = differences.count
    rms = (differences.reduce(0) { $0 + $1 * $1 } / Double(max(1, count))).squareRoot()
    largest = differences.map { abs($0) }.max() ?? 0
  }
}
