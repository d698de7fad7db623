import Support
import Testing
import Volumes
@testable import Reporting

@Suite struct SliceStackTests {
  private func images(depth: Int = 30, organ: Range<Int> = 10..<14) -> CaseImages {
    let grid = Grid(shape: [40, 30, depth], spacing: [2, 2, 2.5])
    var image = Volume<Float>(grid: grid, repeating: -1000)
    var labels = LabelMap(grid: grid, repeating: 0)
    var prediction = labels
    for z in 0..<depth {
      for y in 6..<24 {
        for x in 8..<32 { image[x, y, z] = 50 }
      }
    }
    for z in organ {
      for y in 10..<14 {
        for x in 12..<18 { labels[x, y, z] = 3 }
      }
      for y in 10..<14 {
        for x in 13..<19 { prediction[x, y, z] = 3 }
      }
    }
    return CaseImages(
      name: "case", image: image, labels: labels, prediction: prediction, names: [3: "liver"])
  }

  @Test func showsTheSlicesOfTheStructuresWithAMargin() {
    let stack = SliceStack(images(), structures: ["liver"])
    // 5 mm are two slices.
    #expect(stack.slices.map(\.index) == Array(8..<16))
    #expect(stack.total == 30)
    #expect((10..<14).contains(stack.slices[stack.first].index))
    #expect(stack.slices[0].contours.isEmpty)
    #expect(stack.slices[2].contours.map(\.isPrediction) == [false, true])
  }

  @Test func isCroppedToTheBodyInMillimetres() {
    let stack = SliceStack(images(), structures: ["liver"])
    // Body 24 x 18 voxels of 2 mm with 10 mm around, at the grid's upper and lower edge 6 voxels.
    #expect(stack.width == 68 && stack.height == 56)
    #expect(stack.columns == 34 && stack.rows == 28)
    // The strip's size is in its header: width, then the height of all slices.
    #expect(stack.strip[18..<20] == [0, 34] && stack.strip[22..<24] == [0, 28 * 8])
  }

  @Test func outlinesAreTenthsOfAMillimetre() {
    let stack = SliceStack(images(), structures: ["liver"])
    let reference = stack.slices[3].contours[0]
    // Voxels 12..<18 of the box 3..<37, right on the left: columns 19..<25, 380 to 500.
    #expect(reference.path.hasPrefix("M") && reference.path.hasSuffix("z"))
    let xs = Self.points(reference.path).map(\.x)
    #expect(xs.min() == 380 && xs.max() == 500)
  }

  @Test func manySlicesAreThinnedEvenly() {
    #expect(SliceStack.indices(within: 5..<9) == [5, 6, 7, 8])
    let indices = SliceStack.indices(within: 10..<211)
    #expect(indices.count == 40 && indices.first == 10 && indices.last == 210)
    let steps = zip(indices, indices.dropFirst()).map { $1 - $0 }
    #expect(Set(steps).isSubset(of: [5, 6]))
  }

  @Test func largeSlicesBecomeSmaller() {
    let grid = Grid(shape: [400, 200, 2], spacing: [1, 1, 1])
    let image = Volume<Float>(grid: grid, repeating: 20)
    let stack = SliceStack(CaseImages(name: "large", image: image), structures: [])
    #expect(stack.columns == 192 && stack.rows == 96 && stack.slices.count == 2)
  }

  @Test func aStructureThatIsNowhereShowsTheBody() {
    let stack = SliceStack(images(depth: 12, organ: 0..<0), structures: ["liver", "spleen"])
    #expect(stack.slices.count == 12)
    #expect(stack.slices.flatMap(\.contours).isEmpty)
  }

  /// The corners of a path of relative steps.
  private static func points(_ path: String) -> [SIMD2<Int>] {
    var numbers: [Int] = []
    var text = ""
    func finish() {
      if let number = Int(text) { numbers.append(number) }
      text = ""
    }
    for character in path {
      if character == "-" { finish() }
      if character.isNumber || character == "-" { text.append(character) } else { finish() }
    }
    var points: [SIMD2<Int>] = [[numbers[0], numbers[1]]]
    for i in stride(from: 2, to: numbers.count - 1, by: 2) {
      points.append(points.last! &+ [numbers[i], numbers[i + 1]])
    }
    return points
  }
}
