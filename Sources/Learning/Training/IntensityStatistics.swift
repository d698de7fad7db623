/// The fixed CT intensity statistics that nnU-Net normalises with.
///
/// For a channel named `CT` nnU-Net clips to the 0.5 and 99.5 percentiles of the voxels inside the
/// *training* structures, then subtracts their mean and divides by their standard deviation. Painted
/// structures are narrower than real ones, so that window would be the generator's (one liver dataset
/// gave [15, 168] HU), and fat, air and bone of a real scan would all fall on its edges. These numbers
/// therefore replace the measured ones in the fingerprint, from where they reach the plans.
public struct IntensityStatistics: Codable, Equatable, Sendable {
  /// Values below are set to this, HU (`percentile_00_5`).
  public var lower: Double
  /// Values above are set to this, HU (`percentile_99_5`).
  public var upper: Double
  /// Subtracted after clipping, HU.
  public var mean: Double
  /// Divided by after that, HU.
  public var deviation: Double

  /// Creates statistics, HU.
  public init(lower: Double, upper: Double, mean: Double, deviation: Double) {
    self.lower = lower
    self.upper = upper
    self.mean = mean
    self.deviation = deviation
  }

  /// The abdominal soft-tissue window, 400 HU wide around 40 HU.
  ///
  /// It keeps fat (-100), muscle (50), enhanced organs (100-200) and the trabeculae of bone apart,
  /// and scans that were published cut to this window look as others do. Mean and deviation are the
  /// level and a fifth of the width, so that the window becomes [-2.5, 2.5].
  public static let softTissue = IntensityStatistics(
    lower: -160, upper: 240, mean: 40, deviation: 80)
}
