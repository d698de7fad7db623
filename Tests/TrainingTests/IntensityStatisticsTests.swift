import Support
import Testing
import Training

@Suite struct IntensityStatisticsTests {
  @Test("the fingerprint's statistics are replaced, the rest is kept")
  func applied() throws {
    let fingerprint = try JSON(
      parsing: #"""
        {"foreground_intensity_properties_per_channel": {"0": {"max": 190.0, "mean": 101.3,
         "median": 100.0, "min": 14.0, "percentile_00_5": 15.0, "percentile_99_5": 168.0, "std": 20.1}},
         "median_relative_size_after_cropping": 1.0, "shapes_after_crop": [[9, 9, 9]],
         "spacings": [[1.0, 1.0, 1.0]]}
        """#)
    let result = try IntensityStatistics.softTissue.applied(to: fingerprint, path: "f.json")
    let channel = result["foreground_intensity_properties_per_channel"]?["0"]
    #expect(channel?["percentile_00_5"]?.double == -160)
    #expect(channel?["percentile_99_5"]?.double == 240)
    #expect(channel?["mean"]?.double == 40)
    #expect(channel?["std"]?.double == 80)
    #expect(
      Set(channel?.keys ?? [])
        == Set(fingerprint["foreground_intensity_properties_per_channel"]?["0"]?.keys ?? []))
    #expect(result["spacings"] == fingerprint["spacings"])
    #expect(throws: MaskCTError.self) {
      try IntensityStatistics.softTissue.applied(to: .object([]), path: "f.json")
    }
  }

  @Test(
    "CT in HU passes, also where it was published windowed",
    arguments: [(-1024.0, 3071.0), (-2000, 1500), (-160, 240), (-3024, 1200), (-1000, 60)])
  func passes(minimum: Double, maximum: Double) {
    #expect(HounsfieldRange.warning(file: "a", minimum: minimum, maximum: maximum) == nil)
  }

  @Test(
    "other ranges are named",
    arguments: [
      (0.0, 255.0, "scaled for display"), (0, 4095, "1024"), (0, 1, "0 to 1"), (-1, 1, "0 to 1"),
      (-1000, -1000, "every voxel"), (.nan, .nan, "no numbers"), (-1000, 5, "soft tissue"),
    ])
  func warns(minimum: Double, maximum: Double, word: String) {
    let warning = HounsfieldRange.warning(file: "a.nii", minimum: minimum, maximum: maximum)
    #expect(warning?.contains(word) == true)
    #expect(warning?.hasPrefix("a.nii: ") == true)
    #expect(warning?.contains("\n") == false)
  }
}
