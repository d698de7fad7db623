public import Support

extension AnatomicalMap {
  /// The map with another voxel spacing, over the same box.
  ///
  /// - Parameter spacing: mm along the patient's x, y and z.
  /// - Throws: `MaskCTError` for a spacing that no dataset has.
  public func resampled(spacing: [Double], workers: Workers) throws(MaskCTError) -> AnatomicalMap {
    guard spacing.count == 3, spacing.allSatisfy({ (0.1...20).contains($0) }) else {
      throw MaskCTError(
        .usage, "the spacing \(spacing) cannot be used",
        remedy: "give one or three numbers from 0.1 to 20 mm")
    }
    let grid = labels.grid.resampled(spacing: [spacing[0], spacing[1], spacing[2]])
    guard grid != labels.grid else { return self }
    var map = self
    map.labels = labels.resampledByMajority(to: grid, workers: workers)
    map.region = region?.resampledByMajority(to: grid, workers: workers)
    map.frame = frame.adapted(to: grid)
    return map
  }
}
