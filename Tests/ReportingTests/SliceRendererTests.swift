import Support
import Testing
import Volumes
@testable import Evaluation
@testable import Reporting

@Suite struct SliceRendererTests {
  let renderer = SliceRenderer(window: .softTissue, font: BitmapFont())

  @Test func windowMapsItsEndsToBlackAndWhite() {
    let window = DisplayWindow.softTissue
    #expect(window.gray(-160) == 0 && window.gray(-1000) == 0)
    #expect(window.gray(240) == 255 && window.gray(3000) == 255)
    #expect(window.gray(40) == 128)
    #expect(window.gray(.nan) == 0)
  }

  @Test func windowsAreRead() throws {
    #expect(try DisplayWindow(parsing: "lung") == .lung)
    #expect(try DisplayWindow(parsing: "50,350") == DisplayWindow(level: 50, width: 350))
    for text in ["", "brain", "50", "50,0", "50,-3", "1,2,3", "a,b"] {
      let error = #expect(throws: MaskCTError.self) { try DisplayWindow(parsing: text) }
      #expect(error?.kind == .usage)
    }
  }

  /// A volume of -1000 HU with one bright block of 4 voxels a side in the corner of right, anterior and
  /// head.
  private var marked: CaseImages {
    var volume = Volume<Float>(
      grid: Grid(shape: [20, 30, 10], spacing: [1, 1, 2]), repeating: -1000)
    for y in 26..<30 {
      for x in 16..<20 {
        for z in 6..<10 { volume[x, y, z] = 1000 }
      }
    }
    return CaseImages(name: "marked", image: volume)
  }

  private func picture(_ plane: SlicePlane, scale: Double = 4) -> Picture {
    renderer.render(
      marked, plane: plane, center: [18, 28, 8],
      box: BoundingBox(lower: [0, 0, 0], upper: [20, 30, 10]), scale: scale)
  }

  @Test func axialShowsRightOnTheLeftAndAnteriorUp() {
    let axial = picture(.axial)
    #expect(axial.width == 80 && axial.height == 120)
    // Right (x = 16 ... 19) is on the left, anterior (y = 26 ... 29) on top: 16 x 16 pixels.
    #expect(axial[12, 13].green == 255)
    #expect(axial[70, 13].green < 60 && axial[12, 110].green < 60)
  }

  @Test func coronalShowsRightOnTheLeftAndHeadUp() {
    let coronal = picture(.coronal)
    // 20 mm x 20 mm: voxels twice as high as wide are shown as they are.
    #expect(coronal.width == 80 && coronal.height == 80)
    #expect(coronal[12, 28].green == 255)
    #expect(coronal[12, 60].green < 60 && coronal[70, 28].green < 60)
  }

  @Test func sagittalShowsAnteriorOnTheLeftAndHeadUp() {
    let sagittal = picture(.sagittal)
    #expect(sagittal.width == 120 && sagittal.height == 80)
    #expect(sagittal[12, 28].green == 255)
    #expect(sagittal[110, 28].green < 60 && sagittal[12, 70].green < 60)
  }

  @Test func marksShowWhereTheOtherPlanesCut() {
    // The slices go through x = 18, y = 28 of 20 and 30: 1.5 voxels from the left and upper edges.
    let axial = picture(.axial)
    let mark = Color(120, 220, 255)
    #expect(axial[6, 119].blue > 200 && axial[79, 6].blue > 200)
    #expect(axial[6, 119].red < mark.red + 10)
    #expect(axial[40, 119].blue < 60)
  }

  @Test func labelsAreOutlinedInTheirColor() {
    let grid = Grid(shape: [20, 20, 4], spacing: [1, 1, 1])
    var labels = LabelMap(grid: grid, repeating: 0)
    for y in 5..<15 {
      for x in 5..<15 {
        for z in 0..<4 { labels[x, y, z] = 1 }
      }
    }
    let images = CaseImages(
      name: "", image: Volume<Float>(grid: grid, repeating: -1000), labels: labels)
    let axial = renderer.render(
      images, plane: .axial, center: [10, 10, 2],
      box: BoundingBox(lower: [0, 0, 0], upper: grid.shape), scale: 8)
    // The square's sides lie at 40 and 120 of 160 pixels; a line of 1.5 pixels covers both pixels
    // beside an edge by three quarters.
    for x in [39, 40, 119, 120] { #expect(axial[x, 100].red > 150) }
    for x in [36, 43, 80, 116, 123] { #expect(axial[x, 100].red == 0) }
    for y in [39, 40, 119, 120] { #expect(axial[60, y].red > 150) }
    #expect(axial[40, 100].blue == 0, "orange has no blue")
  }

  @Test func resizingKeepsFlatAreasAndMeans() {
    let flat = SliceImage<Float>(width: 7, height: 5, values: Array(repeating: 3, count: 35))
    for (width, height) in [(7, 5), (20, 3), (3, 20), (1, 1)] {
      let resized = flat.resized(width: width, height: height)
      #expect(resized.values.count == width * height)
      #expect(resized.values.allSatisfy { abs($0 - 3) < 1e-5 })
    }
    // A texture as fine as the voxels turns gray, not into a coarse pattern.
    let checks = SliceImage<Float>(
      width: 64, height: 64, values: (0..<64 * 64).map { ($0 / 64 + $0 % 64) % 2 == 0 ? 0 : 1 })
    let small = checks.resized(width: 24, height: 24)
    for y in 1..<23 {
      for x in 1..<23 { #expect(abs(small.values[y * 24 + x] - 0.5) < 0.03) }
    }
    #expect(checks.resized(width: 64, height: 64).values == checks.values)
  }
}
