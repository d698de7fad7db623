/// Whether an image is in Hounsfield units, judged by its range.
public enum HounsfieldRange {
  /// A warning if an image with this range is clearly not CT in HU, else `nil`.
  ///
  /// CT holds air (about -1000 HU, at least fat below -50 HU where published data was clipped) and
  /// soft tissue (above 20 HU). A scan of raw detector values or scaled to [0, 1] would be predicted
  /// as empty without a warning.
  public static func warning(file: String, minimum: Double, maximum: Double) -> String? {
    let range = "its values are from \(short(minimum)) to \(short(maximum))"
    if !minimum.isFinite || !maximum.isFinite {
      return "\(file): \(range): some values are not numbers, so the result cannot be trusted"
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
