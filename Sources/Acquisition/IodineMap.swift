public import Volumes

/// How much iodine the voxels of a body hold, from a file.
public enum IodineMap {
  /// The most that is taken for a concentration, mg/mL: what contrast media hold in the bottle is less.
  static let most: Float = 500

  /// The HU that iodine makes of a body at 70 keV (`BasisMaterials`).
  ///
  /// - Parameters:
  ///   - path: NIfTI, mg/mL.
  ///   - grid: of the body.
  /// - Throws: `MaskCTError` of kind `.input` for an unusable file, another grid, or values that are no concentrations.
  public static func contrast(
    _ path: String, on grid: Grid, workers: Workers
  ) throws -> Volume<Float> {
    let iodine = try NIfTI.readVolume(path, workers: workers).volume
    guard iodine.grid.matches(grid) else {
      throw MaskCTError(
        .input, path: path, "its grid (\(iodine.grid)) differs from that of the body (\(grid))",
        remedy: "resample it onto the grid of the body")
    }
    if let wrong = iodine.values.first(where: { !(0...most).contains($0) }) {
      throw MaskCTError(
        .input, path: path, "holds \(wrong) mg/mL of iodine",
        remedy: "give concentrations from 0 to \(Int(most)) mg/mL")
    }
    let scale = Float(BasisMaterials.iodineHU)
    return iodine.map { $0 * scale }
  }
}
