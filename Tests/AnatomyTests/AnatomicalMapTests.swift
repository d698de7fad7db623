import Anatomy
import Support
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

  @Test func partsThatBelongTogetherAreRemovedTogether() {
    var map = map([1])
    map.structures = [
      1: "liver", 2: "liver_tumor", 3: "vertebrae_L1", 4: "vertebrae_L2", 5: "spleen",
      6: "lung_left", 7: "lungs", 8: "body", 9: "kidney_left", 10: "kidney_right",
    ]
    #expect(
      map.removableParts == [
        ["kidney_left"], ["kidney_right"], ["liver", "liver_tumor"], ["lung_left", "lungs"],
        ["spleen"], ["vertebrae_L1", "vertebrae_L2"],
      ])
  }

  @Test func removedVoxelsAreTheBodysOrNothing() {
    var labels = LabelMap(grid: Grid(shape: [2, 2, 2], spacing: [1, 1, 1]), repeating: 1)
    labels[0, 0, 0] = 2
    labels[1, 1, 1] = 9
    var map = AnatomicalMap(
      name: "map", labels: labels, structures: [1: "liver", 2: "spleen", 9: "body"])
    var without = map.removing(["spleen"], workers: Workers(count: 1))
    #expect(without.structures == [1: "liver", 9: "body"])
    #expect(without.labels[0, 0, 0] == 9 && without.labels[1, 0, 0] == 1)
    map.structures[9] = "aorta"
    without = map.removing(["spleen"], workers: Workers(count: 2))
    #expect(without.labels[0, 0, 0] == 0 && without.labels[1, 1, 1] == 9)
    #expect(map.removing(["prostate"], workers: Workers(count: 1)).labels == map.labels)
  }
}
