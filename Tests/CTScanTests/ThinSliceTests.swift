import Acquisition
import CTScan
import Support
import Testing
import Volumes

/// Slices much thinner, about as high and thicker than the detector's rows.
@Suite struct ThinSliceTests {
  /// Water is 0 HU whatever the slices. With slices of 0.1 mm, 16 rows of 1.25 mm see hundreds of them.
  @Test(arguments: [("rows16", 0.1, 400), ("rows64", 0.66, 40), ("rows16", 10, 4)])
  func waterIsWater(scanner: String, spacing: Double, slices: Int) throws {
    let grid = Grid(shape: [64, 64, slices], spacing: [3, 3, spacing])
    /// Distance from the axis of a voxel's middle, mm.
    func distance(_ x: Int, _ y: Int) -> Double {
      let (x, y) = (3 * (Double(x) - 31.5), 3 * (Double(y) - 31.5))
      return (x * x + y * y).squareRoot()
    }
    var body = Volume<Float>(grid: grid, repeating: -1000)
    for y in 0..<64 {
      for x in 0..<64 where distance(x, y) < 80 {
        for z in 0..<slices { body[x, y, z] = 0 }
      }
    }
    // Few slices of the middle are enough to look at.
    let seen = min(slices, 8)
    let first = (slices - seen) / 2
    let image = try CTSimulator(scanner: .load(scanner), scanProtocol: ScanProtocol(name: "test"))
      .scan(
        body, onto: grid.padded(before: [0, 0, -first], after: [0, 0, first + seen - slices]),
        noiseless: true, stream: RandomStream(seed: 1), workers: Workers())
    var sum = 0.0
    var count = 0
    for y in 0..<64 {
      for x in 0..<64 where distance(x, y) < 70 {
        for z in 0..<seen {
          #expect(abs(image[x, y, z]) < 30, "\(image[x, y, z]) HU at \(x), \(y), \(z)")
          sum += Double(image[x, y, z])
          count += 1
        }
      }
    }
    #expect(abs(sum / Double(count)) < 1, "mean \(sum / Double(count)) HU")
  }
}
