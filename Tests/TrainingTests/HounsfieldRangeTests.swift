import Testing
import Training

@Suite struct HounsfieldRangeTests {
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
      (-1000, -1000, "every voxel"), (.nan, .nan, "not numbers"), (-1000, 5, "soft tissue"),
    ])
  func warns(minimum: Double, maximum: Double, word: String) {
    let warning = HounsfieldRange.warning(file: "a.nii", minimum: minimum, maximum: maximum)
    #expect(warning?.contains(word) == true)
    #expect(warning?.hasPrefix("a.nii: ") == true)
    #expect(warning?.contains("\n") == false)
  }
}
