import Configuration
import Support
import Testing

@Suite struct NearMissTests {
  let names = ["liver", "spleen", "kidney_left", "kidney_right", "kidneys", "aorta"]

  @Test(arguments: [
    ("livr", "liver"), ("lievr", "liver"), ("Liver", "liver"), ("left kidney", "kidney_left"),
    ("kidney-right", "kidney_right"), ("kidny_left", "kidney_left"), ("kidney", "kidneys"),
    ("spleeen", "spleen"),
  ])
  func findsTheWordMeant(word: String, expected: String) {
    #expect(NearMiss.suggestion(for: word, among: names) == expected)
  }

  @Test(arguments: ["heart", "", "x", "gallbladder"])
  func staysSilentWhereNothingIsNear(word: String) {
    #expect(NearMiss.suggestion(for: word, among: names) == nil)
  }

  @Test func distanceCountsEdits() {
    #expect(NearMiss.distance("", "abc") == 3)
    #expect(NearMiss.distance("kitten", "sitting") == 3)
    #expect(NearMiss.distance("ab", "ba") == 1)
    #expect(NearMiss.distance("liver", "liver") == 0)
  }
}
