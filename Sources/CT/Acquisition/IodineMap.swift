public import Support
public import Volumes

/// How much iodine the voxels of a body hold, as a user gives it.
public enum IodineMap {
  /// The most that is taken for a concentration, mg/mL: what contrast media hold in the bottle is less.
  static let most: Float = 500

  /// The HU that the iodine of a file makes of a body.
  ///
  /// - Parameters:
  ///   - path: NIfTI, mg/mL.
  ///   - grid: of the body.
  /// - Throws: `MaskCTError` of kind `.input` for an unusable file, another grid, or values that are no concentrations.
  public static func contrast(
    _ path: String, on grid: Grid, workers: Workers
  ) throws -> Volume<Float> {
    try contrast(NIfTI.readVolume(path, workers: workers).volume, name: path, on: grid)
  }

  /// The HU that iodine makes of a body at 70 keV (`BasisMaterials`).
  ///
  /// - Parameters:
  ///   - iodine: mg/mL.
  ///   - name: what the map is called in errors.
  ///   - grid: of the body.
  /// - Throws: `MaskCTError` of kind `.input` for another grid, or values that are no concentrations.
  public static func contrast(
    _ iodine: Volume<Float>, name: String, on grid: Grid
  ) throws(MaskCTError) -> Volume<Float> {
    guard iodine.grid.matches(grid) else {
      throw MaskCTError(
        .input, path: name, "its grid (\(iodine.grid)) differs from that of the body (\(grid))",
        remedy: "resample it onto the grid of the body")
    }
    if let wrong = iodine.values.first(where: { !(0...most).contains($0) }) {
      throw MaskCTError(
        .input, path: name, "holds \(wrong) mg/mL of iodine",
        remedy: "give concentrations from 0 to \(Int(most)) mg/mL")
    }
    let scale = Float(BasisMaterials.iodineHU)
    return iodine.map { $0 * scale }
  }

  /// Refuses an iodine map where no tube voltage makes it count.
  ///
  /// - Parameters:
  ///   - option: how the map was given.
  ///   - voltage: how a tube voltage is given there.
  /// - Throws: `MaskCTError` of kind `.usage`.
  public static func check(
    _ scanProtocol: ScanProtocol, option: String, voltage: String
  ) throws(MaskCTError) {
    if scanProtocol.kvp == nil {
      throw MaskCTError(
        .usage, "\(option) needs a tube voltage: at one energy the HU say it all",
        remedy: "add \(voltage), or leave \(option) out")
    }
  }
}
