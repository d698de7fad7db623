import Support
import Testing
@testable import Anatomy

/// A block of muscle with an airway through it.
@Suite struct FatPlanesTests {
  private func divided(seed: UInt64) -> (canvas: Canvas, planes: FatPlanes) {
    var canvas = Canvas(
      shape: [100, 90, 80], spacing: [1, 1, 1], origin: [-50, -45, -40],
      workers: Workers(count: 2))
    let muscle = canvas.value("muscle")
    let airway = canvas.value("airway")
    for index in canvas.values.indices { canvas.values[index] = muscle }
    canvas.paint(
      Solid(adds: [Ellipsoid(center: [0, 0, 0], radii: [10, 10, 30], squareness: 0)]), as: airway,
      onto: [Bool](repeating: true, count: 256))
    let planes = FatPlanes(canvas, stream: RandomStream(seed: seed))
    planes.paint(into: &canvas)
    return (canvas, planes)
  }

  private func count(_ name: String, _ canvas: Canvas) -> Int {
    let wanted = canvas.table { $0 == name }
    return canvas.values.reduce(0) { $0 + (wanted[Int($1)] ? 1 : 0) }
  }

  @Test func onlyMuscleIsDivided() {
    var plain = divided(seed: 1).canvas
    let before = plain.value("airway")
    let airways = plain.values.map { $0 == before }
    for seed in 2...4 as ClosedRange<UInt64> {
      var other = divided(seed: seed).canvas
      let airway = other.value("airway")
      #expect(other.values.map { $0 == airway } == airways)
    }
  }

  /// Cells of size c cut by sheets of thickness t lose at least what squares of that size would to two
  /// families of sheets, 2 t / c less their crossings, and no more than twice that: a Voronoi tessellation of
  /// the plane has sides of 2 / c a unit of area, and jitter and sheets across z add to it.
  @Test(arguments: 1...6 as ClosedRange<UInt64>) func fatFollowsThicknessAndCells(seed: UInt64) {
    let (canvas, planes) = divided(seed: seed)
    let fat = Double(count("intermuscular_fat", canvas))
    let share = fat / (fat + Double(count("muscle", canvas)))
    let expected = 2 * Double(planes.thickness / planes.cell.x)
    #expect(share > 0.6 * expected && share < 2 * expected, "\(share) for \(expected)")
  }

  @Test func sheetsAreThinAndDoNotReachTheSeeds() {
    let (canvas, planes) = divided(seed: 3)
    let muscle = canvas.table { $0 == "muscle" }
    // Most neighbours of muscle are muscle: bellies hang together.
    var (same, all) = (0, 0)
    for y in 0..<90 {
      for x in 0..<99 {
        for z in stride(from: 0, to: 80, by: 7) {
          let here = canvas.values[(y * 100 + x) * 80 + z]
          guard muscle[Int(here)] else { continue }
          all += 1
          if canvas.values[(y * 100 + x + 1) * 80 + z] == here { same += 1 }
        }
      }
    }
    #expect(Double(same) > 0.8 * Double(all))
    #expect(planes.thickness < planes.cell.x / 4)
  }

  @Test func sameStreamSamePlanes() {
    #expect(divided(seed: 9).canvas.values == divided(seed: 9).canvas.values)
    #expect(divided(seed: 9).canvas.values != divided(seed: 10).canvas.values)
  }
}
