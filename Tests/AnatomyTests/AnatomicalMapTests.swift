import Anatomy
import Testing
import Volumes

@Suite struct AnatomicalMapTests {
  private func map(_ line: [UInt16]) -> AnatomicalMap {
    let grid = Grid(
      shape: [1, 1, line.count],
      affine: Affine(columns: .diagonal([1, 1, 2]), translation: [0, 0, 10]))
    return AnatomicalMap(
      name: "case", labels: LabelMap(grid: grid, values: line), structures: [1: "liver"])
  }

  @Test func extensionMirrorsBothEnds() {
    let extended = map([1, 2, 3, 4]).extended(before: 2, after: 3)
    #expect(extended.labels.values == [3, 2, 1, 2, 3, 4, 3, 2, 1])
    // Slice 0 of the original stays where it was: 2 slices of 2 mm below it now.
    #expect(extended.labels.grid.affine.translation.z == 6)
  }

  @Test func longMarginsReflectAgain() {
    #expect(
      map([1, 2, 3]).extended(before: 5, after: 0).labels.values == [2, 1, 2, 3, 2, 1, 2, 3])
    #expect(map([7]).extended(before: 2, after: 1).labels.values == [7, 7, 7, 7])
  }

  @Test func envelopeIsKnown() {
    var map = map([1, 2])
    map.structures = [1: "body", 2: "liver"]
    #expect(map.envelopeIDs == [1])
    #expect(map.ids(of: "liver") == [2])
  }
}
