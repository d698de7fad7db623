import Support
import TestSupport
import Testing
import Volumes

@Suite struct MorphologyTests {
  let workers = Workers(count: 2)
  let grid = Grid(shape: [30, 26, 18], spacing: [1, 1.2, 2.5])

  var noise: Mask { .randomMask(on: grid, seed: 3, share: 0.4) }

  @Test func aPointDilatesToABall() {
    var point = Mask(grid: grid, repeating: 0)
    point[15, 13, 9] = 1
    let ball = point.dilated(by: 5, workers: workers)
    // Exactly 5 mm away along x and z lies within, 6 voxels of 1 mm do not.
    #expect(ball[20, 13, 9] == 1 && ball[21, 13, 9] == 0)
    #expect(ball[15, 13, 11] == 1 && ball[15, 13, 12] == 0)
    #expect(ball[15, 17, 9] == 1 && ball[15, 18, 9] == 0)
    #expect(ball.eroded(by: 5, workers: workers) == point)
  }

  @Test func erosionIsDilationOfTheOutside() {
    let eroded = noise.eroded(by: 1.3, workers: workers)
    let outside = noise.inverted.dilated(by: 1.3, workers: workers)
    #expect(eroded == outside.inverted)
  }

  @Test func openingAndClosingAreIdempotentAndOrdered() {
    let opened = noise.opened(by: 1.3, workers: workers)
    let closed = noise.closed(by: 1.3, workers: workers)
    #expect(opened.subtracting(noise).isEmpty, "an opening adds nothing")
    #expect(noise.subtracting(closed).isEmpty, "a closing takes nothing")
    #expect(opened.opened(by: 1.3, workers: workers) == opened)
    #expect(closed.closed(by: 1.3, workers: workers) == closed)
  }

  @Test func theBorderNeitherErodesNorCloses() {
    let full = Mask(grid: grid, repeating: 1)
    #expect(full.eroded(by: 4, workers: workers) == full)
    var point = Mask(grid: grid, repeating: 0)
    point[1, 13, 9] = 1
    #expect(point.closed(by: 4, workers: workers) == point)
  }

  @Test func emptyMasksStayEmpty() {
    let empty = Mask(grid: grid, repeating: 0)
    #expect(empty.dilated(by: 3, workers: workers) == empty)
    #expect(empty.closed(by: 3, workers: workers) == empty)
    #expect(empty.largestComponent() == empty)
    #expect(empty.holesFilled(workers: workers) == empty)
    #expect(BoundingBox(of: empty, workers: workers) == nil)
  }

  @Test func aTubeIsAHoleInSlicesOnly() {
    var mask = Mask(grid: grid, repeating: 0)
    for y in 5...15 {
      for x in 5...15 {
        for z in 0..<grid.shape.z where !(x == 10 && y == 10) { mask[x, y, z] = 1 }
      }
    }
    #expect(mask.holesFilled(workers: workers) == mask, "open at both ends")
    let filled = mask.sliceHolesFilled(workers: workers)
    #expect(filled.voxelCount == mask.voxelCount + grid.shape.z)
    mask[10, 10, 0] = 1
    mask[10, 10, grid.shape.z - 1] = 1
    #expect(mask.holesFilled(workers: workers) == filled)
  }

  @Test func aSpiralIsFloodedToItsCentre() {
    // A double spiral of walls: the flood must go round and round.
    let grid = Grid(shape: [31, 31, 2], spacing: [1, 1, 1])
    var mask = Mask(grid: grid, repeating: 0)
    var (x, y, length) = (15, 15, 2)
    for (turn, step) in (0..<20).map({ ($0, [(1, 0), (0, 1), (-1, 0), (0, -1)][$0 % 4]) }) {
      for _ in 0..<length where grid.contains(x + step.0, y + step.1, 0) {
        (x, y) = (x + step.0, y + step.1)
        mask[x, y, 0] = 1
      }
      if turn % 2 == 1 { length += 2 }
    }
    #expect(mask.sliceHolesFilled(workers: workers) == mask, "a spiral encloses nothing")
  }

  @Test func componentsByFacesAndCorners() {
    var mask = Mask(grid: Grid(shape: [5, 5, 5], spacing: [1, 1, 1]), repeating: 0)
    mask[0, 0, 0] = 1
    mask[1, 1, 1] = 1
    mask[1, 1, 2] = 1
    mask[4, 0, 4] = 1
    let faces = ConnectedComponents(of: mask)
    #expect(faces.voxelCounts.sorted() == [1, 1, 2])
    #expect(ConnectedComponents(of: mask, connectivity: .corners).voxelCounts.sorted() == [1, 3])
    #expect(faces.largest.voxelCount == 2 && faces.largest[1, 1, 1] == 1)
    #expect(faces.mask { _, voxels in voxels < 2 }.voxelCount == 2)
  }
}
