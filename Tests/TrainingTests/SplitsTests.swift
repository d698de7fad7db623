import Support
import Testing
import Training

@Suite struct SplitsTests {
  @Test(
    "an eighth is held back, at least two; every case once over the folds",
    arguments: [(8, 4, 2), (16, 8, 2), (20, 8, 3), (64, 8, 8)])
  func folds(cases: Int, folds: Int, held: Int) throws {
    let names = (0..<cases).map { "c\($0 / 10)\($0 % 10)" }
    let splits = Splits.folds(cases: names.shuffled())
    #expect(splits.count == folds)
    var seen: [String] = []
    for split in splits {
      #expect(Set(split.train).isDisjoint(with: split.val))
      #expect(Set(split.train + split.val) == Set(names))
      #expect((2...held).contains(split.val.count))
      seen += split.val
    }
    #expect(seen.sorted() == names)
    #expect(Splits.folds(cases: names) == Splits.folds(cases: names.reversed()))
  }

  @Test func parses() {
    #expect(Fold("auto") == .automatic)
    #expect(Fold("all") == .all)
    #expect(Fold("3") == .number(3))
    #expect(Fold("-1") == nil)
    #expect(Fold("x") == nil)
  }
}
