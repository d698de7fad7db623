/// What a structure looks like in CT in one contrast phase, HU.
///
/// The structure's mean in one patient is drawn from a Gaussian of `mean` and `spread`; its voxels
/// lie around that with the standard deviation `texture`.
public struct TissuePrior: Equatable, Sendable, Codable {
  /// The tissue in the table; structures of one tissue (both kidneys, all ribs) share draws.
  public var tissue: String
  /// Mean over the structure in the average patient, HU.
  public var mean: Double
  /// Standard deviation of that mean between patients, HU.
  public var spread: Double
  /// Standard deviation from voxel to voxel inside the structure, HU, without scanner noise.
  public var texture: Double

  /// Creates a prior.
  public init(tissue: String, mean: Double, spread: Double, texture: Double) {
    self.tissue = tissue
    self.mean = mean
    self.spread = spread
    self.texture = texture
  }
}
