import Support
import Testing
import Volumes
@testable import Evaluation
@testable import Reporting

@Suite struct MontageTests {
  private func images(_ label: UInt16 = 3) -> CaseImages {
    let grid = Grid(shape: [40, 30, 20], spacing: [2, 2, 4])
    var labels = LabelMap(grid: grid, repeating: 0)
    var image = Volume<Float>(grid: grid, repeating: -1000)
    for y in 6..<24 {
      for x in 8..<32 {
        for z in 0..<20 { image[x, y, z] = 50 }
      }
    }
    for y in 10..<14 {
      for x in 12..<18 {
        for z in 8..<12 { labels[x, y, z] = label }
      }
    }
    return CaseImages(
      name: "case", image: image, labels: labels, names: [label: "liver"], targets: nil)
  }

  @Test func slicesGoThroughTheTarget() {
    // The voxel nearest to the centroid (14.5, 11.5, 9.5) of 12...17, 10...13, 8...11.
    let center = images().center
    #expect((14...15).contains(center.x) && (11...12).contains(center.y))
    #expect((9...10).contains(center.z))
    var other = images()
    other.targets = [9]
    #expect(other.center == [20, 15, 10], "no such label: the middle")
  }

  @Test func aHollowTargetIsStillShown() {
    let grid = Grid(shape: [21, 21, 5], spacing: [1, 1, 1])
    var ring = LabelMap(grid: grid, repeating: 0)
    for y in 0..<21 {
      for x in 0..<21 where (x - 10) * (x - 10) + (y - 10) * (y - 10) > 64 {
        for z in 0..<5 { ring[x, y, z] = 1 }
      }
    }
    let center = CaseImages(name: "", labels: ring).center
    #expect(ring[center.x, center.y, center.z] == 1)
  }

  @Test func contentIsBodyAndLabelsWithAMargin() {
    // Body 8..<32 and 6..<24 of 2 mm voxels, margin 10 mm = 5 voxels, along z cut at the ends.
    #expect(images().content == BoundingBox(lower: [3, 1, 0], upper: [37, 29, 20]))
    let grid = Grid(shape: [4, 4, 4], spacing: [1, 1, 1])
    let nothing = CaseImages(name: "", labels: LabelMap(grid: grid, repeating: 0))
    #expect(nothing.content == BoundingBox(lower: [0, 0, 0], upper: [4, 4, 4]))
    #expect(Montage().row(nothing).width == 1200)
  }

  @Test("MR, without a voxel below 0, is shown up to its brightest half percent")
  func windowOfMR() throws {
    var mr = images()
    mr.image = mr.image?.map { $0 < 0 ? 0 : 700 }
    mr.image?.values[0] = 2000
    let window = mr.window(.softTissue)
    #expect(abs(window.width - 700) < 2 && abs(window.level - 350) < 1)
    #expect(mr.window(.lung) == .lung && images().window(.softTissue) == .softTissue)
  }

  @Test func rowsHaveOneWidthAndStack() {
    let montage = Montage(width: 900, sliceHeight: 300)
    let row = montage.row(images())
    #expect(row.width == 900)
    let both = montage.picture(of: [images(), images(5)])
    #expect(both.width == 900 && both.height == 2 * row.height)
    #expect(both == montage.picture(stacking: [row, montage.row(images(5))]))
  }

  @Test func legendNamesWhatIsSeen() {
    // The swatch of label 3 in its colour, in the lower left corner.
    let row = Montage().row(images())
    let color = Palette.color(of: 3)
    let found = (0..<40).contains { x in
      (row.height - 40..<row.height).contains { row[x, $0] == color }
    }
    #expect(found)
  }

  @Test func predictionsAreDrawnOverTheReference() {
    var with = images()
    let without = Montage().row(with)
    with.prediction = with.labels
    let row = Montage().row(with)
    #expect(row.width == without.width && row != without)
  }

  @Test func manyLabelsMakeAShortLegend() {
    let grid = Grid(shape: [40, 40, 4], spacing: [1, 1, 1])
    let labels = LabelMap(
      grid: grid, values: (0..<grid.count).map { UInt16($0 / 4 % 40 + 1) })
    let row = Montage().row(CaseImages(name: "many", labels: labels))
    let most = 12 + 24 + 480 + 8 + 4 * 24 + 12
    #expect(row.height <= most)
  }
}
