package import Support

/// The fixed CT intensity statistics that nnU-Net normalises with.
///
/// For a channel named `CT` nnU-Net clips to the 0.5 and 99.5 percentiles of the voxels inside the
/// *training* structures, then subtracts their mean and divides by their standard deviation. Painted
/// structures are narrower than real ones: the window then is the generator's (one liver data set
/// gave [15, 168] HU), and fat, air and bone of a real scan all fall on its edges. So these numbers
/// are written into the fingerprint in place of the measured ones, and reach the plans from there.
public struct IntensityStatistics: Equatable, Sendable {
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

  /// Writes the statistics into the content of a `dataset_fingerprint.json`.
  ///
  /// - Throws: `MaskCTError` if it is no fingerprint.
  package func applied(to fingerprint: JSON, path: String) throws -> JSON {
    let key = "foreground_intensity_properties_per_channel"
    guard fingerprint["spacings"]?.elements?.isEmpty == false, fingerprint[key] != nil else {
      throw MaskCTError(
        .input, path: path, "is no nnU-Net fingerprint", remedy: "remove it and run the step again")
    }
    var result = fingerprint
    result[key] = .pairs([
      "0": .pairs([
        "mean": .real(mean), "median": .real(mean), "std": .real(deviation), "min": .real(lower),
        "max": .real(upper), "percentile_99_5": .real(upper), "percentile_00_5": .real(lower),
      ])
    ])
    return result
  }
}

/// Whether an image is in Hounsfield units, judged by its range.
public enum HounsfieldRange {
  /// A warning if an image with this range is clearly not CT in HU, else `nil`.
  ///
  /// CT holds air (about -1000 HU, at least fat below -50 HU where published data was clipped) and
  /// soft tissue (above 20 HU). A scan of raw detector values or scaled to [0, 1] would be predicted
  /// as empty without a word.
  public static func warning(file: String, minimum: Double, maximum: Double) -> String? {
    let range = "its values are from \(short(minimum)) to \(short(maximum))"
    if !minimum.isFinite || !maximum.isFinite {
      return "\(file): \(range): there are values that are no numbers; the result cannot be trusted"
    }
    if minimum == maximum { return "\(file): every voxel has the value \(short(minimum))" }
    if maximum <= 1 {
      return
        "\(file): \(range), not Hounsfield units: it seems to be scaled to the range of 0 to 1; "
        + "the model expects HU, with air at -1000 and water at 0"
    }
    if minimum >= 0 {
      return "\(file): \(range), not Hounsfield units: no voxel is below 0; "
        + (maximum > 1000 ? "perhaps 1024 must be subtracted" : "perhaps it was scaled for display")
    }
    if maximum < 20 {
      return "\(file): \(range): no voxel is as dense as soft tissue (20 HU)"
    }
    return nil
  }

  private static func short(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
    let tenths = (value * 10).rounded()
    return tenths.remainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
  }
}
